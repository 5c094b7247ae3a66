#include "datasets/duckdb_api.h"

#include "core/shared_library.h"

namespace tallymill {
namespace {

constexpr const char* kLibrary = "libduckdb.so";

DuckdbApi load() {
  void* library = open_shared_library(kLibrary, TALLYMILL_DUCKDB_LIBRARY);
  DuckdbApi api;
#define TALLYMILL_DUCKDB_LOOK_UP(name) \
  api.name = reinterpret_cast<decltype(api.name)>(function_of(library, kLibrary, "duckdb_" #name));
  TALLYMILL_DUCKDB_FUNCTIONS(TALLYMILL_DUCKDB_LOOK_UP)
#undef TALLYMILL_DUCKDB_LOOK_UP
  return api;
}

}  // namespace

const DuckdbApi& duckdb_api() {
  static const DuckdbApi api = load();
  return api;
}

}  // namespace tallymill
