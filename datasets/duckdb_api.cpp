#include "datasets/duckdb_api.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"

namespace tallymill {
namespace {

// RTLD_LOCAL: the library carries its own copies of common C++ code that must not be mixed with
// ours. RTLD_LAZY: of its 23,000 functions a job calls a few hundred; binding them all took 18 ms
// of the 27 ms that opening it cost. RTLD_DEEPBIND: it finds its own symbols first, at half the
// price of the rest; sanitizers refuse it, since it would hide their functions.
#ifdef TALLYMILL_SANITIZED
constexpr int kOpenFlags = RTLD_LAZY | RTLD_LOCAL;
#else
constexpr int kOpenFlags = RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

constexpr const char* kLibrary = "libduckdb.so";

std::vector<std::filesystem::path> places() {
  const std::filesystem::path here = executable_folder();
  return {here / ".." / "lib" / kLibrary, here / kLibrary, TALLYMILL_DUCKDB_LIBRARY};
}

void* open_library() {
  std::vector<std::string> tried;
  for (const std::filesystem::path& place : places()) {
    std::error_code ignored;
    if (!std::filesystem::exists(place, ignored)) {
      tried.push_back(place.lexically_normal().string() + " (not there)");
      continue;
    }
    if (void* library = dlopen(place.c_str(), kOpenFlags)) return library;
    tried.push_back(std::string(dlerror()));
  }
  throw Error(ErrorClass::config, "cannot open " + std::string(kLibrary) + "; looked at " +
                                      join(tried, ", ") +
                                      "; run ./dev build, or put it beside the program");
}

template <class Function>
void look_up(void* library, const char* name, Function& function) {
  void* symbol = dlsym(library, name);
  if (symbol == nullptr)
    throw Error(ErrorClass::config,
                std::string(kLibrary) + " has no function " + name + "; version 1.4.4 is expected");
  function = reinterpret_cast<Function>(symbol);
}

DuckdbApi load() {
  void* library = open_library();
  DuckdbApi api;
#define TALLYMILL_DUCKDB_LOOK_UP(name) look_up(library, "duckdb_" #name, api.name);
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
