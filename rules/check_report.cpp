#include "rules/check_report.h"

#include "core/money.h"
#include "core/text.h"
#include "datasets/type.h"

namespace tallymill {
namespace {

constexpr int kRatioScale = 9;
constexpr Int128 kWhole = 1'000'000'000;

/// An amount of few rows is as good as a cell of a sensitive column.
std::string amount_text(const PlannedCheck& check, const CheckMeasures& measures) {
  if (check.is_masked) return std::string(kMaskedValue);
  return format_decimal(measures.failed_amount, check.amount->scale);
}

std::string rows_text(std::int64_t rows) {
  return group_digits(rows) + (rows == 1 ? " row" : " rows");
}

/// What a failing key is called; empty: it is not told.
std::string key_noun(const CheckPlan& plan) {
  if (std::holds_alternative<RepeatedKey>(plan.fails)) return "repeated key";
  const auto* keys = std::get_if<FailingKeys>(&plan.fails);
  return keys == nullptr ? "" : keys->noun;
}

/// Whether the amount of the failing rows is within its limits. How much a row without amount
/// matters is not known, so it is not tolerated.
bool tolerates_amount(const PlannedCheck& check, const CheckMeasures& measures) {
  if (!check.amount || measures.rows_failed == 0) return true;
  const AmountLimit& limit = *check.amount;
  if (measures.failed_without_amount > 0) return false;
  if (limit.most && measures.failed_amount > *limit.most) return false;
  if (!limit.ratio) return true;
  // failed * 10^9 <= checked * ratio, in parts: the product of a sum and 10^9 may not fit.
  const Int128 whole = measures.checked_amount / kWhole;
  const Int128 rest = measures.checked_amount % kWhole;
  return measures.failed_amount <= whole * *limit.ratio + rest * *limit.ratio / kWhole;
}

const KeysOnlyThere* only_there(const CheckPlan& plan) {
  const auto* keys = std::get_if<FailingKeys>(&plan.fails);
  return keys == nullptr || !keys->only_there ? nullptr : &*keys->only_there;
}

/// What only the other dataset has. A group is never tolerated: it is no share of the rows here.
void judge_missing(const PlannedCheck& check, const CheckMeasures& measures,
                   CheckJudgement& judgement) {
  const KeysOnlyThere* there = only_there(check.plan);
  if (there == nullptr || measures.missing == 0) return;
  const std::string noun = key_noun(check.plan);
  judgement.observed += ", " + group_digits(measures.missing) + " " +
                        (noun.empty() ? "row" : noun) + (measures.missing == 1 ? "" : "s") +
                        " of " + there->dataset + " missing here";
  if (!there->is_tolerable || measures.rows_checked == 0 ||
      !check.settings().tolerates_missing(measures.missing, measures.rows_checked))
    judgement.verdict = CheckVerdict::fail;
}

CheckJudgement judge_rows(const PlannedCheck& check, const CheckMeasures& measures) {
  CheckJudgement judgement;
  if (measures.rows_checked > 0) {
    const bool passes = check.settings().tolerates(measures.rows_failed, measures.rows_checked) &&
                        tolerates_amount(check, measures);
    judgement.verdict = passes ? CheckVerdict::pass : CheckVerdict::fail;
  }
  judgement.observed =
      group_digits(measures.rows_failed) + " of " + rows_text(measures.rows_checked) + " failed";
  const std::string noun = key_noun(check.plan);
  if (measures.failed_keys > 0 && !noun.empty())
    judgement.observed += " (" + group_digits(measures.failed_keys) + " " + noun +
                          (measures.failed_keys == 1 ? ")" : "s)");
  if (measures.rule_errors > 0)
    judgement.observed += " (the rule raised on " + group_digits(measures.rule_errors) + ")";
  if (check.settings().rejects() && measures.rows_failed > 0) judgement.observed += " and left";
  if (measures.rows_warned > 0)
    judgement.observed += ", " + group_digits(measures.rows_warned) + " warned";
  if (check.amount && measures.rows_failed > 0) {
    judgement.observed += ", " + check.amount->column + " " + amount_text(check, measures);
    if (measures.failed_without_amount > 0)
      judgement.observed += " and " + rows_text(measures.failed_without_amount) + " without";
  }
  judge_missing(check, measures, judgement);
  check.check->check->amend(measures, judgement);
  return judgement;
}

std::string tolerance_text(const PlannedCheck& check) {
  const CheckSettings& settings = check.settings();
  if (settings.expect_failed)
    return " (expected to fail: exactly " + rows_text(*settings.expect_failed) + ")";
  std::vector<std::string> limits;
  if (settings.has_max_failed) limits.push_back(rows_text(settings.max_failed));
  if (settings.max_ratio)
    limits.push_back("a share of " + exact_ratio(*settings.max_ratio, std::int64_t{kWhole}));
  if (check.amount && check.amount->most)
    limits.push_back(check.amount->column + " " +
                     format_decimal(*check.amount->most, check.amount->scale));
  if (check.amount && check.amount->ratio)
    limits.push_back("a share of " + exact_ratio(*check.amount->ratio, std::int64_t{kWhole}) +
                     " of " + check.amount->column);
  return limits.empty() ? "" : " (tolerated: " + join(limits, " and ") + ")";
}

/// The one writer of sentences about checks.
std::string sentence(const CheckResult& result, const PlannedCheck& check) {
  if (result.verdict == CheckVerdict::not_applicable && result.rows_checked == 0)
    return result.name + ": no row to judge, " + rows_text(result.rows_not_applicable) +
           " not applicable; expected " + result.expected;
  return result.name + ": " + result.observed + "; expected " + result.expected +
         tolerance_text(check);
}

}  // namespace

CheckResult judge(const PlannedCheck& check, const CheckMeasures& measures) {
  const CheckSettings& settings = check.settings();
  const bool is_whole = std::holds_alternative<WholeDataset>(check.plan.fails);
  CheckJudgement judgement =
      is_whole ? check.check->check->judge(measures) : judge_rows(check, measures);
  if (is_whole && check.is_masked) {
    // An aggregate of few rows is as good as a cell.
    judgement.observed = kMaskedValue;
    judgement.expected.clear();
  }
  CheckResult result;
  result.name = settings.name;
  result.check = settings.type;
  result.columns = check.plan.columns;
  result.severity = settings.severity;
  result.rejects = settings.rejects();
  result.verdict = judgement.verdict;
  result.rows_checked = measures.rows_checked;
  result.rows_failed = measures.rows_failed;
  result.rows_warned = measures.rows_warned;
  result.rows_not_applicable = measures.rows - measures.rows_checked;
  if (!is_whole && measures.rows_checked > 0)
    result.ratio = exact_ratio(measures.rows_failed, measures.rows_checked);
  result.measured = std::move(judgement.measured);
  result.observed = std::move(judgement.observed);
  result.expected = judgement.expected.empty() ? check.plan.expected : judgement.expected;
  if (only_there(check.plan) != nullptr) result.missing = measures.missing;
  if (check.amount) result.failed_amount = amount_text(check, measures);
  result.message = sentence(result, check);
  return result;
}

std::string exact_ratio(std::int64_t part, std::int64_t whole) {
  const Int128 scaled = Int128{part} * kWhole;
  Int128 units = scaled / whole;
  const Int128 twice = (scaled % whole) * 2;
  if (twice > whole || (twice == whole && units % 2 != 0)) ++units;
  std::string digits = format_decimal(units, kRatioScale);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

json::object CheckResult::to_json() const {
  json::array column_names;
  for (const std::string& column : columns) column_names.emplace_back(column);
  json::array values;
  for (const Value& value : top_values)
    values.push_back(json::object{{"value", value.value}, {"rows", value.rows}});
  json::object object{{"name", name},
                      {"check", check},
                      {"columns", std::move(column_names)},
                      {"severity", to_string(severity)},
                      {"verdict", to_string(verdict)},
                      {"rows_checked", rows_checked},
                      {"rows_failed", rows_failed},
                      {"rows_warned", rows_warned},
                      {"rows_not_applicable", rows_not_applicable},
                      {"ratio", ratio.empty() ? json::value(nullptr) : json::value(ratio)},
                      {"observed", observed},
                      {"expected", expected},
                      {"message", message},
                      {"top_values", std::move(values)}};
  if (measured) object["measured"] = {{"name", measured->first}, {"value", measured->second}};
  if (rejects) object["rows_rejected"] = rows_failed;
  if (missing) object["missing_here"] = *missing;
  if (!failed_amount.empty()) object["failed_amount"] = failed_amount;
  return object;
}

}  // namespace tallymill
