#pragma once

#include <string_view>

#include "core/diagnostics.h"

namespace tallymill {

/// What a YAML parser's terse message means to the person who wrote `line`, the text of the line it
/// points into; private to core/yaml*.
Diagnostic explain_yaml_problem(std::string_view parser_message, SourcePosition where,
                                std::string_view line);

}  // namespace tallymill
