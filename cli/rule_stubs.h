#pragma once

#include <map>
#include <string>

#include "core/json.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Where stubs for editors are written, below the workspace.
inline constexpr const char* kStubFolder = ".luals";

/// What lua-language-server needs to complete rules and to flag wrong columns, by path below the
/// workspace: the library with its annotations, a class for each kind of rule, `dataset.<name>` for
/// each dataset (`schemas` as bind_workspace() gives them) and `rows.<rule>` with the columns of
/// the datasets that jobs use the rule with.
std::map<std::string, std::string> rule_stubs(const Workspace& workspace,
                                              const json::object& schemas);

/// Settings that are written only where there are none: .luarc.json and .luacheckrc.
std::map<std::string, std::string> rule_editor_settings();

}  // namespace tallymill
