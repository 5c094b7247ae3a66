#include "scheduler/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/files.h"

namespace tallymill {
namespace {

constexpr std::uint64_t kBlock = 4096;  ///< holes begin and end where the file system's pages do
constexpr std::uint64_t kStatBlock = 512;

constexpr std::uint64_t whole_blocks(std::uint64_t bytes) { return bytes / kBlock * kBlock; }

std::string read_part(const UniqueFd& fd, std::uint64_t from, std::uint64_t to) {
  std::string text(to - from, '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count =
        ::pread(fd.get(), text.data() + done, text.size() - done, static_cast<off_t>(from + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

}  // namespace

void keep_ends(const std::filesystem::path& file, std::uint64_t bytes) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size <= bytes || static_cast<std::uint64_t>(status.st_blocks) * kStatBlock <= bytes) return;
  const std::uint64_t from = std::max(whole_blocks(bytes / 2), kBlock);
  const std::uint64_t to = whole_blocks(size - bytes / 2);
  if (to <= from) return;
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.is_open()) return;
  if (::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                  static_cast<off_t>(to - from)) == 0)
    return;
  // Nothing to be done about a failure: the next look tries again.
  [[maybe_unused]] const int code = ::ftruncate(fd.get(), static_cast<off_t>(from));
}

OutputText read_output(const std::filesystem::path& file) {
  OutputText output;
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!fd.is_open() || ::fstat(fd.get(), &status) != 0) return output;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  // Every file has a hole at its end.
  const off_t hole = ::lseek(fd.get(), 0, SEEK_HOLE);
  const std::uint64_t first = hole < 0 ? size : std::min(static_cast<std::uint64_t>(hole), size);
  output.head = read_part(fd, 0, first);
  if (first == size) return output;
  const off_t data = ::lseek(fd.get(), static_cast<off_t>(first), SEEK_DATA);
  const std::uint64_t second = data < 0 ? size : static_cast<std::uint64_t>(data);
  output.tail = read_part(fd, second, size);
  output.left_out = second - first;
  if (const std::size_t line = output.head.rfind('\n'); line != std::string::npos) {
    output.left_out += output.head.size() - line - 1;
    output.head.resize(line + 1);
  }
  if (const std::size_t line = output.tail.find('\n'); line != std::string::npos) {
    output.left_out += line + 1;
    output.tail.erase(0, line + 1);
  }
  return output;
}

}  // namespace tallymill
