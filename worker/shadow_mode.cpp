#include "core/error.h"
#include "core/files.h"
#include "core/rule_version.h"
#include "worker/modes.h"
#include "worker/rule_difference.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// The same job, in a folder of its own: should the shadow never end, the watchdog leaves what it
/// has to say there.
Task shadow_task(const Task& task) {
  Task shadow = task;
  shadow.mode = TaskMode::query;
  shadow.folder = task.folder / "shadow";
  return shadow;
}

json::object difference_of(const Task& task, const std::string& file, EventLog& log) {
  Session session(task, log);
  RuleDifference difference(session, {.rule = rule_name_of(file), .file = file});
  difference.add(task);
  return difference.answer();
}

}  // namespace

void look_in_shadow(const Task& task, EventLog& log) noexcept {
  for (const auto& [path, pinned] : task.files) {
    if (!path.starts_with(kShadowPrefix)) continue;
    const std::string file = path.substr(kShadowPrefix.size());
    try {
      const Task shadow = shadow_task(task);
      fs::create_directories(shadow.folder);
      const fs::path answer = shadow.folder / (rule_name_of(file) + ".json");
      // Stands until the answer is there: whoever reads it knows that the process went away.
      write_file_durably(answer, R"({"error": "the shadow did not come to an end"})");
      json::object difference;
      try {
        difference = difference_of(shadow, file, log);
      } catch (const Error& error) {
        difference = {{"error", error.message()}};
      }
      log.info("shadow", {{"rule", json::value(rule_name_of(file))},
                          {"changed", difference.contains("changed") ? difference.at("changed")
                                                                     : json::value(nullptr)}});
      write_file_durably(answer, json::serialize(difference));
      std::error_code ignored;
      fs::remove_all(shadow.folder / "tmp", ignored);
      fs::remove_all(shadow.folder / "staging", ignored);
    } catch (...) {
      // The attempt has its result; what cannot be written beside it is not worth more.
      continue;
    }
  }
}

}  // namespace tallymill
