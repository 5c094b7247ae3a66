#include "worker/session.h"

#include "core/text.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

bool g_leaves_open = false;

/// What one thread reads as fast as many: DuckDB deals out row groups of 122,880 rows, and a
/// thread that is not needed still has to be started and woken for every statement.
constexpr std::uintmax_t kSmallInput = std::uintmax_t{256} << 10;

std::uintmax_t bytes_in(const std::vector<fs::path>& folders) {
  std::uintmax_t bytes = 0;
  for (const fs::path& folder : folders)
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      bytes += entry.is_regular_file() ? entry.file_size() : 0;
  return bytes;
}

/// DuckDB's share of the task's memory; the rest is Lua's, the readers' and the allocator's.
std::int64_t engine_memory(std::int64_t task_memory) { return task_memory / 10 * 6; }

}  // namespace

void Session::leave_open() { g_leaves_open = true; }

Session::~Session() {
  rules_.reset();  // first: it runs functions of the engine's
  if (g_leaves_open) (void)engine_.release();
}

EngineSettings Session::settings() const {
  EngineSettings settings{.threads = task_.threads,
                          .memory_bytes = engine_memory(task_.memory_bytes),
                          .temp_folder = task_.folder / "tmp" / "spill",
                          .currency_scale = task_.currency_scale};
  settings.writable = {task_.folder / "staging", task_.folder / "tmp"};
  for (const auto& [dataset, versions] : task_.inputs)
    for (const InputVersion& version : versions) settings.readable.push_back(version.folder);
  if (!task_.inputs.empty() && task_.connectors.empty() &&
      bytes_in(settings.readable) < kSmallInput)
    settings.threads = 1;
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
    if (const auto period = Period::parse(task_.period)) rules_->set_period(*period);
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
