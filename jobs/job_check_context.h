#pragma once

#include <optional>
#include <string>

#include "jobs/job.h"
#include "rules/check_context.h"

namespace tallymill {

/// A job's attempt as its checks see it: `relation` has the rows of `dataset` that are judged.
class JobCheckContext : public CheckContext {
 public:
  JobCheckContext(JobContext& job, std::string dataset, std::string relation)
      : job_(job), dataset_(std::move(dataset)), relation_(std::move(relation)) {}

  const Schema& schema() const override { return job_.schema(dataset_); }
  Engine& engine() override { return job_.engine(); }
  Diagnostics& diagnostics() override { return job_.diagnostics(); }
  RuleRuntime& rules() override { return job_.rules(); }
  std::int64_t as_of() const override;
  std::optional<Period> period() const override;
  std::optional<PeriodKind> period_kind() const override;
  MeasureHistory past(const std::string& measure) override;
  const RuleInfo* rule(const std::string& name, const SourcePosition& where) override {
    return job_.rule(name, where);
  }
  std::optional<std::string> expand(const std::string& text, const SourcePosition& where) override;
  std::optional<std::string> condition(const std::string& sql,
                                       const SourcePosition& where) override;
  std::optional<Reference> reference(const std::string& name, const SourcePosition&) override;

 private:
  std::optional<std::string> known(std::string value) const;

  JobContext& job_;
  std::string dataset_;
  std::string relation_;
};

}  // namespace tallymill
