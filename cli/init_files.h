#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace tallymill {

/// What `tallymill init` writes: path in the workspace and content. Small, and it runs.
const std::vector<std::pair<std::string_view, std::string_view>>& init_files();

}  // namespace tallymill
