#include "cli/load_workspace.h"

#include "cli/application.h"

namespace tallymill {

Workspace load_workspace(const Invocation& invocation, const UnitCatalog& catalog,
                         const std::string& only_graph) {
  Diagnostics diagnostics;
  Workspace workspace =
      Workspace::load(invocation.workspace_root(), catalog, diagnostics, only_graph);
  if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
  return workspace;
}

}  // namespace tallymill
