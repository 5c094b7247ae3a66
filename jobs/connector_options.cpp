#include "jobs/connector_options.h"

#include <algorithm>

#include "core/text.h"
#include "core/time/period.h"

namespace tallymill {

namespace {

const std::vector<OptionSpec>& options_of(const ConnectorType& type, ConnectorSide side) {
  if (side == ConnectorSide::to) return type.to_options;
  const bool is_compared = side == ConnectorSide::compare && !type.compare_options.empty();
  return is_compared ? type.compare_options : type.from_options;
}

std::vector<std::string> with_connector(std::vector<std::string> keys) {
  keys.emplace_back("connector");
  return keys;
}

}  // namespace

const Registry<ConnectorType>& connector_types() {
  static const Registry<ConnectorType> types = [] {
    Registry<ConnectorType> all;
    register_all_connectors(all);
    return all;
  }();
  return types;
}

void shape_connector(YamlNode mapping, ConnectorSide side, const std::vector<std::string>& own_keys,
                     JobShape& shape, Diagnostics& diagnostics) {
  const YamlNode connector = mapping.find("connector");
  if (connector.is_scalar())
    shape.connectors.push_back({std::string(connector.text()), connector.position()});
  std::vector<std::string> known = with_connector(own_keys);
  for (const auto& [name, type] : connector_types())
    for (const OptionSpec& option : options_of(type, side)) known.push_back(option.name);
  for (std::size_t i = 0; i < mapping.size(); ++i) {
    const std::string key(mapping.key(i).text());
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    std::string hint = did_you_mean(key, known);
    if (hint.empty()) {
      hint = "'tallymill explain " + join(connector_types().names(), "', 'explain ");
      hint += "' show what each knows";
    }
    diagnostics.error(mapping.key(i).position(), "no connector knows the option '" + key + "'",
                      std::move(hint));
  }
}

namespace {

/// Reports what cannot be reckoned in the values of this kind.
void expand_texts(YamlNode mapping, const std::vector<OptionSpec>& options, OptionKind kind,
                  JobContext& context) {
  for (const OptionSpec& option : options)
    if (const YamlNode value = mapping.find(option.name); option.kind == kind && value.is_scalar())
      context.expand(std::string(value.text()), value.position());
}

}  // namespace

void check_connector_options(YamlNode mapping, const std::string& connector, ConnectorSide side,
                             const std::vector<std::string>& own_keys, JobContext& context) {
  Diagnostics& diagnostics = context.diagnostics();
  const auto found = context.task().connectors.find(connector);
  if (found == context.task().connectors.end()) {
    diagnostics.error(mapping.position(), "unknown connector '" + connector + "'");
    return;
  }
  const std::string name = json_text(found->second.as_object(), "type");
  const ConnectorType* type = connector_types().find(name);
  if (type == nullptr) return;  // reported where it is declared
  const std::vector<OptionSpec>& options = options_of(*type, side);
  const std::string subject = "connector '" + connector + "' (" + name + ")";
  if (options.empty()) {
    diagnostics.error(
        mapping.position(),
        subject + (side == ConnectorSide::to ? " cannot be written to" : " cannot be read from"));
    return;
  }
  Diagnostics problems;
  validate_options(mapping, options, subject, problems, with_connector(own_keys));
  diagnostics.add_all(problems);
  if (problems.has_errors()) return;
  if (&options == &type->from_options && type->check_from)
    type->check_from(Options(mapping), diagnostics);
  expand_texts(mapping, options, OptionKind::path, context);
  // Texts of their own groups of options are dates and names that may be reckoned too.
  for (const OptionSpec& option : options)
    if (const YamlNode group = mapping.find(option.name); group.is_mapping())
      expand_texts(group, option.fields, OptionKind::text, context);
}

std::vector<SourceParameter> source_parameters(const Task& task) {
  std::vector<SourceParameter> parameters{{"period", {"text", task.period}}};
  if (const auto period = Period::parse(task.period)) {
    parameters.push_back({"period_first_day", {"date", period->first_day().text()}});
    parameters.push_back({"period_last_day", {"date", period->last_day().text()}});
  }
  if (!task.partition.empty()) parameters.push_back({"partition", {"text", task.partition}});
  for (const auto& [name, param] : task.params) parameters.push_back({"param_" + name, param});
  return parameters;
}

}  // namespace tallymill
