#include "jobs/reference_lookup.h"

#include "core/text.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

/// Key and answers of the reference as texts: tm_k0, ..., tm_v0, ..., each line once.
std::string answers_sql(const Reference& reference, const std::vector<std::string>& takes) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < reference.key.size(); ++i)
    columns.push_back("CAST(" + quote_identifier(reference.key[i].other) + " AS VARCHAR) AS tm_k" +
                      std::to_string(i));
  for (std::size_t i = 0; i < takes.size(); ++i)
    columns.push_back("CAST(" + quote_identifier(takes[i]) + " AS VARCHAR) AS tm_v" +
                      std::to_string(i));
  return "(SELECT DISTINCT " + join(columns, ", ") + " FROM " + reference.relation + ")";
}

}  // namespace

bool Reference::has(const std::string& column, const SourcePosition& at,
                    Diagnostics& diagnostics) const {
  return table_has(name, columns, column, at, diagnostics);
}

std::optional<Reference> reference_of(CleanseFlow& flow, const Options& options) {
  Reference reference{.name = options.text("table"),
                      .relation = {},
                      .columns = {},
                      .key = {},
                      .where = options.position("table")};
  reference.relation = flow.context().table(reference.name, &reference.columns);
  if (reference.relation.empty()) return std::nullopt;
  const YamlNode node = options.node("on");
  for (std::size_t i = 0; i < node.size(); ++i) {
    reference.key.push_back({std::string(node.key(i).text()), std::string(node[i].text())});
    const Reference::Pair& pair = reference.key.back();
    const bool is_known =
        reference.has(pair.other, node[i].position(), flow.context().diagnostics());
    const bool is_there = flow.column(pair.column, node.key(i).position()).has_value();
    reference.is_sound = reference.is_sound && is_known && is_there;
  }
  return reference;
}

bool answers_once(CleanseFlow& flow, const Reference& reference,
                  const std::vector<std::string>& takes) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < reference.key.size(); ++i)
    names.push_back("tm_k" + std::to_string(i));
  const std::string key = join(names, ", ");
  const Rows twice = flow.context().engine().query(
      "SELECT concat_ws(', ', " + key + ") FROM " + answers_sql(reference, takes) + " WHERE " +
      join(names, " IS NOT NULL AND ") + " IS NOT NULL GROUP BY " + key +
      " HAVING count(*) > 1 ORDER BY 1 LIMIT 3");
  if (twice.cells.empty()) return true;
  std::vector<std::string> values;
  for (std::size_t row = 0; row < twice.cells.size(); ++row)
    values.push_back("'" + twice.text(row, 0) + "'");
  flow.context().diagnostics().error(
      reference.where,
      "table '" + reference.name + "' has more than one answer for " + join(values, ", "),
      "keep one row for each key");
  return false;
}

std::string keep_answers(CleanseFlow& flow, const Reference& reference,
                         const std::vector<std::string>& takes) {
  std::vector<std::string> conditions;
  for (std::size_t i = 0; i < reference.key.size(); ++i)
    conditions.push_back("m.tm_k" + std::to_string(i) + " = CAST(t." +
                         quote_identifier(reference.key[i].column) + " AS VARCHAR)");
  std::vector<std::string> fields;
  for (std::size_t i = 0; i < takes.size(); ++i)
    fields.push_back("'v" + std::to_string(i) + "': m.tm_v" + std::to_string(i));
  return flow.keep_joined(answers_sql(reference, takes), join(conditions, " AND "),
                          "CASE WHEN m.tm_k0 IS NOT NULL THEN {" + join(fields, ", ") + "} END");
}

bool is_sensitive(CleanseFlow& flow, const Reference& reference, const std::string& column) {
  if (!flow.context().task().inputs.contains(reference.name)) return false;
  const Column* found = flow.context().schema(reference.name).find(column);
  return found != nullptr && found->sensitive;
}

std::vector<OptionSpec> reference_options(bool is_required) {
  return {{.name = "table",
           .kind = OptionKind::name,
           .summary = "tables/<name>.csv, or a dataset.",
           .required = is_required},
          {.name = "on",
           .kind = OptionKind::map,
           .summary = "Key: column of the rows, and the column of the table it equals.",
           .required = is_required,
           .fields = {{.name = "column", .kind = OptionKind::column}}}};
}

std::vector<FileUse> reference_files(const Options& options) {
  if (!options.has("table")) return {};
  return {{"tables/" + options.text("table") + ".csv", options.position("table")}};
}

}  // namespace tallymill
