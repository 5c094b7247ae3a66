#pragma once

#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/job_shape.h"

namespace tallymill {

/// The scheduler's only view of job types and connectors; cli/ fills it from the registries.
class JobCatalog {
 public:
  virtual ~JobCatalog() = default;
  virtual std::vector<std::string> types() const = 0;
  /// Validates the job's own options and tells what it reads and makes. `common_keys` belong to
  /// every job (type, needs, retries, ...) and are checked by the graph loader.
  virtual JobShape shape(const JobSpec& job, const std::vector<std::string>& common_keys,
                         Diagnostics& diagnostics) const = 0;
  /// Validates one entry of `connectors:` in tallymill.yaml.
  virtual void check_connector(const std::string& name, YamlNode node,
                               Diagnostics& diagnostics) const = 0;
  /// The files behind one that a job names: of rules/<name>.lua the file the rule stands in, which
  /// may be a table, and what that depends on. Tables people keep are judged on the way: that needs
  /// no worker.
  virtual std::vector<FileUse> files_behind(const FileUse& use, const FileReader& read,
                                            int currency_scale, Diagnostics& diagnostics) const {
    static_cast<void>(read), static_cast<void>(currency_scale), static_cast<void>(diagnostics);
    return {use};
  }
};

}  // namespace tallymill
