#include "rules/decision_analysis.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <unordered_set>

#include "core/text.h"

namespace tallymill {
namespace {

/// Regions of one kind that are reported; a table with more of them is to be mended first.
constexpr std::size_t kMostReported = 10;
/// Steps of one search: a table of 1,000 plain rows takes some thousand.
constexpr std::int64_t kFuel = 300'000;

using Atoms = std::vector<std::size_t>;
using Box = std::vector<Atoms>;  ///< by axis

bool is_none(const RowBits& rows) {
  return std::all_of(rows.begin(), rows.end(), [](std::uint64_t word) { return word == 0; });
}

bool has(const RowBits& rows, std::size_t row) { return (rows[row / 64] >> (row % 64) & 1U) != 0; }

void keep_only(RowBits& rows, const std::uint64_t* other) {
  for (std::size_t word = 0; word < rows.size(); ++word) rows[word] &= other[word];
}

std::size_t first_of(const RowBits& rows) {
  for (std::size_t word = 0; word < rows.size(); ++word)
    if (rows[word] != 0) return word * 64 + static_cast<std::size_t>(std::countr_zero(rows[word]));
  return rows.size() * 64;
}

/// Looks for a part of a box that none of some rows covers. What was found covered once, for the
/// same rows from the same axis on, is not looked at again.
class GapSearch {
 public:
  GapSearch(const DecisionTable& table, const Box& box) : table_(table), box_(box) {
    covering_.assign(table.inputs.size() + 1, RowBits(table.words(), ~std::uint64_t{0}));
    for (std::size_t axis = table.inputs.size(); axis-- > 0;) {
      covering_[axis] = covering_[axis + 1];
      for (const std::size_t atom : box[axis])
        keep_only(covering_[axis], table.axes[axis].rows(atom));
    }
  }

  /// The first gaps, at most `count`.
  std::vector<Box> find(const RowBits& rows, std::size_t count) {
    count_ = count;
    visit(0, rows);
    return std::move(found_);
  }
  bool is_exhausted() const { return fuel_ <= 0; }

 private:
  /// False: there is a gap, or it is not known.
  bool visit(std::size_t axis, const RowBits& rows) {
    if (is_none(rows)) {
      Box gap = path_;
      for (std::size_t rest = axis; rest < box_.size(); ++rest) gap.push_back(box_[rest]);
      found_.push_back(std::move(gap));
      return false;
    }
    RowBits covering = rows;
    keep_only(covering, covering_[axis].data());
    if (!is_none(covering)) return true;
    std::string key(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof rows[0]);
    key += static_cast<char>(axis);
    if (covered_.contains(key)) return true;
    std::map<RowBits, Atoms> groups;
    for (const std::size_t atom : box_[axis]) {
      RowBits left = rows;
      keep_only(left, table_.axes[axis].rows(atom));
      groups[std::move(left)].push_back(atom);
    }
    bool is_covered = true;
    for (const auto& [left, atoms] : groups) {
      if (--fuel_ <= 0 || found_.size() >= count_) return false;
      path_.push_back(atoms);
      is_covered = visit(axis + 1, left) && is_covered;
      path_.pop_back();
    }
    if (is_covered) covered_.insert(std::move(key));
    return is_covered;
  }

  const DecisionTable& table_;
  const Box& box_;
  std::vector<RowBits> covering_;  ///< by axis: rows that admit the whole box from there on
  std::unordered_set<std::string> covered_;
  std::int64_t fuel_ = kFuel;
  std::size_t count_ = 1;
  Box path_;
  std::vector<Box> found_;
};

class Analysis {
 public:
  Analysis(DecisionTable& table, Diagnostics& diagnostics)
      : table_(table), diagnostics_(diagnostics) {
    for (const DecisionAxis& axis : table.axes) {
      whole_.emplace_back();
      for (std::size_t atom = 0; atom < axis.atoms().size(); ++atom)
        if (!axis.is_outside(atom)) whole_.back().push_back(atom);
    }
    for (std::size_t row = 0; row < table.rows.size(); ++row) boxes_.push_back(box_of(row));
  }

