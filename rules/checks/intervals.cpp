#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/sequence_sql.h"

namespace tallymill {
namespace {

/// Of two intervals that overlap both fail; behind a gap, and where one is required and missing,
/// the later one does. A null end means: not ended yet.
class Intervals final : public Check {
 public:
  explicit Intervals(const Options& options)
      : options_(options),
        begins_(options.text("begins")),
        ends_(options.text("ends")),
        within_(options.columns("within")),
        gaps_(options.text("gaps", "allowed")),
        end_is_in_(options.text("end", "included") == "included"),
        may_overlap_(options.text("overlaps", "forbidden") == "allowed") {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* begins = context.column(begins_, options_.position("begins"));
    const Column* ends = context.column(ends_, options_.position("ends"));
    if (begins == nullptr || ends == nullptr ||
        !check_columns(context, within_, options_.position("within")) ||
        !is_sound(context, *begins, *ends))
      return plan;
    const SequenceSql sequence{within_, {begins_, ends_}, {}};
    plan.columns = sequence.columns();
    plan.needs = {begins_};
    plan.fails = FailingKeys{plan.columns, select(begins->type), ""};
    plan.expected = "intervals that begin before they end";
    if (!may_overlap_) plan.expected += ", do not overlap";
    if (gaps_ == "forbidden") plan.expected += ", leave no gap";
    if (gaps_ == "required") plan.expected += ", leave a gap";
    if (!within_.empty()) plan.expected += ", for each " + join(within_, ", ");
    return plan;
  }

 private:
  bool is_sound(CheckContext& context, const Column& begins, const Column& ends) const {
    const auto report = [&](const char* option, std::string message) {
      context.diagnostics().error(options_.position(option), std::move(message));
      return false;
    };
    const TypeKind kind = begins.type.kind;
    if (kind != TypeKind::date && kind != TypeKind::timestamp && kind != TypeKind::integer)
      return report("begins", "column '" + begins.name + "' is " + begins.type.name() +
                                  "; intervals takes dates, timestamps and integers");
    if (kind != ends.type.kind)
      return report("ends", "column '" + begins.name + "' is " + begins.type.name() + " but '" +
                                ends.name + "' is " + ends.type.name());
    if (kind == TypeKind::timestamp && end_is_in_ && gaps_ != "allowed")
      return report("gaps",
                    "nothing follows a timestamp that is included: say end: excluded, or allow "
                    "gaps");
    return true;
  }

  std::function<std::string(const std::string&)> select(const Type& type) const {
    const std::string begin = quote_identifier(begins_);
    const std::string last = type.kind == TypeKind::integer ? "9223372036854775807::BIGINT"
                                                            : "'infinity'::" + type.sql();
    const std::string end = "coalesce(" + quote_identifier(ends_) + ", " + last + ")";
    const SequenceSql sequence{within_, {begins_, ends_}, {}};
    const std::string by =
        within_.empty() ? "" : "partition by " + join(quoted(within_), ", ") + " ";
    const std::string order = by + "order by " + begin + ", " + end;
    const std::vector<std::string> derived{
        "max(" + end + ") over (" + order +
            " rows between unbounded preceding and 1 preceding) as \"tm:ended\"",
        "lead(" + begin + ") over (" + order + ") as \"tm:next\""};
    const std::string meets = end_is_in_ ? " >= " : " > ";
    std::string fails = end + (end_is_in_ ? " < " : " <= ") + begin;
    if (!may_overlap_)
      fails +=
          " or \"tm:ended\"" + meets + begin + " or " + end + meets + "\"tm:next\" or \"tm:n\" > 1";
    // One before the beginning is where the interval before must end.
    const std::string wide = begin + (type.kind == TypeKind::integer ? "::HUGEINT" : "");
    const std::string before = end_is_in_ ? "(" + wide + " - 1)" : begin;
    if (gaps_ == "forbidden") fails += " or \"tm:ended\" < " + before;
    if (gaps_ == "required") fails += " or \"tm:ended\" >= " + before;
    return [sequence, derived, fails](const std::string& rows) {
      return sequence.select(rows, derived, fails);
    };
  }

  Options options_;
  std::string begins_;
  std::string ends_;
  std::vector<std::string> within_;
  std::string gaps_;
  bool end_is_in_;
  bool may_overlap_;
};

}  // namespace

void register_intervals(Registry<CheckType>& checks) {
  checks.add({
      .name = "intervals",
      .summary = "Intervals of one key do not overlap, and leave gaps or none.",
      .options = {{"begins", OptionKind::column, "Date, timestamp or integer.", true},
                  {"ends", OptionKind::column, "The same; null: not ended yet.", true},
                  {"within", OptionKind::columns,
                   "Columns of the key whose intervals are compared."},
                  {"end",
                   OptionKind::choice,
                   "Whether the end belongs to the interval.",
                   false,
                   "included",
                   {"included", "excluded"}},
                  {"overlaps",
                   OptionKind::choice,
                   "Whether intervals may overlap.",
                   false,
                   "forbidden",
                   {"forbidden", "allowed"}},
                  {"gaps",
                   OptionKind::choice,
                   "Whether time between intervals is allowed, forbidden or required.",
                   false,
                   "allowed",
                   {"allowed", "forbidden", "required"}}},
      .make = [](const Options& options) { return std::make_unique<Intervals>(options); },
  });
}

}  // namespace tallymill
