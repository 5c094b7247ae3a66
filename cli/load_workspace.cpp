#include "cli/load_workspace.h"

#include "cli/application.h"
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
