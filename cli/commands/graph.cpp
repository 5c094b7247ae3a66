#include "cli/graph_drawing.h"
#include "cli/invocation.h"
#include "cli/load_workspace.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

using Drawing = std::string (*)(const Graph&);

/// Throws Error(config) for an unknown name.
Drawing drawing_for(const std::string& format) {
  if (format == "text") return draw_text;
  if (format == "dot") return draw_dot;
  if (format == "mermaid") return draw_mermaid;
  throw Error(ErrorClass::config,
              "unknown format '" + format + "'; the formats are text, dot, mermaid");
}

Exit run_graph(const Invocation& invocation) {
  const Drawing draw = drawing_for(invocation.text("format", "text"));
  const UnitCatalog catalog;
  const std::string name = invocation.text("GRAPH");
  const Workspace workspace = load_workspace(invocation, catalog, name);
  const Graph& graph = *workspace.graphs.at(name);
  invocation.out() << (invocation.json() ? pretty_json(graph_json(graph)) : draw(graph));
  return Exit::ok;
}

}  // namespace

void register_graph(Registry<Command>& commands) {
  commands.add({
      .name = "graph",
      .summary = "Draws a graph: its jobs, what they read and make, and what waits for what.",
      .example = "tallymill graph month_end --format mermaid",
      .arguments = {{"GRAPH", "The graph to draw."}},
      .flags = {{.name = "format", .value = "FORMAT", .summary = "text (default), dot or mermaid."},
                json_flag()},
      .run = run_graph,
  });
}

}  // namespace tallymill
