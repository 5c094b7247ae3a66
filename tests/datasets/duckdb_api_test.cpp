#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/files.h"
#include "datasets/engine.h"

using namespace tallymill;
namespace fs = std::filesystem;

TEST_CASE("duckdb: the copy that the build bound is the one that is opened") {
  const fs::path bound = fs::canonical(executable_folder()) / "libduckdb.so";
  if (!fs::exists(bound)) return;  // sanitizers, and machines that are not x86-64
  const Engine engine({.threads = 1});
  std::ifstream maps("/proc/self/maps");
  const std::string text{std::istreambuf_iterator<char>(maps), {}};
  CHECK(text.find(" " + bound.string() + "\n") != std::string::npos);
}

TEST_CASE("duckdb: the bound copy has every function of the library") {
  Engine engine({.threads = 1});
  CHECK(engine.query("select upper('ä'), date '2026-01-31' + interval 1 month, [3, 1][1]").cells ==
        engine.query("select 'Ä', timestamp '2026-02-28', 3").cells);
  // Every overload that core, ICU, JSON and Parquet bring.
  CHECK(engine.query("select count(*) from duckdb_functions()").integer(0, 0) > 2'500);
}
