#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace tallymill {

/// How much of what an attempt's process prints is kept, of stdout and of stderr each.
inline constexpr std::uint64_t kDefaultOutputBytes = std::uint64_t{16} << 20;

/// Gives the disk back what lies in the middle of `file` beyond `bytes`: the first half and the
/// newest half stay. Whoever writes to its end (O_APPEND) may do so meanwhile. The hole is told by
/// the file system alone, so it needs no record and outlives a kill. Where the file system makes no
/// holes, the file is cut off behind its first half. What cannot be freed now is left.
void keep_ends(const std::filesystem::path& file, std::uint64_t bytes);

/// What is left of such a file. Both parts are whole lines where something is left out.
struct OutputText {
  std::string head;
  std::uint64_t left_out = 0;  ///< bytes between the two
  std::string tail;
};

/// Empty texts if there is no such file.
OutputText read_output(const std::filesystem::path& file);

}  // namespace tallymill