  void run() {
    if (!find_impossible()) return;
    if (table_.hit == HitPolicy::unique || table_.hit == HitPolicy::any) find_overlaps();
    if (table_.hit == HitPolicy::first) find_unreachable();
    if (!table_.otherwise && !table_.says_nothing_otherwise) find_gaps();
  }

 private:
  Box box_of(std::size_t row) const {
    Box box;
    for (std::size_t i = 0; i < table_.axes.size(); ++i) {
      box.emplace_back();
      for (const std::size_t atom : whole_[i])
        if ((table_.axes[i].rows(atom)[row / 64] >> (row % 64) & 1U) != 0)
          box.back().push_back(atom);
    }
    return box;
  }

  bool find_impossible() {
    bool is_sound = true;
    for (std::size_t row = 0; row < table_.rows.size(); ++row)
      for (std::size_t i = 0; i < table_.inputs.size(); ++i)
        if (boxes_[row][i].empty()) {
          diagnostics_.error(table_.rows[row].where,
                             "row " + std::to_string(row + 1) + " never applies: it admits no '" +
                                 table_.inputs[i].name + "' of the domain",
                             impossible_hint(row, i));
          is_sound = false;
        }
    return is_sound;
  }

  std::string impossible_hint(std::size_t row, std::size_t input) const {
    const DecisionInput& of = table_.inputs[input];
    if (!is_text(of.type) || !of.domain || table_.rows[row].conditions[input].texts.empty())
      return {};
    const std::string meant =
        did_you_mean(table_.rows[row].conditions[input].texts.front(), of.domain->texts);
    return meant.empty() ? "the domain is " + join(of.domain->texts, ", ") : meant;
  }

  /// Rows whose boxes meet that of `row`.
  RowBits meeting(std::size_t row) const {
    RowBits rows(table_.words(), ~std::uint64_t{0});
    for (std::size_t i = 0; i < table_.axes.size(); ++i) {
      RowBits any(table_.words());
      for (const std::size_t atom : boxes_[row][i])
        for (std::size_t word = 0; word < any.size(); ++word)
          any[word] |= table_.axes[i].rows(atom)[word];
      keep_only(rows, any.data());
    }
    return rows;
  }

  void find_overlaps() {
    std::size_t found = 0;
    for (std::size_t row = 0; row < table_.rows.size(); ++row) {
      const RowBits rows = meeting(row);
      for (std::size_t other = row + 1; other < table_.rows.size(); ++other) {
        if (!has(rows, other)) continue;
        const bool agree = table_.rows[row].outputs == table_.rows[other].outputs;
        if (table_.hit == HitPolicy::any && agree) continue;
        if (++found <= kMostReported) report_overlap(row, other);
      }
    }
    if (found > kMostReported)
      diagnostics_.error(table_.rows.front().where,
                         std::to_string(found - kMostReported) + " more pairs of rows overlap");
  }

  void report_overlap(std::size_t row, std::size_t other) {
    Box both = boxes_[row];
    for (std::size_t i = 0; i < both.size(); ++i)
      std::erase_if(both[i], [&](std::size_t atom) {
        return std::find(boxes_[other][i].begin(), boxes_[other][i].end(), atom) ==
               boxes_[other][i].end();
      });
    const std::string first = std::to_string(row + 1);
    diagnostics_.error(table_.rows[other].where,
                       "rows " + first + " and " + std::to_string(other + 1) +
                           (table_.hit == HitPolicy::any ? " both apply and say different things "
                                                         : " both apply ") +
                           region_text(both) + "; row " + first + " stands in line " +
                           std::to_string(table_.rows[row].where.line),
                       table_.hit == HitPolicy::any
                           ? "let them say the same, or narrow one of them"
                           : "narrow one of them, or write hit: first to let the first count");
  }

