#include "cli/load_workspace.h"

#include <set>

#include "cli/application.h"
#include "cli/rule_files.h"
#include "rules/rule_requirements.h"
#include "scheduler/workspace_file.h"

namespace tallymill {

Workspace load_workspace(const Invocation& invocation, const UnitCatalog& catalog,
                         const std::string& only_graph) {
  Diagnostics diagnostics;
  Workspace workspace =
      Workspace::load(invocation.workspace_root(), catalog, diagnostics, only_graph);
  if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
  return workspace;
}

void require_param_values(const Workspace& workspace, const std::string& graph,
                          const Period& period) {
  const FileReader read = reader_of(workspace);
  Diagnostics diagnostics;
  std::set<std::string> seen;
  const auto found = workspace.graphs.find(graph);
  if (found == workspace.graphs.end()) return;
  for (const JobNode& job : found->second->jobs)
    for (const FileUse& use : job.shape.files)
      if (!rule_name_of(use.path).empty() && seen.insert(use.path).second)
        check_param_period(use.path, period, read, workspace.currency_scale, diagnostics);
  if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
}

Workspace load_workspace_to_look(const Invocation& invocation, const UnitCatalog& catalog) {
  Diagnostics diagnostics;
  Workspace workspace = Workspace::load(invocation.workspace_root(), catalog, diagnostics);
  Diagnostics of_workspace;
  for (const Diagnostic& problem : diagnostics.sorted())
    if (problem.where.file == kWorkspaceFile) of_workspace.add(problem);
  if (of_workspace.has_errors()) throw InvalidInput(std::move(of_workspace));
  return workspace;
}

}  // namespace tallymill
