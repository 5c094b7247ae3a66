#include "worker/session.h"

#include "core/text.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// DuckDB's share of the task's memory; the rest is Lua's, the readers' and the allocator's.
std::int64_t engine_memory(std::int64_t task_memory) { return task_memory / 10 * 6; }

}  // namespace

EngineSettings Session::settings() const {
  EngineSettings settings{.threads = task_.threads,
                          .memory_bytes = engine_memory(task_.memory_bytes),
                          .temp_folder = task_.folder / "tmp" / "spill",
                          .currency_scale = task_.currency_scale};
  settings.writable = {task_.folder / "staging", task_.folder / "tmp"};
  for (const auto& [dataset, versions] : task_.inputs)
    for (const InputVersion& version : versions) settings.readable.push_back(version.folder);
  for (const fs::path& folder : settings.writable) fs::create_directories(folder);
  fs::create_directories(settings.temp_folder);
  return settings;
}

Engine& Session::engine() {
  if (!engine_) engine_ = std::make_unique<Engine>(settings());
  return *engine_;
}

RuleRuntime& Session::rules() {
  if (!rules_) {
    rules_ = std::make_unique<RuleRuntime>(&engine(), RuleLimits{}, task_.currency_scale);
    rules_->arm_watchdog(task_);
  }
  return *rules_;
}

void Session::drop_view(const std::string& name) {
  if (views_.erase(name) > 0) engine().execute("drop view " + quote_identifier(name));
}

std::string Session::view(const std::string& name, const std::string& select) {
  if (views_.insert(name).second)
    engine().execute("create view " + quote_identifier(name) + " as " + select);
  return quote_identifier(name);
}

}  // namespace tallymill
