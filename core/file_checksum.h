#pragma once

#include <filesystem>
#include <string>

namespace tallymill {

/// How senders of files close them: the bytes' digest, in a small file beside.
enum class FileChecksum { md5, sha256 };

/// Of the whole file, as lower-case hex. Throws Error(transient) if it cannot be read.
std::string checksum_of(const std::filesystem::path& file, FileChecksum kind);

}  // namespace tallymill
