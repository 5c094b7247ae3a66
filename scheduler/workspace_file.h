#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/diagnostics.h"
#include "scheduler/workspace.h"

namespace tallymill {

inline constexpr std::string_view kWorkspaceFile = "tallymill.yaml";

/// The value of an environment variable; empty if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> process_environment(const std::string& name);

/// Fills everything of `workspace` that tallymill.yaml says; `workspace.root` is given.
/// `${env:NAME}` and `${env:NAME:-default}` are replaced in every text of this file, and only here.
/// The name of every connector, and where it stands, is known to `workspace.connectors` also when
/// its options are wrong.
void read_workspace_file(std::string text, const Environment& environment,
                         const JobCatalog& catalog, Workspace& workspace, Diagnostics& diagnostics);

}  // namespace tallymill
