#pragma once

#include <vector>

#include "core/options.h"

namespace tallymill {

/// What a reconcile job understands.
std::vector<OptionSpec> reconcile_options();

}  // namespace tallymill