  void find_unreachable() {
    for (std::size_t row = 1; row < table_.rows.size(); ++row) {
      RowBits earlier = meeting(row);
      for (std::size_t other = row; other < table_.rows.size(); ++other)
        earlier[other / 64] &= ~(std::uint64_t{1} << (other % 64));
      for (std::size_t bit = table_.rows.size(); bit < table_.words() * 64; ++bit)
        earlier[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
      if (is_none(earlier)) continue;
      RowBits covering = earlier;
      for (std::size_t i = 0; i < table_.axes.size(); ++i)
        for (const std::size_t atom : boxes_[row][i])
          keep_only(covering, table_.axes[i].rows(atom));
      const std::string subject = "row " + std::to_string(row + 1) + " is never reached: ";
      if (!is_none(covering)) {
        diagnostics_.warning(table_.rows[row].where,
                             subject + "row " + std::to_string(first_of(covering) + 1) +
                                 " before it admits all that it does",
                             "move it up, narrow that row, or remove this one");
        continue;
      }
      GapSearch search(table_, boxes_[row]);
      if (!search.find(earlier, 1).empty() || search.is_exhausted()) continue;
      diagnostics_.warning(
          table_.rows[row].where,
          subject + "rows " + rows_text(earlier) + " before it together admit all that it does",
          "move it up, narrow one of those, or remove this one");
    }
  }

  void find_gaps() {
    GapSearch search(table_, whole_);
    RowBits all(table_.words());
    for (std::size_t row = 0; row < table_.rows.size(); ++row)
      all[row / 64] |= std::uint64_t{1} << (row % 64);
    const std::vector<Box> gaps = search.find(all, kMostReported);
    for (const Box& gap : gaps)
      diagnostics_.error(table_.rows.back().where, "no row applies " + region_text(gap),
                         "add a row for it, or say what follows: otherwise: nothing");
    if (!search.is_exhausted() || !gaps.empty()) return;
    table_.is_proved = false;
    diagnostics_.warning({table_.file, 1, 1, 1},
                         "the table is too tangled to prove that some row always applies",
                         "say what follows otherwise; until then a fact that no row meets is an "
                         "error of its row");
  }

  std::string rows_text(const RowBits& rows) const {
    constexpr std::size_t kShown = 5;
    std::vector<std::string> numbers;
    std::size_t count = 0;
    for (std::size_t row = 0; row < table_.rows.size(); ++row)
      if (has(rows, row) && ++count <= kShown) numbers.push_back(std::to_string(row + 1));
    return join(numbers, ", ") + (count > kShown ? ", ..." : "");
  }

  /// "where amount is [0.00, 3000.00] and grain is 'branch'"; axes that do not matter left out.
  std::string region_text(const Box& box) const {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < box.size(); ++i)
      if (box[i].size() < whole_[i].size() || whole_[i].size() == 1)
        parts.push_back(table_.inputs[i].name + " is " + atoms_text(i, box[i]));
    return parts.empty() ? "whatever the fact" : "where " + join(parts, " and ");
  }

  std::string atoms_text(std::size_t axis, const Atoms& atoms) const {
    constexpr std::size_t kShown = 3;
    const Type& type = table_.inputs[axis].type;
    std::vector<std::string> texts;
    std::vector<Interval> intervals;
    for (const std::size_t atom : atoms) {
      const DecisionAxis::Atom& of = table_.axes[axis].atoms()[atom];
      if (of.kind != DecisionAxis::Atom::Kind::interval)
        texts.push_back(table_.axes[axis].text(atom, type));
      else if (!intervals.empty() && intervals.back().high + 1 == of.interval.low)
        intervals.back().high = of.interval.high;
      else
        intervals.push_back(of.interval);
    }
    for (const Interval& part : intervals) texts.push_back(interval_text(type, part));
    const std::size_t count = texts.size();
    texts.resize(std::min(count, kShown));
    return join(texts, " or ") + (count > kShown ? " or ..." : "");
  }

  DecisionTable& table_;
  Diagnostics& diagnostics_;
  Box whole_;
  std::vector<Box> boxes_;  ///< by row
};

}  // namespace

void analyse(DecisionTable& table, Diagnostics& diagnostics) { Analysis(table, diagnostics).run(); }

}  // namespace tallymill
