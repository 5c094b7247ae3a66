#pragma once

#include <string>
#include <vector>

#include "connectors/connector.h"
#include "core/registry.h"
#include "jobs/job.h"
#include "jobs/step.h"
#include "rules/check.h"
#include "scheduler/job_catalog.h"

namespace tallymill {

/// Every unit of this program by kind: what the scheduler may know of jobs and connectors, and what
/// `explain` and `schema` print.
class UnitCatalog final : public JobCatalog {
 public:
  UnitCatalog();

  std::vector<std::string> types() const override { return jobs_.names(); }
  /// Of a job whose options are wrong, what the right ones still tell.
  JobShape shape(const JobSpec& job, const std::vector<std::string>& common_keys,
                 Diagnostics& diagnostics) const override;
  void check_connector(const std::string& name, YamlNode node,
                       Diagnostics& diagnostics) const override;
  std::vector<FileUse> files_behind(const FileUse& use, const FileReader& read, int currency_scale,
                                    Diagnostics& diagnostics) const override;

  const Registry<JobType>& jobs() const { return jobs_; }
  const Registry<ConnectorType>& connectors() const { return connectors_; }
  const Registry<CheckType>& checks() const { return checks_; }
  const Registry<StepType>& steps() const { return steps_; }

 private:
  Registry<JobType> jobs_;
  Registry<ConnectorType> connectors_;
  Registry<CheckType> checks_;
  Registry<StepType> steps_;
};

}  // namespace tallymill
