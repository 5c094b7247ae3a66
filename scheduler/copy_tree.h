#pragma once

#include <cstdint>
#include <filesystem>

namespace tallymill {

/// Copies a folder to `to`, which must not exist, with its permissions: into `partial` first, made
/// durable, then by one rename, so that `to` is whole or not there. Returns the bytes copied.
/// Throws Error(transient) or what std::filesystem throws.
std::uint64_t copy_folder(const std::filesystem::path& from, const std::filesystem::path& to,
                          const std::filesystem::path& partial);

/// Copies every file below `from` that `to` does not have; small ones. Returns the bytes copied.
std::uint64_t copy_missing(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace tallymill
