#pragma once

#include <memory>
#include <set>
#include <string>

#include "core/log.h"
#include "core/task.h"
#include "datasets/engine.h"
#include "rules/rule_runtime.h"

namespace tallymill {

/// What one worker process opens at most once, and only when a job asks: DuckDB and Lua.
class Session {
 public:
  Session(const Task& task, EventLog& log) : task_(task), log_(log) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// For a process that ends by _Exit after its task: what sessions opened stays open, since taking
  /// DuckDB down in order costs a tenth of a small job.
  static void leave_open();

  EventLog& log() { return log_; }
  Engine& engine();
  RuleRuntime& rules();
  bool has_rules() const { return rules_ != nullptr; }
  /// Makes `name` a view over `select` the first time it is asked for; gives the quoted name.
  std::string view(const std::string& name, const std::string& select);
  /// Makes room for another view of that name.
  void drop_view(const std::string& name);
  bool has_view(const std::string& name) const { return views_.contains(name); }

 private:
  EngineSettings settings() const;

  const Task& task_;
  EventLog& log_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<RuleRuntime> rules_;
  std::set<std::string> views_;
};

}  // namespace tallymill
