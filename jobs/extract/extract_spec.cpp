#include "jobs/extract/extract_spec.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "jobs/dataset_input.h"
#include "jobs/parse_functions.h"
#include "jobs/reject_limit.h"

namespace tallymill {

namespace {

/// What a column has beside its type, because it comes from a source.
const std::vector<OptionSpec>& source_options() {
  static const std::vector<OptionSpec> options{
      {.name = "source",
       .kind = OptionKind::text,
       .summary = "The source's name for the column.",
       .default_text = "the column's name"},
      {.name = "format",
       .kind = OptionKind::text,
       .summary = "How dates or timestamps are written, with %Y %m %d %H %M %S.",
       .default_text = "ISO"},
      {.name = "inexact",
       .kind = OptionKind::choice,
       .summary = "What a floating-point number of the source is: a reject, or taken by its "
                  "shortest decimal form.",
       .default_text = "reject",
       .choices = {"reject", "shortest"}},
  };
  return options;
}

ExtractColumn read_column(const std::string& name, YamlNode key, YamlNode node, int currency_scale,
                          Diagnostics& diagnostics) {
  ExtractColumn column{.column =
                           parse_column(name, node, currency_scale, diagnostics, source_options())};
  const Options options(node.is_mapping() ? node : YamlNode());
  column.source = {options.text("source", name),
                   options.has("source") ? options.position("source") : key.position()};
  column.pattern = options.text("format");
  column.takes_inexact = options.text("inexact") == "shortest";
  if (!column.pattern.empty() &&
      !is_sound_format(column.column.type, column.pattern, options.position("format"), diagnostics))
    column.pattern.clear();
  return column;
}

void read_columns(const Options& options, int currency_scale, ExtractSpec& spec,
                  Diagnostics& diagnostics) {
  const YamlNode columns = options.node("columns");
  for (std::size_t i = 0; i < columns.size(); ++i)
    spec.columns.push_back(read_column(std::string(columns.key(i).text()), columns.key(i),
                                       columns[i], currency_scale, diagnostics));
  if (spec.columns.empty())
    diagnostics.error(columns.position(), "an extract needs at least one column");
}

void read_key(const Options& options, ExtractSpec& spec, Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const ExtractColumn& column : spec.columns) names.push_back(column.column.name);
  for (const std::string& key : options.columns("key")) {
    const auto found = std::find(names.begin(), names.end(), key);
    if (found == names.end())
      diagnostics.error(options.position("key"),
                        "key column '" + key + "' is not one of the columns",
                        did_you_mean(key, names));
    else
      // A key without a value is none.
      spec.columns[static_cast<std::size_t>(found - names.begin())].column.required = true;
    spec.key.push_back(key);
  }
}

/// The keys of `control_totals:` that name columns; the others say where the totals are.
void read_control(const Options& options, ExtractSpec& spec, Diagnostics& diagnostics) {
  if (!options.has("control_totals")) return;
  spec.has_control = true;
  spec.control.from = options.object("control_totals");
  spec.control.connector = spec.control.from.text("connector", spec.connector);
  spec.control.rows = spec.control.from.text("rows");
  for (const ExtractColumn& column : spec.columns) {
    if (!spec.control.from.has(column.column.name)) continue;
    const SourcePosition where = spec.control.from.position(column.column.name);
    if (!column.column.type.is_summable())
      diagnostics.error(where, "column '" + column.column.name + "' is " +
                                   column.column.type.name() + " and has no total");
    spec.control.amounts[column.column.name] = spec.control.from.text(column.column.name);
  }
  if (spec.control.rows.empty() && spec.control.amounts.empty())
    diagnostics.error(options.position("control_totals"), "control_totals name no total",
                      "say rows: COLUMN or <amount column>: COLUMN");
}

}  // namespace

ExtractSpec ExtractSpec::read(const Options& options, int currency_scale,
                              Diagnostics& diagnostics) {
  ExtractSpec spec;
  spec.from = options.object("from");
  spec.connector = spec.from.text("connector");
  spec.into = options.text("into");
  spec.refuses_extra_columns = options.text("extra_columns") == "reject";
  spec.extra_columns_position = options.position("extra_columns");
  read_columns(options, currency_scale, spec, diagnostics);
  read_key(options, spec, diagnostics);
  read_control(options, spec, diagnostics);
  return spec;
}

std::vector<WantedColumn> ExtractSpec::wanted() const {
  std::vector<WantedColumn> wanted;
  for (const ExtractColumn& column : columns) wanted.push_back(column.source);
  return wanted;
}

void ExtractSpec::refuse_extra_columns(const RecordReader& reader) const {
  const auto ignored = reader.ignored_columns();
  if (!refuses_extra_columns || ignored.empty()) return;
  throw Error(ErrorClass::data,
              "'" + ignored[0].first + "' has column '" + ignored[0].second +
                  "', which is not declared, and extra_columns is reject",
              extra_columns_position);
}

Schema ExtractSpec::schema() const {
  Schema schema;
  for (const ExtractColumn& column : columns) schema.columns.push_back(column.column);
  schema.key = key;
  if (!has_business_key()) schema.key = {std::string(kSourceColumn), std::string(kLineColumn)};
  schema.has_provenance = true;
  return schema;
}

bool ExtractSpec::has_sensitive_columns() const {
  return std::any_of(columns.begin(), columns.end(),
                     [](const ExtractColumn& column) { return column.column.sensitive; });
}

Schema ExtractSpec::rejects_schema() const {
  const auto text = [](const char* name, bool sensitive = false) {
    return Column{.name = name, .type = Type::text(), .required = false, .sensitive = sensitive};
  };
  Schema schema;
  schema.columns = {text("source"),
                    {.name = "line", .type = Type::integer()},
                    text("column"),
                    text("reason"),
                    text("reasons"),
                    text("message"),
                    text("original", has_sensitive_columns() || shows_hidden_columns)};
  schema.key = {"source", "line"};
  return schema;
}

std::vector<OptionSpec> extract_options() {
  OptionSpec from{.name = "from",
                  .kind = OptionKind::map,
                  .summary =
                      "The connector and what to read from it; the other keys are the "
                      "connector's.",
                  .required = true};
  from.fields = {{.name = "", .kind = OptionKind::any}};
  OptionSpec columns{.name = "columns",
                     .kind = OptionKind::map,
                     .summary = "The columns to read: `name: type`, or a mapping.",
                     .required = true};
  columns.fields = {column_option(source_options())};
  OptionSpec control{.name = "control_totals",
                     .kind = OptionKind::map,
                     .summary =
                         "Where the source says what it holds: connector keys as in `from`, "
                         "`rows: COLUMN`, `<amount column>: COLUMN`. Several rows add up."};
  control.fields = {{.name = "", .kind = OptionKind::any}};
  std::vector<OptionSpec> options{
      from,
      into_option("The dataset to make."),
      {.name = "key",
       .kind = OptionKind::columns,
       .summary = "The columns that tell rows apart; they are required. All but the first row "
                  "of a key are rejects.",
       .default_text = "[_source, _line]"},
      columns,
      {.name = "extra_columns",
       .kind = OptionKind::choice,
       .summary = "What columns of the source that are not declared are; reject fails the job.",
       .default_text = "ignore",
       .choices = {"ignore", "reject"}},
      control};
  for (OptionSpec& limit : reject_limit_options()) options.push_back(std::move(limit));
  return options;
}

}  // namespace tallymill
