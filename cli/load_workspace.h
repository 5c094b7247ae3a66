#pragma once

#include <string>

#include "cli/catalog.h"
#include "cli/invocation.h"
#include "scheduler/run_request.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// The workspace a command works on; throws InvalidInput with every problem if there are errors.
/// Warnings are `validate`'s to print. `only_graph`: see Workspace::load.
Workspace load_workspace(const Invocation& invocation, const UnitCatalog& catalog,
                         const std::string& only_graph = {});

/// For commands that only look at what the store knows: graph files may be wrong, or half edited.
/// Throws InvalidInput only if tallymill.yaml itself has errors.
Workspace load_workspace_to_look(const Invocation& invocation, const UnitCatalog& catalog);

/// Throws InvalidInput if a parameter table leaves a job of `graph` without a value in `period`, by
/// the rules and tables that count then: where files are proposals, those in effect.
void require_param_values(const Workspace& workspace, const std::string& graph,
                          const Period& period, RulesOf rules);

/// Throws InvalidInput if a rule that `graph` names does not load or does not fit the rows it is
/// asked about, before a run reads any data. Where files are proposals the versions in effect were
/// judged when they were proposed.
void require_sound_rules(const Workspace& workspace, const std::string& graph);

}  // namespace tallymill
