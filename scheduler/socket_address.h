#pragma once

#include <filesystem>
#include <string>

#include "core/files.h"

namespace tallymill {

/// A listening Unix socket at `path`, mode 0600, or 0660 for `group` in a folder of mode 0750.
/// What stands there of an earlier process is replaced: the caller holds the lock. Throws
/// Error(config) naming what is wrong.
UniqueFd listen_at(const std::filesystem::path& path, const std::string& group);
/// A connection; not open if nobody listens there.
UniqueFd connect_to(const std::filesystem::path& path);
/// The login name of the process at the other end, as the kernel tells it.
std::string peer_name(const UniqueFd& connection);

}  // namespace tallymill
