#pragma once

#include <filesystem>
#include <span>
#include <vector>

namespace tallymill {

/// fsyncs files and folders, several at once: the disk takes them in together, while one after
/// another each would wait for it anew. All are on the disk when it returns. Throws
/// Error(transient) naming the first that cannot be.
void sync_all(std::span<const std::filesystem::path> paths);
/// The files and folders below `folder`, and itself: what sync_tree() fsyncs.
std::vector<std::filesystem::path> tree_of(const std::filesystem::path& folder);

}  // namespace tallymill
