#pragma once

#include <string>

#include "core/json.h"
#include "scheduler/graph.h"

namespace tallymill {

/// A graph for people, one job a line: name, type, what it reads, makes and gates.
std::string draw_text(const Graph& graph);
/// Graphviz. Gate edges are dashed; jobs of `needs:` have no label.
std::string draw_dot(const Graph& graph);
/// Mermaid flowchart, as code hosts show it in Markdown.
std::string draw_mermaid(const Graph& graph);
/// {"graph","period","jobs":[...],"edges":[{"from","to","kind","dataset"}]}.
json::object graph_json(const Graph& graph);

}  // namespace tallymill
