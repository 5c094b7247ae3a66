#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/formats.h"

namespace tallymill {
namespace {

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const NamedFormat& format : named_formats()) names.push_back(format.name);
  return names;
}

/// The whole value must have the format: blanks around it are a fault of their own.
class Format final : public Check {
 public:
  explicit Format(const Options& options)
      : options_(options), column_(options.text("column")), formats_(options.texts("is")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !is_sound(context, *column)) return plan;
    std::vector<std::string> conditions;
    for (const std::string& name : formats_)
      conditions.push_back(
          "(" + format_condition(context.engine(), *find_format(name), quote_identifier(column_)) +
          ")");
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = RowCondition{"not (" + join(conditions, " or ") + ")"};
    plan.expected = "the format " + join(formats_, " or ") + ", such as " +
                    find_format(formats_.front())->example;
    return plan;
  }

 private:
  bool is_sound(CheckContext& context, const Column& column) const {
    if (!require_text(context, column, options_.position("column"), "format",
                      "a column of that type has its format already"))
      return false;
    bool is_known = true;
    for (const std::string& name : formats_) {
      if (find_format(name) != nullptr) continue;
      const std::string meant = did_you_mean(name, format_names());
      context.diagnostics().error(
          options_.position("is"), "there is no format '" + name + "'",
          meant.empty() ? "the formats are " + join(format_names(), ", ") : meant);
      is_known = false;
    }
    return is_known;
  }

  Options options_;
  std::string column_;
  std::vector<std::string> formats_;
};

}  // namespace

void register_format(Registry<CheckType>& checks) {
  checks.add({
      .name = "format",
      .summary =
          "Every text of a column has a format that has a name: email, cn_id_card, date_iso.",
      .options = {{"column", OptionKind::column, "Text column to look at.", true},
                  {"is", OptionKind::columns,
                   "Name of the format, or a list of which one must hold; see the page.", true}},
      .make = [](const Options& options) { return std::make_unique<Format>(options); },
  });
}

}  // namespace tallymill
