#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

class Enrich final : public Step {
 public:
  explicit Enrich(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto unmatched =
        if_missing(options_, "unmatched", "enrich", flow.context().diagnostics());
    std::vector<std::string> known;
    const std::string relation = flow.context().table(options_.text("table"), &known);
    if (relation.empty() || !unmatched) return;
    const auto keys = pairs(flow, "on", known, true);
    const auto takes = pairs(flow, "take", known, false);
    if (!keys || !takes || !is_function(flow, relation, *keys, *takes)) return;
    look_up(flow, relation, *keys, *takes, *unmatched);
  }

 private:
  struct Pair {
    std::string column;  ///< of the rows
    std::string other;   ///< of the table
  };

  /// The mapping under `key`: columns of the rows, and of the table.
  std::optional<std::vector<Pair>> pairs(CleanseFlow& flow, const std::string& key,
                                         const std::vector<std::string>& known,
                                         bool must_exist) const {
    std::vector<Pair> found;
    const YamlNode node = options_.node(key);
    bool is_sound = true;
    for (std::size_t i = 0; i < node.size(); ++i) {
      const Pair pair{std::string(node.key(i).text()), std::string(node[i].text())};
      is_sound = table_has(options_.text("table"), known, pair.other, node[i].position(),
                           flow.context().diagnostics()) &&
                 is_sound;
      const SourcePosition where = node.key(i).position();
      if (must_exist)
        is_sound = flow.column(pair.column, where).has_value() && is_sound;
      else if (flow.schema().find(pair.column) != nullptr)
        is_sound = flow.text_column(pair.column, where).has_value() && is_sound;
      else
        is_sound = flow.may_be_named(pair.column, where) && is_sound;
      found.push_back(pair);
    }
    return is_sound ? std::optional(std::move(found)) : std::nullopt;
  }

  static std::string selected(const std::vector<Pair>& keys, const std::vector<Pair>& takes) {
    std::vector<std::string> columns;
    for (std::size_t i = 0; i < keys.size(); ++i)
      columns.push_back("CAST(" + quote_identifier(keys[i].other) + " AS VARCHAR) AS tm_k" +
                        std::to_string(i));
    for (std::size_t i = 0; i < takes.size(); ++i)
      columns.push_back("CAST(" + quote_identifier(takes[i].other) + " AS VARCHAR) AS tm_v" +
                        std::to_string(i));
    return join(columns, ", ");
  }

  static std::string looked_up(const std::string& relation, const std::vector<Pair>& keys,
                               const std::vector<Pair>& takes) {
    return "(SELECT DISTINCT " + selected(keys, takes) + " FROM " + relation + ")";
  }

  /// A key with two answers would multiply rows, or pick one by chance.
  bool is_function(CleanseFlow& flow, const std::string& relation, const std::vector<Pair>& keys,
                   const std::vector<Pair>& takes) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < keys.size(); ++i) names.push_back("tm_k" + std::to_string(i));
    const std::string key = join(names, ", ");
    const Rows twice = flow.context().engine().query(
        "SELECT concat_ws(', ', " + key + ") FROM " + looked_up(relation, keys, takes) + " WHERE " +
        join(names, " IS NOT NULL AND ") + " IS NOT NULL GROUP BY " + key +
        " HAVING count(*) > 1 ORDER BY 1 LIMIT 3");
    if (twice.cells.empty()) return true;
    std::vector<std::string> values;
    for (std::size_t row = 0; row < twice.cells.size(); ++row)
      values.push_back("'" + twice.text(row, 0) + "'");
    flow.context().diagnostics().error(
        options_.position("table"),
        "table '" + options_.text("table") + "' has more than one answer for " + join(values, ", "),
        "keep one row for each key");
    return false;
  }

  void look_up(CleanseFlow& flow, const std::string& relation, const std::vector<Pair>& keys,
               const std::vector<Pair>& takes, IfMissing unmatched) const {
    std::vector<std::string> conditions;
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const Column column = *flow.schema().find(keys[i].column);
      const std::string name = quote_identifier(column.name);
      conditions.push_back("m.tm_k" + std::to_string(i) + " = CAST(t." + name + " AS VARCHAR)");
      shown.push_back("coalesce(" + shown_value_sql(column) + ", 'nothing')");
    }
    std::vector<std::string> fields;
    for (std::size_t i = 0; i < takes.size(); ++i)
      fields.push_back("'v" + std::to_string(i) + "': m.tm_v" + std::to_string(i));
    const std::string found =
        flow.keep_joined(looked_up(relation, keys, takes), join(conditions, " AND "),
                         "CASE WHEN m.tm_k0 IS NOT NULL THEN {" + join(fields, ", ") + "} END");
    if (unmatched == IfMissing::reject)
      flow.mark({.reason = "CASE WHEN " + found + " IS NULL THEN " +
                           quote_literal(reason_code(options_, "unmatched_" + keys.front().column,
                                                     flow.context().diagnostics())) +
                           " END",
                 .message = quote_literal("table " + options_.text("table") + " does not know ") +
                            " || concat_ws(', ', " + join(shown, ", ") + ")"});
    for (std::size_t i = 0; i < takes.size(); ++i) {
      const Column* old = flow.schema().find(takes[i].column);
      const std::string otherwise =
          old != nullptr && unmatched != IfMissing::null ? quote_identifier(old->name) : "NULL";
      flow.set({.name = takes[i].column,
                .type = Type::text(),
                .sensitive = old != nullptr && old->sensitive},
               "CASE WHEN " + found + " IS NOT NULL THEN struct_extract(" + found + ", 'v" +
                   std::to_string(i) + "') ELSE " + otherwise + " END");
    }
  }

  Options options_;
};

}  // namespace

void register_enrich(Registry<StepType>& steps) {
  steps.add({
      .name = "enrich",
      .summary = "Looks up columns by key in a table or a dataset.",
      .options = {{.name = "table",
                   .kind = OptionKind::name,
                   .summary = "tables/<name>.csv, or a dataset.",
                   .required = true},
                  {.name = "on",
                   .kind = OptionKind::map,
                   .summary = "Key: column of the rows, and the column of the table it equals.",
                   .required = true,
                   .fields = {{.name = "column", .kind = OptionKind::column}}},
                  {.name = "take",
                   .kind = OptionKind::map,
                   .summary =
                       "Columns to set, each with the column of the table it gets its value from.",
                   .required = true,
                   .fields = {{.name = "column", .kind = OptionKind::column}}},
                  {.name = "unmatched",
                   .kind = OptionKind::any,
                   .summary =
                       "What a row does that the table has no key for: reject, keep or null.",
                   .default_text = "reject"},
                  {.name = "reason",
                   .kind = OptionKind::text,
                   .summary = "Code of the rejects.",
                   .default_text = "unmatched_<first key column>"}},
      .is_idempotent = true,
      .files =
          [](const Options& options) {
            return std::vector<FileUse>{
                {"tables/" + options.text("table") + ".csv", options.position("table")}};
          },
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Enrich>(options);
      },
  });
}

}  // namespace tallymill
