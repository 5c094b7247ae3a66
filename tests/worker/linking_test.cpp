#include <doctest/doctest.h>

#include <cstdio>

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

namespace {

/// What the loader brings with the program, as ldd prints it.
std::string loaded_libraries() {
  const std::string command =
      "LD_TRACE_LOADED_OBJECTS=1 " + (executable_folder() / "tallymill-worker").string();
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  for (int next = std::fgetc(pipe); next != EOF; next = std::fgetc(pipe))
    text += static_cast<char>(next);
  CHECK(::pclose(pipe) == 0);
  return text;
}

}  // namespace

TEST_CASE("worker: it starts without libraries that only some jobs need") {
  const std::string libraries = loaded_libraries();
  CHECK(libraries.find("libc.so.6") != std::string::npos);
  for (const char* library : {"libcctz.so", "libcurl.so", "libpq.so", "libssl.so"})
    CHECK_MESSAGE(libraries.find(library) == std::string::npos, library);
}
