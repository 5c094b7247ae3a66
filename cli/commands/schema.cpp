#include <filesystem>

#include "cli/invocation.h"
#include "cli/json_schema.h"
#include "core/error.h"
#include "core/files.h"

namespace tallymill {
namespace {

Exit run_schema(const Invocation& invocation) {
  const UnitCatalog catalog;
  if (invocation.has("out")) {
    const std::filesystem::path folder = invocation.text("out");
    std::filesystem::create_directories(folder);
    write_file_durably(folder / "graph.schema.json", pretty_json(graph_schema(catalog)));
    write_file_durably(folder / "block.schema.json", pretty_json(block_schema(catalog)));
    write_file_durably(folder / "tallymill.schema.json", pretty_json(workspace_schema(catalog)));
    write_file_durably(folder / "decision_table.schema.json", pretty_json(decision_table_schema()));
    write_file_durably(folder / "parameter_table.schema.json", pretty_json(param_table_schema()));
    invocation.out() << "wrote graph.schema.json, block.schema.json, tallymill.schema.json, "
                        "decision_table.schema.json and parameter_table.schema.json to '"
                     << folder.string() << "'\n";
    return Exit::ok;
  }
  const std::string file = invocation.text("FILE", "graph");
  json::object schema;
  if (file == "graph")
    schema = graph_schema(catalog);
  else if (file == "block")
    schema = block_schema(catalog);
  else if (file == "workspace")
    schema = workspace_schema(catalog);
  else if (file == "decision_table")
    schema = decision_table_schema();
  else if (file == "parameter_table")
    schema = param_table_schema();
  else
    throw Error(ErrorClass::config, "unknown file '" + file +
                                        "'; there are schemas of graph, block, workspace, "
                                        "decision_table and parameter_table");
  invocation.out() << pretty_json(schema);
  return Exit::ok;
}

}  // namespace

void register_schema(Registry<Command>& commands) {
  commands.add({
      .name = "schema",
      .summary = "Writes the JSON Schema that makes editors complete and check the YAML files.",
      .example = "tallymill schema --out schema",
      .arguments = {{"FILE",
                     "graph (default), block, workspace, decision_table or parameter_table.",
                     false}},
      .flags = {{.name = "out", .value = "DIR", .summary = "Write all schemas there."}},
      .run = run_schema,
      .in_workspace = false,
  });
}

}  // namespace tallymill
