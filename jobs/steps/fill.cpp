#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

class Fill final : public Step {
 public:
  explicit Fill(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto by = quoted_columns(flow, "by");
    const auto order = quoted_columns(flow, "order");
    if (!by || !order) return;
    const bool is_by_key = options_.text("from") == "key";
    if (is_by_key ? by->empty() : order->empty()) {
      flow.context().diagnostics().error(
          options_.position("from"),
          is_by_key ? "fill from key needs 'by', the columns of the key"
                    : "fill from previous needs 'order'; say which row comes before which");
      return;
    }
    for (const std::string& name : options_.columns("columns"))
      if (const auto column = flow.column(name, options_.position("columns")))
        flow.set(*column, is_by_key ? known_value(flow, name, *by)
                                    : previous_value(flow, name, *by, *order));
    flow.store_rows();
  }

 private:
  std::optional<std::vector<std::string>> quoted_columns(CleanseFlow& flow,
                                                         const std::string& key) const {
    std::vector<std::string> quoted;
    for (const std::string& name : options_.columns(key)) {
      if (!flow.column(name, options_.position(key))) return std::nullopt;
      quoted.push_back(quote_identifier(name));
    }
    return quoted;
  }

  /// What rows without a reason to leave say; the others are no witnesses.
  static std::string witness(CleanseFlow& flow, const std::string& quoted) {
    return "CASE WHEN NOT " + flow.is_marked() + " THEN " + quoted + " END";
  }

  static std::string previous_value(CleanseFlow& flow, const std::string& name,
                                    const std::vector<std::string>& by,
                                    const std::vector<std::string>& order) {
    const std::string quoted = quote_identifier(name);
    const std::string window =
        "OVER (" + (by.empty() ? "" : "PARTITION BY " + join(by, ", ") + " ") + "ORDER BY " +
        join(order, " NULLS LAST, ") + " NULLS LAST, " + flow.total_order() +
        " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)";
    return "coalesce(" + quoted + ", last_value(" + witness(flow, quoted) + " IGNORE NULLS) " +
           window + ")";
  }

  /// Only where all rows of a key that have a value have the same one.
  static std::string known_value(CleanseFlow& flow, const std::string& name,
                                 const std::vector<std::string>& by) {
    const std::string quoted = quote_identifier(name);
    const std::string window = " OVER (PARTITION BY " + join(by, ", ") + ")";
    const std::string least = "min(" + witness(flow, quoted) + ")" + window;
    const std::string most = "max(" + witness(flow, quoted) + ")" + window;
    return "CASE WHEN " + quoted + " IS NULL AND " + join(by, " IS NOT NULL AND ") +
           " IS NOT NULL AND " + least + " = " + most + " THEN " + least + " ELSE " + quoted +
           " END";
  }

  Options options_;
};

}  // namespace

void register_fill(Registry<StepType>& steps) {
  steps.add({
      .name = "fill",
      .summary = "Fills missing values from other rows.",
      .options = {{.name = "columns",
                   .kind = OptionKind::columns,
                   .summary = "Columns to fill.",
                   .required = true},
                  {.name = "from",
                   .kind = OptionKind::choice,
                   .summary = "The last value before, in the order given; or the one value all "
                              "rows of the same key agree on.",
                   .required = true,
                   .choices = {"previous", "key"}},
                  {.name = "by",
                   .kind = OptionKind::columns,
                   .summary = "Rows that belong together: the key, or the groups within which "
                              "previous looks back."},
                  {.name = "order",
                   .kind = OptionKind::columns,
                   .summary = "Which row comes before which; ties go by all columns."}},
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Fill>(options);
      },
  });
}

}  // namespace tallymill
