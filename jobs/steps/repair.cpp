#include "core/money.h"
#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

constexpr int kScale = 6;
constexpr std::int64_t kOne = 1'000'000;

std::string shown(const Column& column, const std::string& value) {
  const std::string text = "CAST(" + value + " AS VARCHAR)";
  if (!column.sensitive) return text;
  return "CASE WHEN " + value + " IS NOT NULL THEN " + quote_literal(kMaskedValue) + " END";
}

/// Where rows that share a key should share a value, the value of the great majority is proposed
/// for the others.
class Repair final : public Step {
 public:
  explicit Repair(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto column = flow.column(options_.text("column"), options_.position("column"));
    const auto confidence = share(flow);
    std::vector<std::string> key;
    for (const std::string& name : options_.columns("key")) {
      if (!flow.column(name, options_.position("key"))) return;
      key.push_back(quote_identifier(name));
    }
    if (!column || !confidence) return;
    if (std::int64_t support = options_.integer("support", 2); support < 1) {
      flow.context().diagnostics().error(options_.position("support"),
                                         "'support' must be at least 1 row");
      return;
    }
    propose(flow, *column, key, *confidence);
  }

 private:
  /// In millionths. Above a half, so that no key has two majorities.
  std::optional<std::int64_t> share(CleanseFlow& flow) const {
    const std::string text = options_.text("confidence", "0.8");
    const Parsed<Int128> parsed = parse_decimal(text, 18, kScale, true);
    if (parsed && parsed.value > kOne / 2 && parsed.value <= kOne)
      return static_cast<std::int64_t>(parsed.value);
    flow.context().diagnostics().error(
        options_.position("confidence"),
        "'confidence' must be more than 0.5 and at most 1, got '" + text + "'");
    return std::nullopt;
  }

  void propose(CleanseFlow& flow, const Column& column, const std::vector<std::string>& key,
               std::int64_t confidence) const {
    const std::string name = quote_identifier(column.name);
    const std::string keys = join(key, ", ");
    const std::string value =
        flow.keep("CASE WHEN NOT " + flow.is_marked() + " THEN " + name + " END");
    const std::string counts =
        flow.keep("{'same': count(" + value + ") OVER (PARTITION BY " + keys + ", " + value +
                  "), 'all': count(" + value + ") OVER (PARTITION BY " + keys + ")}");
    const std::string same = "struct_extract(" + counts + ", 'same')";
    const std::string all = "struct_extract(" + counts + ", 'all')";
    const std::string best =
        flow.keep("first_value({'value': " + value + ", 'support': " + same +
                  "}) OVER (PARTITION BY " + keys + " ORDER BY " + same + " DESC, " + value +
                  " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)");
    const std::string proposed = "struct_extract(" + best + ", 'value')";
    const std::string support = "struct_extract(" + best + ", 'support')";
    const std::string is_proposed =
        flow.keep(join(key, " IS NOT NULL AND ") + " IS NOT NULL AND NOT " + flow.is_marked() +
                  " AND " + support + " >= " + std::to_string(options_.integer("support", 2)) +
                  " AND " + support + " * " + std::to_string(kOne) + " >= " + all + " * " +
                  std::to_string(confidence) + " AND " + name + " IS DISTINCT FROM " + proposed);
    const std::string before = flow.keep(name);
    const bool is_applied = options_.boolean("apply", false);
    flow.note({.evidence = "proposals",
               .condition = is_proposed,
               .fields = {{"column", quote_literal(column.name)},
                          {"before", shown(column, before)},
                          {"proposed", shown(column, proposed)},
                          {"support", "CAST(" + support + " AS VARCHAR)"},
                          {"of", "CAST(" + all + " AS VARCHAR)"},
                          {"applied", quote_literal(is_applied ? "yes" : "no")}}});
    if (is_applied)
      flow.set(column, "CASE WHEN " + is_proposed + " THEN " + proposed + " ELSE " + name + " END");
    flow.store_rows();
  }

  Options options_;
};

}  // namespace

void register_repair(Registry<StepType>& steps) {
  steps.add({
      .name = "repair",
      .summary = "Proposes the value of the majority where rows of one key should have one value.",
      .options = {{.name = "key",
                   .kind = OptionKind::columns,
                   .summary = "Rows equal in these should have one value.",
                   .required = true},
                  {.name = "column",
                   .kind = OptionKind::column,
                   .summary = "The column that follows from the key.",
                   .required = true},
                  {.name = "confidence",
                   .kind = OptionKind::ratio,
                   .summary = "Share of the key's values that must agree, more than a half.",
                   .default_text = "0.8"},
                  {.name = "support",
                   .kind = OptionKind::integer,
                   .summary = "Rows that must agree.",
                   .default_text = "2"},
                  {.name = "apply",
                   .kind = OptionKind::boolean,
                   .summary = "Write the proposals into the rows, too.",
                   .default_text = "false"}},
      .is_idempotent = true,
      .notes = [](const Options&) { return std::vector<std::string>{"proposals"}; },
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Repair>(options);
      },
  });
}

}  // namespace tallymill
