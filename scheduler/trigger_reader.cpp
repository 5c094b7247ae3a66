#include "scheduler/trigger_reader.h"

#include "core/text.h"

namespace tallymill {
namespace {

class TriggerReader {
 public:
  TriggerReader(const Workspace& workspace, Diagnostics& diagnostics)
      : workspace_(workspace), diagnostics_(diagnostics) {}

  GraphTrigger read(YamlNode node) {
    GraphTrigger trigger;
    trigger.where = node.position();
    trigger.dataset = node.find("dataset").text();
    trigger.path = node.find("file").text();
    trigger.connector = node.find("connector").text();
    trigger.control = node.find("control").text();
    trigger.quiet = parse_duration(node.find("quiet").text());
    if (trigger.dataset.empty() == trigger.path.empty())
      problem(node, "a trigger needs one of 'dataset' and 'file'",
              "write 'dataset: name' or 'file: \"incoming/*.csv\"'");
    else if (trigger.path.empty())
      check_dataset(node, trigger);
    else
      check_file(node, trigger);
    trigger.cause = trigger.path.empty() ? "dataset " + trigger.dataset : file_cause(trigger);
    return trigger;
  }

 private:
  static std::string file_cause(const GraphTrigger& trigger) {
    return "file " + (trigger.connector.empty() ? "" : trigger.connector + ":") + trigger.path;
  }
  void problem(YamlNode node, const std::string& text, const std::string& hint) {
    diagnostics_.error(node.position(), text, hint);
  }
  void check_dataset(YamlNode node, const GraphTrigger& trigger) {
    for (const char* key : {"connector", "control", "quiet"})
      if (node.find(key))
        problem(node.find(key), "option '" + std::string(key) + "' belongs to 'file'",
                "remove it: '" + trigger.dataset + "' is there when it is published");
  }
  void check_file(YamlNode node, const GraphTrigger& trigger) {
    if (trigger.control.empty() == !trigger.quiet)
      problem(node, "a file may still be growing when it appears",
              "say how to know that it is whole: 'control: path' of a file that comes last, or "
              "'quiet: 5m' without a change; one of them");
    if (!trigger.connector.empty() && trigger_root(workspace_, trigger.connector).empty())
      problem(node.find("connector"),
              "connector '" + trigger.connector + "' has no folder to watch",
              "name a connector of type files, or leave it out for a path below the workspace");
  }

  const Workspace& workspace_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::filesystem::path trigger_root(const Workspace& workspace, const std::string& connector) {
  if (connector.empty()) return workspace.root;
  const auto found = workspace.connectors.find(connector);
  if (found == workspace.connectors.end()) return {};
  // A connector whose data lies in a folder says where by `root`.
  const json::object* spec = found->second.spec.if_object();
  const json::value* root = spec ? spec->if_contains("root") : nullptr;
  if (!root || !root->is_string()) return {};
  return (workspace.root / std::string(root->get_string())).lexically_normal();
}

std::vector<GraphTrigger> read_triggers(YamlNode triggers, const Workspace& workspace,
                                        Diagnostics& diagnostics) {
  std::vector<GraphTrigger> read;
  if (!triggers.is_sequence()) return read;
  for (std::size_t i = 0; i < triggers.size(); ++i)
    if (triggers[i].is_mapping())
      read.push_back(TriggerReader(workspace, diagnostics).read(triggers[i]));
  return read;
}

void check_triggers(const Workspace& workspace, Diagnostics& diagnostics) {
  for (const auto& [name, graph] : workspace.graphs)
    for (const GraphTrigger& trigger : graph->triggers) {
      if (trigger.dataset.empty()) continue;
      const auto made = workspace.datasets.find(trigger.dataset);
      std::vector<std::string> names;
      for (const auto& entry : workspace.datasets) names.push_back(entry.first);
      if (made == workspace.datasets.end())
        diagnostics.error(trigger.where, "no job of the workspace writes '" + trigger.dataset + "'",
                          did_you_mean(trigger.dataset, names));
      else if (made->second.graph == name)
        diagnostics.error(
            trigger.where,
            "graph '" + name + "' writes '" + trigger.dataset + "' itself, so it would never stop",
            "name a dataset of another graph");
      else if (workspace.graphs.at(made->second.graph)->period > graph->period)
        diagnostics.error(
            trigger.where,
            "'" + trigger.dataset + "' is made per " +
                std::string(to_string(workspace.graphs.at(made->second.graph)->period)) +
                ", graph '" + name + "' runs per " + std::string(to_string(graph->period)));
    }
}

}  // namespace tallymill
