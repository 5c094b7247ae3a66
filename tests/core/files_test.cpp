#include "core/files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "tests/temporary_folder.h"

using namespace tallymill;
namespace fs = std::filesystem;

namespace {

std::size_t entries_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// Runs `work` in a child process and returns its exit status; 99 if it threw.
template <class Work>
int in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      ::_exit(work());
    } catch (...) {
      ::_exit(99);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("files: what is written durably reads back, and nothing else is left behind") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "result.json";
  write_file_durably(file, "old");
  const std::string bytes("a\0b\n", 4);
  write_file_durably(file, bytes);
  CHECK(read_file(file) == bytes);
  write_file_durably(file, "");
  CHECK(read_file(file) == "");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("files: the mode is set from the beginning") {
  const TemporaryFolder folder;
  write_file_durably(folder.path() / "secret", "x", 0600);
  struct stat status {};
  REQUIRE(::stat((folder.path() / "secret").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("files: files without a size of their own are read whole") {
  CHECK(read_file("/proc/self/status").find("Name:") == 0);
}

TEST_CASE("files: a missing file or folder is named with the system's reason") {
  CHECK_THROWS_WITH_AS(read_file("/nowhere/x"),
                       "error: reading '/nowhere/x' failed: No such file or directory", Error);
  CHECK_THROWS_WITH_AS(write_file_durably("/nowhere/x", "y"),
                       "error: writing '/nowhere/x' failed: No such file or directory", Error);
  CHECK_THROWS_AS(sync_folder("/nowhere"), Error);
  CHECK_THROWS_AS(sync_tree("/nowhere"), Error);
  CHECK_THROWS_AS(read_file("/"), Error);
}

TEST_CASE("files: a full disk says so, and that a rerun helps") {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  REQUIRE(full.is_open());
  try {
    write_all(full, "x", "staging/part-0.parquet");
    FAIL("written");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::transient);
    CHECK(error.message().starts_with(
        "writing 'staging/part-0.parquet' failed: the disk mounted at '"));
    CHECK(error.message().ends_with(" free); make room, then run again"));
  }
}

TEST_CASE("files: a write that fails leaves the old content and no temporary file") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "f";
  write_file_durably(file, "old");
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10, 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write_file_durably(file, std::string(1000, 'x'));
    } catch (const Error&) {
      return 7;
    }
    return 0;
  });
  CHECK(status == 7);
  CHECK(read_file(file) == "old");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("files: what cannot take the place of the old content is an error that leaves nothing") {
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "f");  // in the way
  CHECK_THROWS_WITH_AS(
      write_file_durably(folder.path() / "f", "new"),
      ("error: writing '" + (folder.path() / "f").string() + "' failed: Is a directory").c_str(),
      Error);
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("files: a whole tree can be synced, links are left alone") {
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "a/b");
  write_file_durably(folder.path() / "a/b/f", "x");
  fs::create_symlink("/nowhere", folder.path() / "a/dangling");
  CHECK_NOTHROW(sync_tree(folder.path()));
}

TEST_CASE("files: the executable's folder holds this test") {
  CHECK(fs::exists(executable_folder() / "core_tests"));
}

TEST_CASE("files: descriptors close with their owner and are not inherited by exec") {
  const TemporaryFolder folder;
  UniqueFd fd = open_for_appending(folder.path() / "f");
  const int number = fd.get();
  CHECK((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
  UniqueFd other = std::move(fd);
  CHECK_FALSE(fd.is_open());  // NOLINT(bugprone-use-after-move): moved-from is documented as closed
  CHECK(other.get() == number);
  other = UniqueFd();
  CHECK(::fcntl(number, F_GETFD) == -1);
}

TEST_CASE("files: a lock is held by one owner at a time and free when it goes") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "lock";
  CHECK_FALSE(FileLock::is_held(file));
  CHECK_FALSE(fs::exists(file));  // asking leaves no trace
  {
    const auto lock = FileLock::try_acquire(file);
    REQUIRE(lock);
    CHECK(FileLock::is_held(file));
    CHECK_FALSE(FileLock::try_acquire(file));
    CHECK(in_child([&] { return FileLock::try_acquire(file) ? 1 : 0; }) == 0);
  }
  CHECK_FALSE(FileLock::is_held(file));
  CHECK(FileLock::try_acquire(file));
}

TEST_CASE("files: a lock lives as long as any process that inherited it") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "lock";
  int gate[2];
  REQUIRE(::pipe(gate) == 0);
  pid_t child = 0;
  {
    const auto lock = FileLock::try_acquire(file);
    REQUIRE(lock);
    child = ::fork();
    if (child == 0) {  // holds the inherited descriptor until the gate closes
      ::close(gate[1]);
      char byte = 0;
      while (::read(gate[0], &byte, 1) > 0) {
      }
      ::_exit(0);
    }
  }
  ::close(gate[0]);
  CHECK(FileLock::is_held(file));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(gate[1]);
  CHECK_FALSE(FileLock::is_held(file));
}

TEST_CASE("files: what lies below a held folder is found from there, all else by its path") {
  const TemporaryFolder folder;
  const std::string root = folder.path().string();
  HeldFolder held(folder / "run");
  const std::string file = root + "/run/a/text";
  CHECK(held.place_of(file).folder == AT_FDCWD);  // not there yet
  fs::create_directories(folder / "run/a");
  CHECK(held.place_of(file).folder >= 0);
  CHECK(std::string(held.place_of(file).path) == "a/text");
  for (const std::string& other : {root + "/run", root + "/runner/a", root + "/other", root}) {
    CAPTURE(other);
    CHECK(held.place_of(other).folder == AT_FDCWD);
    CHECK(held.place_of(other).path == other.c_str());
  }
}

TEST_CASE("files: a held folder that was moved away is looked for again") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "run");
  HeldFolder held(folder / "run");
  CHECK_FALSE(read_file_if_there(folder / "run/text", held));
  write_file_durably(folder / "run/text", "first");
  CHECK(read_file_if_there(folder / "run/text", held) == "first");
  fs::rename(folder / "run", folder / "moved");
  fs::remove(folder / "moved/text");
  fs::create_directories(folder / "run");
  write_file_durably(folder / "run/text", "second");
  CHECK(read_file_if_there(folder / "run/text", held) == "second");
}
