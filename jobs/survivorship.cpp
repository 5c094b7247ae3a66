#include "jobs/survivorship.h"

#include "core/text.h"

namespace tallymill {
namespace {

/// Sources in the order they are listed, all others behind them.
std::optional<std::string> source_order(CleanseFlow& flow, const Options& options) {
  const std::string source = options.text("source", kSourceColumn);
  const bool is_known = flow.schema().has_provenance && source == kSourceColumn;
  if (!is_known && !flow.column(source, options.position("source"))) return std::nullopt;
  std::string order = ", CASE CAST(" + quote_identifier(source) + " AS VARCHAR)";
  std::size_t place = 0;
  for (const std::string& name : options.texts("sources"))
    order += " WHEN " + quote_literal(name) + " THEN " + std::to_string(++place);
  return order + " ELSE " + std::to_string(place + 1) + " END";
}

std::optional<std::string> recency_order(CleanseFlow& flow, const Options& options) {
  const auto recency = flow.column(options.text("recency"), options.position("recency"));
  if (!recency) return std::nullopt;
  return ", " + quote_identifier(recency->name) + " DESC NULLS LAST";
}

/// Terms that rank the values of `column` by `rule`; empty after reporting.
std::optional<std::string> value_order(CleanseFlow& flow, const Options& options,
                                       const Column& column, const std::string& rule,
                                       const SourcePosition& where) {
  const std::string name = quote_identifier(column.name);
  if (rule == "first_non_null") return std::string();
  if (rule == "min") return ", " + name + " ASC NULLS LAST";
  if (rule == "max") return ", " + name + " DESC NULLS LAST";
  if (rule == "longest") {
    if (!flow.text_column(column.name, where)) return std::nullopt;
    return ", length(" + name + ") DESC NULLS LAST";
  }
  const bool by_recency = rule == "most_recent";
  const std::string needed = by_recency ? "recency" : "sources";
  if (!options.has(needed)) {
    flow.context().diagnostics().error(where, "'" + rule + "' needs '" + needed + "'",
                                       by_recency ? "name the column that says how recent a row is"
                                                  : "list the sources, the best first");
    return std::nullopt;
  }
  return by_recency ? recency_order(flow, options) : source_order(flow, options);
}

}  // namespace

std::optional<std::vector<SurvivorRule>> survivor_rules(CleanseFlow& flow, const Options& options) {
  std::vector<SurvivorRule> rules;
  const YamlNode node = options.node("survivors");
  for (std::size_t i = 0; node && i < node.size(); ++i) {
    const auto column = flow.column(std::string(node.key(i).text()), node.key(i).position());
    const auto order = column ? value_order(flow, options, *column, std::string(node[i].text()),
                                            node[i].position())
                              : std::nullopt;
    if (!order) return std::nullopt;
    rules.push_back({*column, *order});
  }
  return rules;
}

std::vector<std::string> keep_survivors(CleanseFlow& flow, const RowGroups& groups,
                                        const std::vector<SurvivorRule>& rules) {
  std::vector<std::string> values;
  for (const SurvivorRule& rule : rules)
    values.push_back(flow.keep("first_value(CASE WHEN NOT " + groups.is_marked + " THEN " +
                               quote_identifier(rule.column.name) + " END IGNORE NULLS) " +
                               groups.window(groups.parts, rule.order) + kWholePartition + ")"));
  return values;
}

void set_survivors(CleanseFlow& flow, const std::vector<SurvivorRule>& rules,
                   const std::vector<std::string>& values, const std::string& survives) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string name = quote_identifier(rules[i].column.name);
    flow.set(rules[i].column, "CASE WHEN " + survives + " THEN coalesce(" + values[i] + ", " +
                                  name + ") ELSE " + name + " END");
  }
}

std::vector<OptionSpec> survivorship_options() {
  return {{.name = "survivors",
           .kind = OptionKind::map,
           .summary = "Which value of a group the survivor gets, by column.",
           .fields = {{.name = "rule",
                       .kind = OptionKind::choice,
                       .choices = {"first_non_null", "most_recent", "longest", "source_priority",
                                   "min", "max"}}}},
          {.name = "recency",
           .kind = OptionKind::column,
           .summary = "What most_recent goes by: the greatest value is the most recent."},
          {.name = "sources",
           .kind = OptionKind::list,
           .summary = "What source_priority goes by: the best source first.",
           .fields = {{.name = "source", .kind = OptionKind::text}}},
          {.name = "source",
           .kind = OptionKind::column,
           .summary = "Column that names a row's source.",
           .default_text = "_source"}};
}

}  // namespace tallymill
