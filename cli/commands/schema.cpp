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
    invocation.out() << "wrote graph.schema.json, block.schema.json and tallymill.schema.json to '"
                     << folder.string() << "'\n";
    return Exit::ok;
  }
  const std::string file = invocation.text("FILE", "graph");
  if (file != "graph" && file != "block" && file != "workspace")
    throw Error(ErrorClass::config,
                "unknown file '" + file + "'; there are schemas of graph, block and workspace");
  invocation.out() << pretty_json(file == "graph"   ? graph_schema(catalog)
                                  : file == "block" ? block_schema(catalog)
                                                    : workspace_schema(catalog));
  return Exit::ok;
}

}  // namespace

void register_schema(Registry<Command>& commands) {
  commands.add({
      .name = "schema",
      .summary = "Writes the JSON Schema that makes editors complete and check the YAML files.",
      .example = "tallymill schema --out schema",
      .arguments = {{"FILE", "graph (default), block or workspace.", false}},
      .flags = {{.name = "out", .value = "DIR", .summary = "Write all schemas there."}},
      .run = run_schema,
      .in_workspace = false,
  });
}

}  // namespace tallymill
