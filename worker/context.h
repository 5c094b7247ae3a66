#pragma once

#include <chrono>
#include <map>
#include <string>

#include "jobs/job.h"
#include "worker/inputs.h"
#include "worker/session.h"

namespace tallymill {

/// The JobContext of one job: in mode run the attempt's own, in mode bind one per job over a shared
/// session and schemas planned so far, in mode query the question's.
class WorkerContext final : public JobContext {
 public:
  /// `task` is the job's: its graph, name and params. All references outlive the context.
  WorkerContext(const Task& task, Session& session, Inputs& inputs, TaskResult& result)
      : task_(task), session_(session), inputs_(inputs), result_(result) {}

  const Task& task() const override { return task_; }
  Engine& engine() override { return session_.engine(); }
  RuleRuntime& rules() override { return session_.rules(); }
  Diagnostics& diagnostics() override { return diagnostics_; }
  EventLog& log() override { return session_.log(); }

  const Schema& schema(const std::string& dataset) override { return inputs_.schema(dataset); }
  std::string relation(const std::string& dataset) override;
  std::string table(const std::string& name, std::vector<std::string>* columns) override;
  std::optional<std::string> pinned_text(const std::string& path) override;
  const RuleInfo* rule(const std::string& name, const SourcePosition& where) override;
  void note_rule_site(const RuleSite& site) override { rule_sites_.push_back(site); }
  Session& session() { return session_; }
  const std::vector<RuleSite>& rule_sites() const { return rule_sites_; }
  std::string bind_parameters(const std::string& sql, const SourcePosition& where) override;
  std::string expand(const std::string& text, const SourcePosition& where) override;
  std::optional<Type> expression_type(const std::string& expression, const std::string& relation,
                                      const Type* target, const SourcePosition& where) override;

  InputTotals totals(const std::string& dataset) override;
  void stage(const StageRequest& request) override;
  TaskResult& result() override { return result_; }
  void progress(const std::string& what, std::int64_t done, std::int64_t total) override;

 private:
  using Clock = std::chrono::steady_clock;

  void load_table(const std::string& path, const std::string& view);
  std::string row_view(const std::string& relation);

  const Task& task_;
  Session& session_;
  Inputs& inputs_;
  TaskResult& result_;
  Diagnostics diagnostics_;
  std::vector<RuleSite> rule_sites_;
  std::map<std::string, std::vector<std::string>> table_columns_;
  std::map<std::string, std::string> row_views_;  ///< by relation
  std::map<std::string, Clock::time_point> last_progress_;
};

}  // namespace tallymill
