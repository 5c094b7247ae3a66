#include <doctest/doctest.h>

#include "core/files.h"

using namespace tallymill;

// A shared library that needs the shared C++ runtime (libfmt does) would bring a second one into a
// program that has its own, and DuckDB would free with one what it got from the other. Files that
// use fmt are compiled with FMT_HEADER_ONLY (CMakeLists.txt).
TEST_CASE("worker: the program has one C++ runtime") {
  const std::string program = read_file(executable_folder() / "tallymill-worker");
  CHECK(program.find("libfmt.so") == std::string::npos);
  CHECK(program.find("libspdlog.so") == std::string::npos);
}

TEST_CASE("worker: it starts without libraries that only some jobs need") {
  const std::string program = read_file(executable_folder() / "tallymill-worker");
  CHECK(program.find("libc.so.6") != std::string::npos);
  for (const char* library : {"libcctz.so", "libcurl.so", "libpq.so", "libssl.so"})
    CHECK_MESSAGE(program.find(library) == std::string::npos, library);
}
