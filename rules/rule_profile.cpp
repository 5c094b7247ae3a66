#include "rules/rule_profile.h"

#include <algorithm>
#include <cmath>

namespace tallymill {
namespace {

/// A score is a number, which has no texts to look at.
bool gives_one_text(RuleKind kind) {
  return kind != RuleKind::check && kind != RuleKind::transform && kind != RuleKind::score;
}

}  // namespace

/// Rows to which value rules gave something, and whether those that give one text gave two. Texts
/// of one Lua state are equal where their addresses are, and mostly they are.
void RuleProfile::add_values(const ChunkResult& result, std::size_t rows,
                             std::vector<Counts>& counts) const {
  const auto count = static_cast<std::ptrdiff_t>(rows);
  std::size_t first = 0;
  for (std::size_t rule = 0; rule < counts.size(); ++rule) {
    const std::size_t end = first + plan_.rules[rule].outputs.size();
    std::vector<std::uint8_t> nothing = result.outputs[first].is_null;
    if (plan_.kind == RuleKind::transform)
      for (std::size_t i = first + 1; i < end; ++i)
        for (std::size_t row = 0; row < rows; ++row) nothing[row] &= result.outputs[i].is_null[row];
    counts[rule].hits = std::count(nothing.begin(), nothing.begin() + count, std::uint8_t{0});
    if (gives_one_text(plan_.kind)) find_variety(result.outputs[first], rows, counts[rule]);
    first = end;
  }
}

void RuleProfile::find_variety(const OutputColumn& output, std::size_t rows, Counts& counts) {
  const char* known = nullptr;
  for (std::size_t row = 0; row < rows && !counts.varies; ++row) {
    if (output.is_null[row] != 0 || output.texts[row].data() == known) continue;
    known = output.texts[row].data();
    if (!counts.has_first) counts.first = output.texts[row];
    counts.varies = counts.first != output.texts[row];
    counts.has_first = true;
  }
}

void RuleProfile::add(const ChunkResult& result, std::size_t rows, std::int64_t ns) {
  std::vector<Counts> counts(plan_.rules.size());
  for (const Finding& finding : result.findings) {
    Counts& count = counts[finding.rule];
    if (finding.state == Verdict::State::error)
      ++count.errors;
    else if (finding.state == Verdict::State::not_applicable)
      ++count.not_applicable;
    else
      ++count.hits;
  }
  if (plan_.kind != RuleKind::check) add_values(result, rows, counts);
  const std::lock_guard lock(mutex_);
  rows_ += static_cast<std::int64_t>(rows);
  ns_ += ns;
  for (std::size_t rule = 0; rule < counts.size(); ++rule) {
    Counts& sum = counts_[rule];
    Counts& more = counts[rule];
    sum.hits += more.hits;
    sum.not_applicable += more.not_applicable;
    sum.errors += more.errors;
    sum.varies =
        sum.varies || more.varies || (sum.has_first && more.has_first && sum.first != more.first);
    if (!sum.has_first && more.has_first) sum.first = std::move(more.first);
    sum.has_first = sum.has_first || more.has_first;
  }
}

bool RuleProfile::is_empty() const {
  const std::lock_guard lock(mutex_);
  return rows_ == 0;
}

/// What looks as if the rule, or the data it is given, were not what its author meant.
std::string RuleProfile::note_of(const Counts& counts) const {
  const std::int64_t judged = rows_ - counts.not_applicable - counts.errors;
  const bool is_check = plan_.kind == RuleKind::check;
  if (judged == 0) return "judged no row";
  if (counts.hits == 0) return is_check ? "never fired" : "never gave anything";
  if (is_check && counts.hits == judged) return "fired on every row";
  if (gives_one_text(plan_.kind) && counts.hits == judged && !counts.varies)
    return "gave every row the same";
  return "";
}

json::object RuleProfile::to_json(LuaMode mode) const {
  const std::lock_guard lock(mutex_);
  json::array rules;
  for (std::size_t rule = 0; rule < counts_.size(); ++rule) {
    const Counts& count = counts_[rule];
    rules.push_back({{"rule", plan_.rules[rule].rule->source.key()},
                     {"file", plan_.rules[rule].rule->info.file},
                     {"hits", count.hits},
                     {"not_applicable", count.not_applicable},
                     {"errors", count.errors},
                     {"note", note_of(count)}});
  }
  const double ns_per_row =
      static_cast<double>(ns_) / static_cast<double>(std::max<std::int64_t>(rows_, 1));
  return {{"kind", to_string(plan_.kind)},
          {"mode", mode == LuaMode::compiled ? "compiled" : "interpreted"},
          {"rows", rows_},
          {"cpu_ns", ns_},
          {"ns_per_row", std::round(ns_per_row * 10) / 10},
          {"rows_per_second", static_cast<std::int64_t>(ns_per_row > 0 ? 1e9 / ns_per_row : 0)},
          {"rules", std::move(rules)}};
}

}  // namespace tallymill
