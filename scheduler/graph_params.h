#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/diagnostics.h"
#include "core/money.h"
#include "core/task.h"
#include "core/yaml.h"

namespace tallymill {

/// Reads `params:` of a graph; every default is checked strictly by its type.
std::map<std::string, TaskParam> read_params(YamlNode node, int currency_scale,
                                             Diagnostics& diagnostics);

/// Why `value` is no value of parameter type `type`; ParseProblem::none if it is one. Also for
/// values given to a run.
ParseProblem check_param(std::string_view type, std::string_view value, int currency_scale);

}  // namespace tallymill
