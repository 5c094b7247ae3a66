#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/job_shape.h"
#include "core/log.h"
#include "core/registry.h"
#include "core/task.h"
#include "datasets/engine.h"
#include "datasets/ledger.h"
#include "datasets/version.h"
#include "rules/rule_runtime.h"
#include "rules/rule_site.h"

namespace tallymill {

/// Rows of an input and the exact sums of its summable columns, as proven when its versions were
/// made: their manifests say it, and the digest that was pinned with them.
struct InputTotals {
  std::int64_t rows = 0;
  std::map<std::string, Int128> amounts = {};  ///< by column, in 10^-scale units; nulls as nothing
};

/// What a job sees of its attempt. In mode `bind` the inputs are empty tables of the right schema,
/// so that plan() checks SQL and rules by the very code that later runs.
class JobContext {
 public:
  virtual ~JobContext() = default;

  virtual const Task& task() const = 0;
  virtual Engine& engine() = 0;      ///< opened on first call
  virtual RuleRuntime& rules() = 0;  ///< opened on first call
  virtual Diagnostics& diagnostics() = 0;
  virtual EventLog& log() = 0;

  /// The schema of an input dataset.
  virtual const Schema& schema(const std::string& dataset) = 0;
  /// A relation (quoted view name) with the input's business columns and its provenance columns.
  virtual std::string relation(const std::string& dataset) = 0;
  /// A relation over tables/<name>.csv (all columns text), or over dataset `name` if an input has
  /// that name. `columns` receives the column names.
  virtual std::string table(const std::string& name, std::vector<std::string>* columns) = 0;
  /// A text the run pinned under that path; empty if it has none.
  virtual std::optional<std::string> pinned_text(const std::string& path) = 0;
  /// Loads rules/<name>.lua as pinned; reports problems at `where` and returns null then.
  virtual const RuleInfo* rule(const std::string& name, const SourcePosition& where) = 0;
  /// Where the job asks a rule about rows, told while it plans: for those who ask another version
  /// about the same rows.
  virtual void note_rule_site(const RuleSite&) {}
  /// Values of :period, :period_first_day, :period_last_day, :param_x in user SQL, bound and typed:
  /// the text of an SQL literal with a cast (made from parsed values, never from user text).
  virtual std::string bind_parameters(const std::string& sql, const SourcePosition& where) = 0;
  /// ${...} in paths and texts.
  virtual std::string expand(const std::string& text, const SourcePosition& where) = 0;
  /// The type of `expression` over `relation`, as ours. Reports DOUBLE and unknown types, a wider
  /// scale than `target`, clock and volatile functions at `where`; empty then. (architecture, 6)
  virtual std::optional<Type> expression_type(const std::string& expression,
                                              const std::string& relation, const Type* target,
                                              const SourcePosition& where) = 0;

  // Mode run only.
  virtual InputTotals totals(const std::string& dataset) = 0;
  virtual void stage(const StageRequest& request) = 0;
  virtual TaskResult& result() = 0;
  virtual void progress(const std::string& what, std::int64_t done, std::int64_t total) = 0;
};

/// A job of one attempt. plan() is always called first, in mode `bind` and in mode `run`.
class Job {
 public:
  virtual ~Job() = default;
  /// Checks everything that can be known without rows, reports to context.diagnostics(), and
  /// returns the schema of every dataset the job makes (data and evidence).
  virtual std::map<std::string, Schema> plan(JobContext& context) = 0;
  /// Does the work: stages datasets, fills result() (counts, checks, gate) and requires its ledger
  /// to balance before returning. Throws Error.
  virtual void run(JobContext& context) = 0;
};

/// A kind of job: `type:` in YAML, file stem, doc page and test file.
struct JobType {
  std::string name;
  std::string summary;
  std::vector<OptionSpec> options;
  /// Fills inputs, outputs, gates, files, connectors from the options (already validated against
  /// `options`); reports what the specs cannot say.
  std::function<void(const JobSpec&, JobShape&, Diagnostics&)> shape;
  std::function<std::unique_ptr<Job>(const JobSpec&)> make;
  /// The schemas that stand in the options, so that a job can read what it made for an earlier
  /// period; unset: they follow from planning.
  std::function<std::map<std::string, Schema>(const JobSpec&, int currency_scale)> declares = {};
};

void register_all_jobs(Registry<JobType>& jobs);

}  // namespace tallymill
