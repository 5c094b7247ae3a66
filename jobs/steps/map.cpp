#include <algorithm>

#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

class Map final : public Step {
 public:
  explicit Map(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto column = flow.column(options_.text("column"), options_.position("column"));
    const auto table = table_of(flow);
    const auto unknown = if_missing(options_, "unknown", "map", flow.context().diagnostics());
    if (column && table && unknown) replace(flow, *column, *table, *unknown);
  }

 private:
  struct Table {
    std::string name;
    std::string pairs;  ///< relation of tm_from, tm_to; tm_from is unique
  };

  /// The table's two columns: as given, else named from and to, else the first two.
  std::optional<Table> table_of(CleanseFlow& flow) const {
    const std::string name = options_.text("table");
    std::vector<std::string> columns;
    const std::string relation = flow.context().table(name, &columns);
    if (relation.empty()) return std::nullopt;
    const auto from = side(flow, columns, "from", 0);
    const auto to = side(flow, columns, "to", 1);
    if (!from || !to) return std::nullopt;
    Table table{name, "(SELECT DISTINCT CAST(" + quote_identifier(*from) +
                          " AS VARCHAR) AS tm_from, CAST(" + quote_identifier(*to) +
                          " AS VARCHAR) AS tm_to FROM " + relation + " WHERE " +
                          quote_identifier(*from) + " IS NOT NULL)"};
    if (!is_function(flow, table)) return std::nullopt;
    return table;
  }

  std::optional<std::string> side(CleanseFlow& flow, const std::vector<std::string>& columns,
                                  const std::string& key, std::size_t position) const {
    const std::string wanted = options_.text(key, key);
    const bool is_there = std::find(columns.begin(), columns.end(), wanted) != columns.end();
    if (!is_there && !options_.has(key) && columns.size() > position) return columns[position];
    if (table_has(options_.text("table"), columns, wanted,
                  options_.position(options_.has(key) ? key : "table"),
                  flow.context().diagnostics()))
      return wanted;
    return std::nullopt;
  }

  /// A value that maps to two others would multiply rows, or pick one by chance.
  bool is_function(CleanseFlow& flow, const Table& table) const {
    const Rows twice =
        flow.context().engine().query("SELECT tm_from FROM " + table.pairs +
                                      " GROUP BY tm_from HAVING count(*) > 1 ORDER BY 1 LIMIT 3");
    if (twice.cells.empty()) return true;
    std::vector<std::string> values;
    for (std::size_t row = 0; row < twice.cells.size(); ++row)
      values.push_back("'" + twice.text(row, 0) + "'");
    flow.context().diagnostics().error(
        options_.position("table"),
        "table '" + table.name + "' maps " + join(values, ", ") + " to more than one value",
        "keep one row for each value");
    return false;
  }

  void replace(CleanseFlow& flow, const Column& column, const Table& table,
               IfMissing unknown) const {
    const std::string name = quote_identifier(column.name);
    const std::string found =
        flow.keep_joined(table.pairs, "m.tm_from = CAST(t." + name + " AS VARCHAR)",
                         "CASE WHEN m.tm_from IS NOT NULL THEN {'to': m.tm_to} END");
    if (unknown == IfMissing::reject)
      flow.mark(
          {.reason = "CASE WHEN " + name + " IS NOT NULL AND " + found + " IS NULL THEN " +
                     quote_literal(reason_code(options_, "unknown_" + column.name,
                                               flow.context().diagnostics())) +
                     " END",
           .message = quote_literal("table " + table.name + " does not know " + column.name + " ") +
                      " || " + shown_value_sql(column)});
    Column target = column;
    target.type = Type::text();
    target.name = options_.text("into", column.name);
    const bool is_new = flow.schema().find(target.name) == nullptr;
    if (is_new && !flow.may_be_named(target.name, options_.position("into"))) return;
    // A reject keeps its value, so that its evidence shows what nobody knew.
    const std::string otherwise =
        unknown == IfMissing::null ? "NULL" : "CAST(" + name + " AS VARCHAR)";
    flow.set(target, "CASE WHEN " + found + " IS NOT NULL THEN struct_extract(" + found +
                         ", 'to') ELSE " + otherwise + " END");
  }

  Options options_;
};

}  // namespace

void register_map(Registry<StepType>& steps) {
  steps.add({
      .name = "map",
      .summary = "Replaces the values of a column by those of a table.",
      .options = {{.name = "column",
                   .kind = OptionKind::column,
                   .summary = "Column whose values are looked up.",
                   .required = true},
                  {.name = "table",
                   .kind = OptionKind::name,
                   .summary = "tables/<name>.csv, or a dataset.",
                   .required = true},
                  {.name = "from",
                   .kind = OptionKind::column,
                   .summary = "The table's column to look in.",
                   .default_text = "from, or the first column"},
                  {.name = "to",
                   .kind = OptionKind::column,
                   .summary = "The table's column to take.",
                   .default_text = "to, or the second column"},
                  {.name = "unknown",
                   .kind = OptionKind::any,
                   .summary = "What a value does that the table lacks: reject, keep or null.",
                   .default_text = "reject"},
                  {.name = "reason",
                   .kind = OptionKind::text,
                   .summary = "Code of the rejects.",
                   .default_text = "unknown_<column>"},
                  {.name = "into",
                   .kind = OptionKind::column,
                   .summary = "Column that gets the result.",
                   .default_text = "the column itself"}},
      .files =
          [](const Options& options) {
            return std::vector<FileUse>{
                {"tables/" + options.text("table") + ".csv", options.position("table")}};
          },
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Map>(options);
      },
  });
}

}  // namespace tallymill
