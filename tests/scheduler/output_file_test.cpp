#include "scheduler/output_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/files.h"
#include "core/text.h"
#include "tests/temporary_folder.h"

using namespace tallymill;

namespace {

std::uint64_t on_disk(const std::filesystem::path& file) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

/// Lines "line N" from `first` to before `last`, at the end of `file`.
void print_lines(const std::filesystem::path& file, int first, int last) {
  std::string text;
  for (int i = first; i < last; ++i) text += "line " + std::to_string(i) + "\n";
  write_all(open_for_appending(file), text, file);
}

}  // namespace

TEST_CASE("output file: what fits stays as it is") {
  const TemporaryFolder folder;
  print_lines(folder / "f", 0, 1'000);
  const std::string before = read_file(folder / "f");
  keep_ends(folder / "f", before.size());
  CHECK(read_file(folder / "f") == before);
  const OutputText output = read_output(folder / "f");
  CHECK(output.head == before);
  CHECK(output.left_out == 0);
  CHECK(output.tail.empty());
}

TEST_CASE("output file: of more, the first and the newest lines stay, while others write") {
  const TemporaryFolder folder;
  const auto file = folder / "f";
  std::uint64_t printed = 0;
  for (int i = 0; i < 50; ++i) {
    print_lines(file, i * 10'000, (i + 1) * 10'000);
    keep_ends(file, 65'536);
    CHECK(on_disk(file) <= 65'536 + 2 * 4096);
  }
  printed = std::filesystem::file_size(file);
  const OutputText output = read_output(file);
  CHECK(output.head.starts_with("line 0\nline 1\n"));
  CHECK(output.head.ends_with("\n"));
  CHECK(output.tail.starts_with("line "));
  CHECK(output.tail.ends_with("line 499999\n"));
  CHECK(output.head.size() > 30'000);
  CHECK(output.tail.size() > 30'000);
  CHECK(output.head.size() + output.left_out + output.tail.size() == printed);
  // Nothing but whole lines.
  for (const std::string& part : {output.head, output.tail})
    for (const std::string& line : split(part, '\n'))
      CHECK((line.empty() || line.starts_with("line ")));
}

TEST_CASE("output file: where no hole can be made, the first half stays") {
  // Sealed against writing, a file in memory can be made shorter, but takes no hole.
  const UniqueFd memory(::memfd_create("output", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const std::string text(200'000, 'x');
  write_all(memory, text, "memory");
  REQUIRE(::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_WRITE) == 0);
  const std::string file = "/proc/self/fd/" + std::to_string(memory.get());
  keep_ends(file, 65'536);
  CHECK(read_output(file).head == std::string(32'768, 'x'));
  CHECK(read_output(file).left_out == 0);
}

TEST_CASE("output file: none is no output") {
  const TemporaryFolder folder;
  keep_ends(folder / "none", 1);
  CHECK(read_output(folder / "none").head.empty());
  CHECK_FALSE(std::filesystem::exists(folder / "none"));
}
