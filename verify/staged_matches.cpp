#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/error.h"
#include "verify/class_sums.h"
#include "verify/matches.h"
#include "verify/sides.h"
#include "verify/verdict.h"

namespace tallymill::verify {
namespace {

const std::string kRows = "every row of both sides is in one match or break, with its amount";
const std::string kSums = "the sums of a match agree within its tolerance";
const std::string kStages = "every stage of the statement has the rows and sums of its matches";

/// An amount and the number of its currency.
struct Amount {
  Int128 units = 0;
  std::uint32_t currency = 0;
  friend bool operator==(const Amount&, const Amount&) = default;
};

/// Where a row is told of.
struct Placed {
  Amount amount;
  std::string where;  ///< the match group, or the break's id
  std::int64_t line = 0;
  const std::string* file = nullptr;
  const RecordedVersion* version = nullptr;
};

/// Rows of one id: one, or where ids are those of several periods or datasets some.
struct RowsOfId {
  std::vector<Placed> placed;
  std::vector<Amount> read;  ///< amounts that the side has
};

struct Group {
  std::string stage;
  std::string cardinality;
  std::array<std::int64_t, 2> rows{};
  std::array<Int128, 2> sum{};
  std::uint32_t currency = 0;
  Int128 drift = 0;
  std::optional<Int128> tolerance = {};
  std::int64_t line = 0;
  std::string file = {};
};

class StagedCheck {
 public:
  StagedCheck(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
              const RecordedVersion& matches, Proof& proof)
      : engine_(engine),
        job_(job),
        breaks_(breaks),
        matches_(matches),
        proof_(proof),
        scale_(scale_of_breaks(row_shape(breaks.folder).schema)),
        sides_{Side(job, "left", scale_), Side(job, "right", scale_)} {}

  void check() {
    read_matches();
    read_breaks();
    judge_groups();
    for (const Side& side : sides_)
      if (const std::string unknown = side.unknown(); !unknown.empty())
        return proof_.leaves_out("the amounts of rows: " + unknown);
    for (std::size_t which = 0; which < sides_.size(); ++which) read_side(sides_[which], which);
    judge_left_over();
    judge_stages();
    if (has_breaks_)
      proof_.leaves_out("what breaks say beside their rows and amounts: cause, nearest candidate");
    check_verdict(engine_, job_, breaks_, read_, scale_, proof_);
  }

 private:
  std::string shown(Int128 units) const { return format_decimal(units, scale_); }
  std::string shown(const Amount& amount) const {
    const std::string& currency = currencies_.name(amount.currency);
    return (currency.empty() ? "" : currency + " ") + shown(amount.units);
  }

  /// `names`, and the currency where the job tells it.
  std::vector<Column> columns_of(const RecordedVersion& version,
                                 std::vector<std::string> names) const {
    if (sides_[0].tells_currency()) names.emplace_back("currency");
    return columns_named(row_shape(version.folder).schema, names, version.dataset);
  }
  /// `place`: the column behind the named ones.
  std::uint32_t currency_of(const Row& row, std::size_t place) {
    const bool has_one = sides_[0].tells_currency() && !row.is_null(place);
    return currencies_.number_of(has_one ? row.text(place) : std::string_view());
  }

  void fail(const RecordedVersion& version, const std::string& file, std::int64_t line,
            const std::string& identity, std::string expected, std::string found) {
    proof_.fails({.dataset = version.dataset,
                  .file = file,
                  .line = line,
                  .identity = identity,
                  .expected = std::move(expected),
                  .found = std::move(found)});
  }

  void place(std::size_t side, const Row& row, const std::string& id, Amount amount,
             const std::string& where, const RecordedVersion& version) {
    rows_[side][id].placed.push_back(
        {amount, where, row.line(), &*files_.emplace(row.file()).first, &version});
  }

  void read_matches() {
    const std::vector<Column> columns = columns_of(
        matches_,
        {"match_group_id", "stage", "cardinality", "side", "row", "amount", "drift", "tolerance"});
    read_rows(engine_, matches_, columns, {}, [&](const Row& row) {
      const std::size_t side = row.text(3) == kSideNames[0] ? 0 : 1;
      const std::string id(row.text(0));
      const Int128 amount = row.is_null(5) ? 0 : row.units(5);
      Group& group = groups_[id];
      const bool is_first = group.line == 0;
      const Int128 drift = row.is_null(6) ? 0 : row.units(6);
      const std::uint32_t currency = currency_of(row, 8);
      if (is_first) {
        group = {.stage = std::string(row.text(1)),
                 .cardinality = std::string(row.text(2)),
                 .currency = currency,
                 .drift = drift,
                 .tolerance = row.is_null(7) ? std::nullopt : std::optional(row.units(7)),
                 .line = row.line(),
                 .file = std::string(row.file())};
      } else if (group.stage != row.text(1) || group.cardinality != row.text(2) ||
                 group.drift != drift || group.currency != currency ||
                 group.tolerance != (row.is_null(7) ? std::nullopt : std::optional(row.units(7)))) {
        fail(matches_, std::string(row.file()), row.line(), kSums,
             "what the other rows of match " + id + " say of it", "something else");
      }
      ++group.rows[side];
      group.sum[side] += amount;
      place(side, row, row.is_null(4) ? std::string() : std::string(row.text(4)),
            {amount, currency}, "match " + id, matches_);
    });
  }

