#include "jobs/indicator_bands.h"

#include "core/text.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

struct Band {
  std::string name;
  std::string severity;
  std::string to;  ///< SQL literal; empty: unbounded
};

/// A bound as SQL literal; empty if there is none, or after reporting.
std::string bound_of(JobContext& context, const Options& band, const char* key, const Type& type) {
  if (!band.has(key)) return "";
  const SourcePosition where = band.position(key);
  const auto text = value_text(context, band.text(key), where);
  if (!text) return "";
  return literal_sql(type, *text, where, context.diagnostics()).value_or("");
}

void check_neighbours(Diagnostics& diagnostics, const std::vector<YamlNode>& nodes) {
  const Options first(nodes.front());
  const Options last(nodes.back());
  if (first.has("from"))
    diagnostics.error(first.position("from"), "the first band has no 'from'",
                      "values below it would be in no band");
  if (last.has("to"))
    diagnostics.error(last.position("to"), "the last band has no 'to'",
                      "values from it on would be in no band");
  for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
    const Options band(nodes[i]);
    const Options next(nodes[i + 1]);
    if (!band.has("to"))
      diagnostics.error(nodes[i].position(), "band '" + band.text("name") + "' needs 'to'");
    else if (next.text("from") != band.text("to"))
      diagnostics.error(nodes[i + 1].position(),
                        "band '" + next.text("name") + "' starts at '" + next.text("from") +
                            "', but '" + band.text("name") + "' ends at '" + band.text("to") + "'",
                        "a band starts where the one before it ends");
  }
}

/// Bands are tried from below; a value equal to a bound is in the band that starts there.
std::string by_band(const std::vector<Band>& bands, std::string Band::*field) {
  std::string sql = "(CASE WHEN value IS NULL THEN NULL";
  for (const Band& band : bands)
    sql += band.to.empty() ? " ELSE " + quote_literal(band.*field)
                           : " WHEN value < " + band.to + " THEN " + quote_literal(band.*field);
  return sql + " END)";
}

}  // namespace

Judgement judge_by_bands(JobContext& context, const std::vector<YamlNode>& nodes,
                         const Type& value) {
  std::vector<Band> bands;
  for (const YamlNode& node : nodes) {
    const Options band(node);
    bound_of(context, band, "from", value);
    bands.push_back(
        {band.text("name"), band.text("severity", "none"), bound_of(context, band, "to", value)});
  }
  Judgement judgement;
  if (bands.empty()) return judgement;
  check_neighbours(context.diagnostics(), nodes);
  judgement.band = by_band(bands, &Band::name);
  judgement.severity = by_band(bands, &Band::severity);
  judgement.message = "CASE WHEN " + judgement.severity +
                      " <> 'none' THEN CAST(value AS VARCHAR) || ' is ' || " + judgement.band +
                      " END";
  return judgement;
}

Judgement judge_by_rule(JobContext& context, const Options& threshold, const Schema& row,
                        const std::string& relation) {
  Judgement judgement;
  const SourcePosition where = threshold.position("rule");
  const RuleInfo* rule = context.rule(threshold.text("rule"), where);
  if (rule == nullptr) return judgement;
  if (rule->kind != RuleKind::threshold) {
    context.diagnostics().error(
        where, "rule '" + rule->name + "' is a " + std::string(to_string(rule->kind)) + " rule",
        "the bands of an indicator come from a threshold rule");
    return judgement;
  }
  const auto call = context.rules().bind(
      {rule->name}, row, rule_params(context, threshold, "params"), where, context.diagnostics());
  if (!call) return judgement;
  context.note_rule_site({.rule = rule->name,
                          .relation = relation,
                          .condition = {},
                          .row = row,
                          .params = rule_params(context, threshold, "params"),
                          .where = where});
  judgement.call = call->expression;
  judgement.band = "struct_extract(tm_call, 'band')";
  judgement.message = "nullif(struct_extract(tm_call, 'message'), '')";
  judgement.error = "struct_extract(tm_call, 'error')";
  judgement.severity = "CASE";
  const YamlNode severities = threshold.node("severity");
  for (std::size_t i = 0; severities && i < severities.size(); ++i)
    judgement.severity += " WHEN " + judgement.band + " = " +
                          quote_literal(severities.key(i).text()) + " THEN " +
                          quote_literal(severities[i].text());
  judgement.severity += " WHEN " + judgement.message + " IS NOT NULL THEN 'warn' WHEN " +
                        judgement.band + " IS NOT NULL THEN 'none' END";
  return judgement;
}

}  // namespace tallymill
