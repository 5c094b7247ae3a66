#pragma once

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/error.h"

namespace tallymill {

/// True for the error numbers of a disk or a quota that is used up.
bool is_no_space(int error_number);

/// "0 B", "812 KiB", "5.0 MiB".
std::string size_text(std::uint64_t bytes);

/// "the disk mounted at '/data' (3.2 GiB of 40.0 GiB free)".
std::string disk_text(const std::filesystem::path& path);

/// "the disk mounted at '/data' is full (0 B of 5.0 MiB free)"; `path` is a file or folder on that
/// disk and need not exist. What is free is read now, so call it where the write failed.
std::string full_disk_text(const std::filesystem::path& path, int error_number = ENOSPC);

/// Less is left on the disk of `path` than a result and a store page take. For errors that do not
/// say why a write failed.
bool is_disk_nearly_full(const std::filesystem::path& path);

/// Error(transient) "cannot <doing> '<path>': <why>"; a full disk says which one, how much is free
/// and what to do. `doing` is a verb like "write".
Error file_problem(std::string_view doing, const std::filesystem::path& path, int error_number);
/// The same for what std::filesystem throws, which names up to two paths.
Error file_problem(const std::filesystem::filesystem_error& error);

}  // namespace tallymill