  void read_breaks() {
    const std::vector<Column> columns =
        columns_of(breaks_, {"break_id", "left_amount", "right_amount", "left_rows", "row"});
    read_rows(engine_, breaks_, columns, {}, [&](const Row& row) {
      has_breaks_ = true;
      const std::size_t side = row.units(3) > 0 ? 0 : 1;
      const std::size_t amount = side == 0 ? 1 : 2;
      place(side, row, row.is_null(4) ? std::string() : std::string(row.text(4)),
            {row.is_null(amount) ? 0 : row.units(amount), currency_of(row, 5)},
            "break " + std::string(row.text(0)), breaks_);
    });
  }

  void judge_groups() {
    for (const auto& [id, group] : groups_) {
      const Int128 drift = group.sum[0] - group.sum[1];
      const Int128 size = drift < 0 ? -drift : drift;
      const std::string cardinality =
          std::to_string(group.rows[0]) + ":" + std::to_string(group.rows[1]);
      if (drift == group.drift && size <= group.tolerance.value_or(0) &&
          cardinality == group.cardinality)
        continue;
      fail(matches_, group.file, group.line, kSums,
           "match " + id + ": " + group.cardinality + ", drift " + shown(group.drift) + " within " +
               shown(group.tolerance.value_or(0)),
           cardinality + ", drift " + shown(drift));
    }
    proof_.looked_at(kSums, static_cast<std::int64_t>(groups_.size()));
  }

  /// Rows that are in neither must be those of the first exact stage, which are only counted.
  void read_side(const Side& side, std::size_t which) {
    CountedSide& read = read_[which];
    read.side = &side;
    side.read(engine_, [&](const SideRow& row) {
      ++read.rows;
      read.amount += row.amount.value_or(0);
      const std::vector<std::size_t> places = side.id_places();
      if (places.size() != 1 || places[0] >= row.columns->size()) {
        knows_ids_ = false;
        return;
      }
      const Amount amount{row.amount.value_or(0), currencies_.number_of(side.currency_of(row))};
      const auto told = rows_[which].find(row.row->shown(places[0]));
      if (told != rows_[which].end())
        told->second.read.push_back(amount);
      else
        count(which, amount);
    });
    proof_.looked_at(kRows, read.rows);
  }

  void count(std::size_t which, const Amount& amount) {
    counted_.add(currencies_.name(amount.currency), which, sides_.size(), 1, amount.units);
  }

  /// Those that are told with their amount agree; of the others the first are held against each
  /// other.
  void judge_rows_of_id(std::size_t which, const std::string& id, RowsOfId& rows) {
    std::erase_if(rows.placed, [&](const Placed& placed) {
      const auto same = std::ranges::find(rows.read, placed.amount);
      if (same == rows.read.end()) return false;
      rows.read.erase(same);
      return true;
    });
    const std::string name = kSideNames[which] + " row " + id;
    for (std::size_t i = 0; i < rows.placed.size(); ++i) {
      const Placed& placed = rows.placed[i];
      const bool is_there = i < rows.read.size();
      proof_.fails(
          {.dataset = placed.version->dataset,
           .file = *placed.file,
           .line = placed.line,
           .identity = kRows,
           .expected = is_there ? name + " with " + shown(rows.read[i]) : "no further " + name,
           .found = shown(placed.amount) + " in " + placed.where});
    }
    for (std::size_t i = rows.placed.size(); i < rows.read.size(); ++i) count(which, rows.read[i]);
  }

  void judge_left_over() {
    if (!knows_ids_) return proof_.leaves_out("row by row: rows have no id of one column");
    for (std::size_t which = 0; which < rows_.size(); ++which)
      for (auto& [id, rows] : rows_[which]) judge_rows_of_id(which, id, rows);
  }

  void judge_stages() {
    if (!job_.ledger.contains("out") || !knows_ids_) return;
    std::map<std::string, ClassSums> stages;
    for (const auto& [id, group] : groups_)
      for (std::size_t side = 0; side < sides_.size(); ++side)
        stages[group.stage].add(currencies_.name(group.currency), side, sides_.size(),
                                group.rows[side], group.sum[side]);
    const ClassTexts texts({"left", "right"}, scale_);
    bool is_first = true;
    for (const json::value& value : job_.ledger.at("out").as_array()) {
      const json::object& entry = value.as_object();
      const std::string name = json_text(entry, "name");
      // The classes of breaks stand behind the stages.
      if (name == "left_only") break;
      const bool is_counted_only = is_first && stages[name].rows == 0;
      texts.compare(job_, entry, is_counted_only ? counted_ : stages[name], kStages, proof_);
      is_first = false;
    }
  }

  inline static const std::array<std::string, 2> kSideNames{"left", "right"};

  Engine& engine_;
  const RecordedJob& job_;
  const RecordedVersion& breaks_;
  const RecordedVersion& matches_;
  Proof& proof_;
  int scale_ = 0;
  std::array<Side, 2> sides_;
  Currencies currencies_ = {};
  bool knows_ids_ = true;
  bool has_breaks_ = false;
  std::array<CountedSide, 2> read_ = {};
  std::array<std::map<std::string, RowsOfId>, 2> rows_;  ///< that are told of, by id
  std::set<std::string> files_;
  std::map<std::string, Group> groups_;
  ClassSums counted_;  ///< rows that only the statement counts
};

}  // namespace

void check_staged_matches(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                          const RecordedVersion& matches, Proof& proof) {
  StagedCheck(engine, job, breaks, matches, proof).check();
}

}  // namespace tallymill::verify
