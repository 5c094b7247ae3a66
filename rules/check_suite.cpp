#include "rules/check_suite.h"

#include <algorithm>
#include <map>

#include "core/money.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr int kRatioScale = 9;
constexpr Int128 kWhole = 1'000'000'000;

const std::vector<OptionSpec>& common_options() {
  static const std::vector<OptionSpec> options{
      {"name", OptionKind::text,
       "Name in results and findings; default: the check and its columns."},
      {"severity",
       OptionKind::choice,
       "Whether a failure counts as an error or is only told.",
       false,
       "error",
       {"error", "warn"}},
      {"on_fail",
       OptionKind::choice,
       "What a failure does: is told, takes the rows out of the job's `into`, keeps consumers from "
       "the dataset, or fails the job as well.",
       false,
       "the job's",
       {"warn", "reject", "block", "fail"}},
      {"where", OptionKind::expression,
       "SQL condition: only rows for which it is true are checked."},
  };
  return options;
}

const std::vector<OptionSpec>& tolerance_options() {
  static const std::vector<OptionSpec> options{
      {"max_failed", OptionKind::integer, "Number of rows that may fail.", false, "0"},
      {"max_ratio", OptionKind::ratio, "Share of the checked rows that may fail.", false, "0"},
      {"amount", OptionKind::column,
       "Integer, money or decimal column that says how much a row matters; its sign does not "
       "count."},
      {"max_failed_amount", OptionKind::text, "Sum of `amount` that may stand in failing rows."},
      {"max_amount_ratio", OptionKind::ratio,
       "Share of the checked rows' amount that may stand in failing rows."},
      {"expect_failed", OptionKind::integer,
       "Number of rows that must fail: the check passes with exactly so many."},
  };
  return options;
}

/// "not_null(user_id)": the check with what it is about, so that two of a kind differ.
std::string default_name(const CheckType& type, const Options& options) {
  for (const OptionSpec& spec : type.options) {
    const bool names_subject = spec.kind == OptionKind::column ||
                               spec.kind == OptionKind::columns ||
                               spec.kind == OptionKind::expression;
    if (names_subject && options.has(spec.name))
      return type.name + "(" + join(options.columns(spec.name), ", ") + ")";
  }
  return type.name;
}

class SuiteLoader {
 public:
  SuiteLoader(const Registry<CheckType>& types, Diagnostics& diagnostics)
      : types_(types), diagnostics_(diagnostics) {}

  void load(YamlNode entry) {
    if (!entry.is_mapping() || entry.size() != 1) {
      diagnostics_.error(entry.position(),
                         "a check must be a mapping with one key, the name of a check, got " +
                             (entry.is_mapping() ? std::to_string(entry.size()) + " keys"
                                                 : "a " + std::string(entry.kind_name())),
                         "write '- not_null: user_id'");
      return;
    }
    const YamlNode key = entry.key(0);
    const CheckType* type = types_.find(key.text());
    if (type == nullptr) {
      const std::string meant = did_you_mean(key.text(), types_.names());
      diagnostics_.error(key.position(), "unknown check '" + std::string(key.text()) + "'",
                         meant.empty() ? "the checks are " + join(types_.names(), ", ") : meant);
      return;
    }
    Diagnostics problems;
    validate_unit_options(entry[0], check_options(*type), type->main, "check '" + type->name + "'",
                          problems);
    diagnostics_.add_all(problems);
    if (problems.has_errors()) return;
    const Options options(entry[0], type->main);
    if (lists_nothing(*type, options, key)) return;
    checks_.push_back({settings(*type, options, key), type->make(options)});
  }

  std::vector<SuiteCheck> take() { return std::move(checks_); }

 private:
  /// A list without values asks nothing, or what nothing can pass.
  bool lists_nothing(const CheckType& type, const Options& options, YamlNode key) {
    for (const OptionSpec& spec : type.options) {
      if (spec.kind != OptionKind::list || !options.has(spec.name)) continue;
      if (!options.list(spec.name).empty()) continue;
      const SourcePosition at = options.position(spec.name);
      diagnostics_.error(at.is_known() ? at : key.position(),
                         "option '" + spec.name + "' of check '" + type.name + "' is an empty list",
                         "list what it is about, or leave the check out");
      return true;
    }
    return false;
  }

  CheckSettings settings(const CheckType& type, const Options& options, YamlNode key) {
    CheckSettings settings;
    settings.type = type.name;
    settings.name = name(type, options);
    settings.position = key.position();
    if (options.text("severity") == "warn") settings.severity = CheckSeverity::warn;
    settings.on_fail = check_action(options);
    settings.on_fail_position = options.position("on_fail");
    settings.where = options.text("where");
    settings.where_position = options.position("where");
    settings.has_max_failed = options.has("max_failed");
    settings.max_failed = options.integer("max_failed");
    if (settings.max_failed < 0)
      diagnostics_.error(options.position("max_failed"),
                         "option 'max_failed' must not be negative");
    settings.max_ratio = ratio(options, "max_ratio");
    if (type.judges_rows) read_amount(options, settings);
    if (type.judges_rows) read_expected(options, settings);
    require_fitting_action(type, options, settings);
    return settings;
  }

