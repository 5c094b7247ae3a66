#include "connectors/files/file_expectations.h"

#include <doctest/doctest.h>

#include <chrono>

#include "core/file_checksum.h"
#include "core/time/local_time.h"
#include "tests/connectors/source_fixture.h"

using namespace tallymill;

namespace fs = std::filesystem;

namespace {

/// Two files, of 4 and 5 bytes.
class Delivery : public ConnectorFixture {
 public:
  Delivery() : ConnectorFixture("files", "root: in") {
    write("in/a.csv", "x\n1\n");
    write("in/b.csv", "x\n22\n");
  }
  std::string unmet(const std::string& expect, const std::string& path = "'*.csv'") {
    return failure("{path: " + path + ", expect: {" + expect + "}}");
  }
};

void set_changed(const ConnectorFixture& fixture, const std::string& name,
                 const std::string& instant) {
  const std::chrono::sys_seconds time{std::chrono::seconds(parse_instant(instant)->seconds)};
  fs::last_write_time(fixture.folder() / name, std::chrono::file_clock::from_sys(time));
}

std::string not_expected(const std::string& what) {
  return "the delivery is not what is expected, and nothing of it was read: " + what;
}

}  // namespace

TEST_CASE("file expectations: a delivery that meets them is read") {
  Delivery fixture;
  fixture.write("in/a.csv.sha256",
                checksum_of(fixture.folder() / "in/a.csv", FileChecksum::sha256) + "  a.csv\n");
  fixture.write("in/b.csv.sha256",
                checksum_of(fixture.folder() / "in/b.csv", FileChecksum::sha256));
  CHECK(fixture.unmet(
            "min_files: 2, max_files: 2, min_bytes: 4, max_bytes: 5, checksum: sha256, distinct: "
            "true, modified_after: 2000-01-01") == "");
}

TEST_CASE("file expectations: everything that is not met is said at once, file by file") {
  Delivery fixture;
  fixture.write("in/c.csv", "x\n1\n");
  fixture.write("in/b.csv.md5", "00\n");
  fixture.write("in/c.csv.md5", checksum_of(fixture.folder() / "in/c.csv", FileChecksum::md5));
  CHECK(fixture.unmet("max_files: 2, min_bytes: 5, checksum: md5, distinct: true") ==
        not_expected("3 files, expected at most 2; 'a.csv' has 4 bytes, expected at least 5; there "
                     "is no 'a.csv.md5'; 'b.csv' has md5 " +
                     checksum_of(fixture.folder() / "in/b.csv", FileChecksum::md5) +
                     ", 'b.csv.md5' says 00; 'c.csv' has 4 bytes, expected at least 5; 'c.csv' "
                     "has the same bytes as 'a.csv'"));
}

TEST_CASE("file expectations: a file must have been changed after the end of a day") {
  Delivery fixture;
  set_changed(fixture, "in/a.csv", "2026-02-01T00:00:00Z");
  CHECK(fixture.unmet("modified_after: 2026-01-31", "a.csv") == "");
  set_changed(fixture, "in/a.csv", "2026-01-31T23:59:59Z");
  CHECK(fixture.unmet("modified_after: 2026-01-31", "a.csv") ==
        not_expected("'a.csv' was last changed 2026-01-31T23:59:59+00:00, expected a day after "
                     "2026-01-31"));
  CHECK(fixture.unmet("modified_after: yesterday", "a.csv") ==
        "modified_after 'yesterday' is no date; it is written 2026-01-31");
}

TEST_CASE("file expectations: a pattern that finds too few files, and one that may find none") {
  Delivery fixture;
  CHECK(fixture.unmet("min_files: 3, max_files: 5") == not_expected("2 files, expected 3 to 5"));
  CHECK(fixture.failure("{path: 'z*.csv', optional: true, expect: {min_files: 1}}") ==
        not_expected("0 files, expected at least 1"));
}

TEST_CASE("file expectations: what no delivery can be is said at load") {
  const YamlOptions from("{path: a.csv, expect: {min_files: -1, min_bytes: 5, max_bytes: 4}}");
  Diagnostics diagnostics;
  FileExpectations::check(from.options(), diagnostics);
  CHECK(diagnostics.render().find("t.yaml:1:35: error: min_files cannot be below zero") !=
        std::string::npos);
  CHECK(diagnostics.render().find("t.yaml:1:64: error: max_bytes 4 is below min_bytes 5; no "
                                  "delivery can be both") != std::string::npos);
}

TEST_CASE("file checksum: of known texts") {
  const TemporaryFolder folder;
  const fs::path file = folder / "abc";
  std::ofstream(file) << "abc";
  CHECK(checksum_of(file, FileChecksum::md5) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(checksum_of(file, FileChecksum::sha256) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
