#include "worker/pinned_table.h"

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"

namespace tallymill {

std::optional<std::string> read_pinned(const Task& task, const std::string& path) {
  const auto it = task.files.find(path);
  if (it == task.files.end()) return std::nullopt;
  std::string text = it->second.text ? *it->second.text : read_file(it->second.blob);
  if (sha256_hex(text) != it->second.sha256)
    throw Error(ErrorClass::data,
                "the run's copy of " + path + " in " + it->second.blob.string() +
                    " is not what was pinned; it was changed or damaged: start a new run");
  return text;
}

}  // namespace tallymill
