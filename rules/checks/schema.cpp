#include <algorithm>

#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

/// What a dataset looks like is known before its rows are: the verdict does not depend on them, so
/// an empty dataset is judged too. A change of schema upstream fails here, by name, instead of
/// somewhere below.
class SchemaCheck final : public Check {
 public:
  explicit SchemaCheck(const Options& options) : options_(options) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    if (!options_.has("columns") && !options_.has("forbidden")) {
      context.diagnostics().error(options_.position("columns"),
                                  "check 'schema' must have 'columns', 'forbidden' or both");
      return plan;
    }
    const std::vector<Column>& columns = context.schema().columns;
    compare_columns(columns);
    for (const std::string& name : options_.texts("forbidden"))
      if (context.schema().find(name) != nullptr) problems_.push_back(name + " is forbidden");
    plan.expected = expected();
    return plan;
  }

  CheckJudgement judge(const CheckMeasures&) const override {
    if (problems_.empty()) return {CheckVerdict::pass, "as expected", {}};
    return {CheckVerdict::fail, join(problems_, ", "), {}};
  }

 private:
  void compare_columns(const std::vector<Column>& columns) {
    const YamlNode wanted = options_.node("columns");
    std::vector<std::string> order;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::string name(wanted.key(i).text());
      const std::string type(wanted[i].text());
      order.push_back(name);
      const auto found = std::find_if(columns.begin(), columns.end(),
                                      [&](const Column& column) { return column.name == name; });
      if (found == columns.end())
        problems_.push_back(name + " is missing");
      else if (type != "any" && found->type.name() != type)
        problems_.push_back(name + " is " + found->type.name() + " instead of " + type);
    }
    std::vector<std::string> present;
    for (const Column& column : columns) {
      if (std::find(order.begin(), order.end(), column.name) != order.end())
        present.push_back(column.name);
      else if (options_.has("columns") && !options_.boolean("extra", false))
        problems_.push_back(column.name + " is not expected");
    }
    if (!options_.boolean("ordered")) return;
    std::erase_if(order, [&](const std::string& name) {
      return std::find(present.begin(), present.end(), name) == present.end();
    });
    if (order != present) problems_.push_back("the order is " + join(present, ", "));
  }

  std::string expected() const {
    const YamlNode wanted = options_.node("columns");
    std::vector<std::string> columns;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      columns.push_back(std::string(wanted.key(i).text()) + " " + std::string(wanted[i].text()));
    std::string text;
    if (!columns.empty()) text = "the columns " + join(columns, ", ");
    if (!columns.empty() && options_.boolean("ordered")) text += " in this order";
    if (options_.has("forbidden"))
      text += std::string(text.empty() ? "" : " and ") + "no column " +
              join(options_.texts("forbidden"), ", ");
    return text;
  }

  Options options_;
  std::vector<std::string> problems_;
};

}  // namespace

void register_schema(Registry<CheckType>& checks) {
  checks.add({
      .name = "schema",
      .summary = "The dataset has columns of names, types and order, and none that is forbidden.",
      .options = {{"columns",
                   OptionKind::map,
                   "Type of each column, as in an extract: money, decimal(18,4); any: whichever.",
                   false,
                   "",
                   {},
                   {{"", OptionKind::text}}},
                  {"extra", OptionKind::boolean, "Whether other columns are allowed.", false,
                   "false"},
                  {"ordered", OptionKind::boolean, "Whether the order counts.", false, "false"},
                  {"forbidden", OptionKind::columns, "Names of columns that must not be there."}},
      .judges_rows = false,
      .make = [](const Options& options) { return std::make_unique<SchemaCheck>(options); },
  });
}

}  // namespace tallymill
