#include "connectors/connector.h"

#include <stdexcept>

#include "connectors/table_comparison.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {

std::unique_ptr<RecordReader> Connector::open_reader(const ReadRequest&) {
  throw std::logic_error("open_reader() of a connector that cannot read");
}

std::unique_ptr<RecordWriter> Connector::open_writer(const WriteRequest&) {
  throw std::logic_error("open_writer() of a connector that cannot write");
}

std::unique_ptr<ComparedTable> Connector::open_comparison(const CompareRequest&) {
  throw std::logic_error("open_comparison() of a connector that cannot compare");
}

NamedConnector open_connector(const Registry<ConnectorType>& types, const Task& task,
                              const std::string& name, const SourcePosition& where) {
  const auto found = task.connectors.find(name);
  if (found == task.connectors.end()) {
    std::vector<std::string> names;
    for (const auto& [known, spec] : task.connectors) names.push_back(known);
    const std::string meant = did_you_mean(name, names);
    throw Error(ErrorClass::config,
                "no connector is named '" + name + "'; " +
                    (meant.empty() ? "declare it under 'connectors:' in tallymill.yaml" : meant),
                where);
  }
  const json::object& declared = found->second.as_object();
  const std::string type = json_text(declared, "type");
  NamedConnector named;
  named.type = types.find(type);
  if (named.type == nullptr)
    throw Error(ErrorClass::config, "connector '" + name + "' has the unknown type '" + type + "'",
                where);
  named.document = YamlDocument::from_json(json_at(declared, "spec"));
  named.connector = named.type->make(Options(named.document->root()),
                                     {name, task.workspace, task.folder / "tmp"});
  return named;
}

}  // namespace tallymill
