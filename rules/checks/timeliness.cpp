#include "core/text.h"
#include "core/time/date.h"
#include "rules/check.h"

namespace tallymill {
namespace {

constexpr std::int64_t kMicrosPerMilli = 1'000;
constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

/// Without `to`, time is measured to the instant the run pinned: no check reads the clock. A date
/// stands for its first instant (UTC), so between two dates whole days are counted.
class Timeliness final : public Check {
 public:
  explicit Timeliness(const Options& options)
      : options_(options), from_(options.text("from")), to_(options.text("to")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const auto from = instant(context, "from", from_);
    const auto to =
        to_.empty() ? std::to_string(context.as_of()) + "::BIGINT" : instant(context, "to", to_);
    if (!from || !to || !is_sound(context)) return plan;
    const std::string elapsed = "(" + *to + " - " + *from + ")";
    const auto micros = [&](const char* option) {
      return std::to_string(options_.duration(option).count() * kMicrosPerMilli);
    };
    plan.columns = {from_};
    if (!to_.empty()) plan.columns.push_back(to_);
    plan.needs = plan.columns;
    plan.fails = RowCondition{elapsed + " < " + (options_.has("min") ? micros("min") : "0")};
    if (options_.has("max"))
      std::get<RowCondition>(plan.fails).fails += " or " + elapsed + " > " + micros("max");
    plan.expected = (to_.empty() ? format_timestamp(context.as_of()) : to_) + " at least " +
                    format_duration(options_.duration("min"));
    if (options_.has("max"))
      plan.expected += " and at most " + format_duration(options_.duration("max"));
    plan.expected += " after " + from_;
    return plan;
  }

 private:
  /// SQL of a column's instant in microseconds.
  std::optional<std::string> instant(CheckContext& context, const char* option,
                                     const std::string& name) const {
    const Column* column = context.column(name, options_.position(option));
    if (column == nullptr) return std::nullopt;
    const std::string cell = quote_identifier(name);
    if (column->type.kind == TypeKind::timestamp) return "epoch_us(" + cell + ")";
    if (column->type.kind == TypeKind::date)
      return "datediff('day', DATE '1970-01-01', " + cell + ") * " + std::to_string(kMicrosPerDay);
    context.diagnostics().error(options_.position(option),
                                "column '" + name + "' is " + column->type.name() +
                                    "; timeliness takes a date or a timestamp");
    return std::nullopt;
  }

  bool is_sound(CheckContext& context) const {
    if (!options_.has("max") || options_.duration("max") >= options_.duration("min")) return true;
    context.diagnostics().error(options_.position("max"),
                                "'max' is less than 'min': no row could pass");
    return false;
  }

  Options options_;
  std::string from_;
  std::string to_;
};

}  // namespace

void register_timeliness(Registry<CheckType>& checks) {
  checks.add({
      .name = "timeliness",
      .summary = "In every row the time from one instant to another lies within limits.",
      .options = {{"from", OptionKind::column, "Date or timestamp of the earlier instant.", true},
                  {"to", OptionKind::column, "Date or timestamp of the later instant.", false,
                   "when the run began"},
                  {"min", OptionKind::duration, "Least time allowed.", false, "0s"},
                  {"max", OptionKind::duration, "Most time allowed, such as 36h or 2d."}},
      .make = [](const Options& options) { return std::make_unique<Timeliness>(options); },
  });
}

}  // namespace tallymill
