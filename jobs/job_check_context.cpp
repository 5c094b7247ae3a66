#include "jobs/job_check_context.h"

#include "core/stored_text.h"
#include "core/text.h"
#include "core/time/date.h"

namespace tallymill {

std::int64_t JobCheckContext::as_of() const { return parse_timestamp(job_.task().as_of).value; }

std::optional<Period> JobCheckContext::period() const {
  return job_.task().mode == TaskMode::bind ? std::nullopt : Period::parse(job_.task().period);
}

std::optional<PeriodKind> JobCheckContext::period_kind() const {
  if (job_.task().mode == TaskMode::bind) return period_kind_from(job_.task().period_kind);
  const auto run = period();
  return run ? std::optional(run->kind()) : std::nullopt;
}

/// {"measures": {name: {period: value}}}
MeasureHistory JobCheckContext::past(const std::string& measure) {
  MeasureHistory past;
  const std::string path = history_path(job_.task().job);
  const auto text = job_.pinned_text(path);
  if (!text) return past;
  const json::value history = parse_json(*text, path);
  const json::object& measures = json_at(history.as_object(), "measures").as_object();
  const json::value* values = measures.if_contains(measure);
  if (values == nullptr) return past;
  for (const auto& [period, value] : values->as_object())
    if (const auto of = Period::parse(period)) past.emplace(*of, value.as_string());
  return past;
}

std::optional<std::string> JobCheckContext::expand(const std::string& text,
                                                   const SourcePosition& where) {
  constexpr std::string_view kCall = "param(";
  if (!text.starts_with(kCall) || !text.ends_with(')')) return known(job_.expand(text, where));
  const std::string name = text.substr(kCall.size(), text.size() - kCall.size() - 1);
  const auto& params = job_.task().params;
  if (const auto param = params.find(name); param != params.end())
    return known(param->second.value);
  std::vector<std::string> names;
  for (const auto& entry : params) names.push_back(entry.first);
  diagnostics().error(where, "the graph has no parameter '" + name + "'",
                      did_you_mean(name, names));
  return std::nullopt;
}

std::optional<std::string> JobCheckContext::condition(const std::string& sql,
                                                      const SourcePosition& where) {
  std::string bound = job_.bind_parameters(sql, where);
  const auto type = job_.expression_type(bound, relation_, nullptr, where);
  if (!type) return std::nullopt;
  if (type->kind == TypeKind::boolean) return bound;
  diagnostics().error(where, "'" + sql + "' is " + type->name() + ", not a condition",
                      "write a comparison, such as amount >= 0");
  return std::nullopt;
}

std::optional<CheckContext::Reference> JobCheckContext::reference(const std::string& name,
                                                                  const SourcePosition&) {
  Reference reference{name, {}, {}, false};
  reference.is_table = job_.task().files.contains("tables/" + name + ".csv");
  if (!reference.is_table) {
    reference.columns = job_.schema(name).columns;
    reference.relation = job_.relation(name);
    return reference;
  }
  std::vector<std::string> columns;
  reference.relation = job_.table(name, &columns);
  for (const std::string& column : columns) reference.columns.push_back({column, Type::text()});
  return reference;
}

/// A parameter without a default has no value before a run.
std::optional<std::string> JobCheckContext::known(std::string value) const {
  if (value.empty() && job_.task().mode == TaskMode::bind) return std::nullopt;
  return value;
}

}  // namespace tallymill