  void require_fitting_action(const CheckType& type, const Options& options,
                              const CheckSettings& settings) {
    if (!settings.on_fail || settings.on_fail == CheckAction::warn) return;
    const std::string written = "'on_fail: " + std::string(to_string(*settings.on_fail)) + "'";
    if (settings.severity == CheckSeverity::warn)
      diagnostics_.error(settings.on_fail_position,
                         "'severity: warn' only tells; " + written + " cannot stand beside it",
                         "keep one");
    if (!settings.rejects()) return;
    if (!type.judges_rows)
      diagnostics_.error(settings.on_fail_position,
                         "check '" + type.name +
                             "' judges the dataset as a whole: it has no rows "
                             "to reject",
                         "block or fail");
    if (options.has("expect_failed"))
      diagnostics_.error(
          settings.on_fail_position,
          "'expect_failed' says which rows must fail; " + written + " cannot take them out",
          "keep one");
  }

  static std::optional<std::int64_t> ratio(const Options& options, const char* key) {
    if (!options.has(key)) return std::nullopt;
    return static_cast<std::int64_t>(parse_decimal(options.text(key), 18, kRatioScale, true).value);
  }

  void read_amount(const Options& options, CheckSettings& settings) {
    settings.amount = options.text("amount");
    settings.amount_position = options.position("amount");
    settings.max_failed_amount = options.text("max_failed_amount");
    settings.max_failed_amount_position = options.position("max_failed_amount");
    settings.max_amount_ratio = ratio(options, "max_amount_ratio");
    for (const char* limit : {"max_failed_amount", "max_amount_ratio"})
      if (options.has(limit) && settings.amount.empty())
        diagnostics_.error(options.position(limit),
                           "option '" + std::string(limit) + "' needs 'amount'",
                           "name the column that says how much a row matters");
    if (!settings.amount.empty() && !options.has("max_failed_amount") &&
        !options.has("max_amount_ratio"))
      diagnostics_.error(options.position("amount"),
                         "option 'amount' without a limit changes nothing",
                         "add max_failed_amount or max_amount_ratio");
  }

  void read_expected(const Options& options, CheckSettings& settings) {
    if (!options.has("expect_failed")) return;
    settings.expect_failed = options.integer("expect_failed");
    if (*settings.expect_failed < 0)
      diagnostics_.error(options.position("expect_failed"),
                         "option 'expect_failed' must not be negative");
    for (const char* limit : {"max_failed", "max_ratio", "max_failed_amount", "max_amount_ratio"})
      if (options.has(limit))
        diagnostics_.error(options.position(limit),
                           "'expect_failed' says how many rows fail; '" + std::string(limit) +
                               "' cannot stand beside it",
                           "keep one");
  }

  /// Names identify findings. One that was chosen must be free; a default one is numbered.
  /// (A rule's `name` is the rule.)
  std::string name(const CheckType& type, const Options& options) {
    std::string name = options.text("name");
    if (name.empty()) name = default_name(type, options);
    const int uses = ++uses_[name];
    if (uses == 1) return name;
    const bool is_chosen = options.has("name") && type.main != "name";
    if (is_chosen)
      diagnostics_.error(options.position("name"), "two checks are named '" + name + "'",
                         "rename one");
    return name + " #" + std::to_string(uses);
  }

  const Registry<CheckType>& types_;
  Diagnostics& diagnostics_;
  std::vector<SuiteCheck> checks_;
  std::map<std::string, int> uses_;
};

}  // namespace

std::string_view to_string(CheckAction action) {
  switch (action) {
    case CheckAction::warn:
      return "warn";
    case CheckAction::reject:
      return "reject";
    case CheckAction::block:
      return "block";
    case CheckAction::fail:
      break;
  }
  return "fail";
}

std::optional<CheckAction> check_action(const Options& options) {
  const std::string word = options.text("on_fail");
  for (const CheckAction action :
       {CheckAction::warn, CheckAction::reject, CheckAction::block, CheckAction::fail})
    if (word == to_string(action)) return action;
  return std::nullopt;
}

bool CheckSettings::has_tolerance() const {
  return has_max_failed || max_ratio || !amount.empty() || expect_failed;
}

bool CheckSettings::tolerates(std::int64_t failed, std::int64_t checked) const {
  if (expect_failed) return failed == *expect_failed;
  if (failed == 0) return true;
  if (!has_tolerance()) return rejects();
  if (has_max_failed && failed > max_failed) return false;
  return !max_ratio || Int128{failed} * kWhole <= Int128{checked} * Int128{*max_ratio};
}

bool CheckSettings::tolerates_missing(std::int64_t missing, std::int64_t checked) const {
  if (missing == 0) return true;
  if (!amount.empty()) return false;
  return expect_failed ? missing <= *expect_failed : tolerates(missing, checked);
}

std::vector<OptionSpec> check_options(const CheckType& type) {
  std::vector<OptionSpec> options = type.options;
  const auto add_new = [&](const std::vector<OptionSpec>& more) {
    for (const OptionSpec& option : more)
      if (std::none_of(type.options.begin(), type.options.end(),
                       [&](const OptionSpec& own) { return own.name == option.name; }))
        options.push_back(option);
  };
  add_new(common_options());
  if (type.judges_rows) add_new(tolerance_options());
  return options;
}

json::object check_schema(const CheckType& type) {
  return unit_options_schema(check_options(type), type.main);
}

std::vector<SuiteCheck> load_checks(YamlNode list, const Registry<CheckType>& types,
                                    Diagnostics& diagnostics) {
  if (!list.is_sequence() || list.size() == 0) {
    diagnostics.error(list.position(), "'checks' must list at least one check",
                      "a suite that asks nothing would always pass");
    return {};
  }
  SuiteLoader loader(types, diagnostics);
  for (std::size_t i = 0; i < list.size(); ++i) loader.load(list[i]);
  return loader.take();
}

}  // namespace tallymill
