#pragma once

#include <string>

#include "books/allocation.h"

namespace tallymill::books {

/// Makes `table` of the tree's places: the key's column and tm_path, the list of keys from the root
/// down to it. Throws Error(data) that names places whose key repeats or is missing, whose parent
/// does not exist, and those that stand above themselves.
void make_tree_paths(Engine& engine, const ReceiverTree& tree, const std::string& table);

}  // namespace tallymill::books
