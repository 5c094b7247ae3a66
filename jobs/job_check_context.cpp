#include "jobs/job_check_context.h"

#include "core/text.h"
#include "core/time/date.h"

namespace tallymill {

std::int64_t JobCheckContext::as_of() const { return parse_timestamp(job_.task().as_of).value; }

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
