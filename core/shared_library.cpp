#include "core/shared_library.h"

#include <dlfcn.h>

#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"

namespace tallymill {
namespace {

// RTLD_LOCAL and RTLD_DEEPBIND: the libraries bring a C++ runtime, which must not be mixed with
// ours; sanitizers refuse the latter, since it would hide their functions. RTLD_LAZY: of 23,000
// functions in libduckdb a job calls a few hundred.
#ifdef TALLYMILL_SANITIZED
constexpr int kOpenFlags = RTLD_LAZY | RTLD_LOCAL;
#else
constexpr int kOpenFlags = RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

}  // namespace

void* open_shared_library(const std::string& name, const std::filesystem::path& built) {
  const std::filesystem::path here = executable_folder();
  std::vector<std::string> tried;
  for (const std::filesystem::path& place : {here / ".." / "lib" / name, here / name, built}) {
    std::error_code ignored;
    if (!std::filesystem::exists(place, ignored)) {
      tried.push_back(place.lexically_normal().string() + " (not there)");
      continue;
    }
    if (void* library = dlopen(place.c_str(), kOpenFlags)) return library;
    tried.push_back(std::string(dlerror()));
  }
  throw Error(ErrorClass::config, "cannot open " + name + "; looked at " + join(tried, ", ") +
                                      "; run ./dev build, or put it beside the program");
}

void* function_of(void* library, const std::string& name, const std::string& function) {
  void* address = dlsym(library, function.c_str());
  if (address == nullptr)
    throw Error(ErrorClass::config, name + " has no function " + function +
                                        "; it must be of the release that the program is of");
  return address;
}

}  // namespace tallymill
