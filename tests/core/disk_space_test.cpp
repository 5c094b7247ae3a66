#include "core/disk_space.h"

#include <doctest/doctest.h>

#include <regex>

using namespace tallymill;

TEST_CASE("disk space: a full disk is named by its mount point, with its room") {
  const std::string text = full_disk_text("/proc/self/no/such/file");
  CHECK(std::regex_match(
      text, std::regex(R"(the disk mounted at '/proc' is full \(0 B of 0 B free.*\))")));
  CHECK(full_disk_text("/proc/self", EDQUOT)
            .starts_with("the quota on the disk mounted at '/proc' is used up ("));
  CHECK(disk_text("relative/path").starts_with("the disk mounted at '/"));
}

TEST_CASE(
    "disk space: a problem with a file says what, where, why, and for a full disk what to do") {
  const Error missing = file_problem("read", "/x/y", ENOENT);
  CHECK(missing.error_class() == ErrorClass::transient);
  CHECK(missing.message() == "cannot read '/x/y': No such file or directory");
  const Error full = file_problem("write", "/proc/x", ENOSPC);
  CHECK(
      full.message().starts_with("cannot write '/proc/x': the disk mounted at '/proc' is full ("));
  CHECK(full.message().ends_with("); make room, then run again"));
}

TEST_CASE("disk space: what std::filesystem throws is told the same way") {
  namespace fs = std::filesystem;
  const fs::filesystem_error full("cannot copy", "/proc/a", "/proc/b",
                                  std::make_error_code(std::errc::no_space_on_device));
  CHECK(file_problem(full).message().starts_with("cannot write '/proc/b': the disk mounted at"));
  const fs::filesystem_error other("cannot remove", "/proc/a",
                                   std::make_error_code(std::errc::permission_denied));
  CHECK(file_problem(other).message() == other.what());
}
