#include "rules/check_conflicts.h"

#include "core/text.h"

namespace tallymill {
namespace {

using Kind = CheckClaim::Kind;

/// SQL: `value` is what the claim allows.
std::string allows(const CheckClaim& claim, const std::string& value) {
  switch (claim.kind) {
    case Kind::has_value:
      return "true";
    case Kind::is_null:
      return "false";
    case Kind::in_set:
      return value + " in (" + join(claim.values, ", ") + ")";
    case Kind::not_in_set:
      return value + " not in (" + join(claim.values, ", ") + ")";
    case Kind::range:
    case Kind::length:
      break;
  }
  const std::string measured = claim.kind == Kind::length ? "length(" + value + ")" : value;
  std::string sql = "true";
  if (!claim.low.empty())
    sql += " and " + measured + (claim.low_is_in ? " >= " : " > ") + claim.low;
  if (!claim.high.empty())
    sql += " and " + measured + (claim.high_is_in ? " <= " : " < ") + claim.high;
  return sql;
}

/// SQL: the end of one range lies before the beginning of the other; empty if they are open there.
std::string ends_before(const CheckClaim& first, const CheckClaim& second) {
  if (first.high.empty() || second.low.empty()) return {};
  const bool may_touch = first.high_is_in && second.low_is_in;
  return first.high + (may_touch ? " < " : " <= ") + second.low;
}

/// SQL: no value passes both; empty if that cannot be told without data.
std::string contradicts(const CheckClaim& a, const CheckClaim& b) {
  if (a.kind == Kind::is_null || b.kind == Kind::is_null) return a.kind == b.kind ? "" : "true";
  if (b.kind == Kind::in_set && a.kind != Kind::in_set) return contradicts(b, a);
  if (a.kind == Kind::in_set) {
    std::vector<std::string> none;
    for (const std::string& value : a.values) none.push_back("not (" + allows(b, value) + ")");
    return join(none, " and ");
  }
  if (a.kind != b.kind || (a.kind != Kind::range && a.kind != Kind::length)) return {};
  const std::string before = ends_before(a, b);
  const std::string after = ends_before(b, a);
  return before.empty() || after.empty() ? before + after : before + " or " + after;
}

std::string subject_of(const CheckClaim& claim) {
  return claim.number.empty() ? "value of column '" + claim.column + "'" : claim.number;
}

bool is_strict(const PlannedCheck& check) {
  return check.where.empty() && !check.settings().has_tolerance();
}

/// Two claims that may contradict each other.
struct Pair {
  const PlannedCheck* later;
  const PlannedCheck* earlier;
  std::string subject;      ///< "value of column 'net'", "number of rows"
  std::string contradicts;  ///< SQL
};

std::vector<Pair> pairs_of(const PlannedSuite& suite) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < suite.checks.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const PlannedCheck& later = suite.checks[i];
      const PlannedCheck& earlier = suite.checks[j];
      if (!is_strict(later) || !is_strict(earlier)) continue;
      for (const CheckClaim& claim : later.plan.claims)
        for (const CheckClaim& other : earlier.plan.claims)
          if (claim.column == other.column && claim.number == other.number)
            if (std::string sql = contradicts(claim, other); !sql.empty())
              pairs.push_back({&later, &earlier, subject_of(claim), std::move(sql)});
    }
  return pairs;
}

}  // namespace

void report_conflicts(const PlannedSuite& suite, CheckContext& context) {
  const std::vector<Pair> pairs = pairs_of(suite);
  if (pairs.empty()) return;
  std::vector<std::string> asked;
  for (const Pair& pair : pairs) asked.push_back("(" + pair.contradicts + ")");
  const Rows answers = context.engine().query("select " + join(asked, ", "));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (answers.cells[0][i].value_or("") != "true") continue;
    const CheckSettings& later = pairs[i].later->settings();
    const CheckSettings& earlier = pairs[i].earlier->settings();
    context.diagnostics().error(later.position,
                                "no " + pairs[i].subject + " can pass both '" + later.name +
                                    "' and '" + earlier.name + "' (line " +
                                    std::to_string(earlier.position.line) + ")",
                                "change one, or say with `where` which rows it is about");
  }
}

}  // namespace tallymill
