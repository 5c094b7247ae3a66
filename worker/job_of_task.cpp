#include "worker/job_of_task.h"

#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

const Registry<JobType>& job_types() {
  static const Registry<JobType> types = [] {
    Registry<JobType> all;
    register_all_jobs(all);
    return all;
  }();
  return types;
}

const JobType& job_type(const JobSpec& spec) {
  const JobType* type = job_types().find(spec.type);
  if (type == nullptr)
    throw Error(
        ErrorClass::config,
        "unknown job type '" + spec.type + "'; " + did_you_mean(spec.type, job_types().names()),
        spec.where);
  return *type;
}

JobShape shape_of(const JobSpec& spec) {
  JobShape shape;
  Diagnostics reported_at_load;
  job_type(spec).shape(spec, shape, reported_at_load);
  return shape;
}

}  // namespace

JobSpec job_spec(const Task& task, YamlNode node) {
  return {.graph = task.graph,
          .name = task.job,
          .type = task.type,
          .options = Options(node),
          .where = node.position()};
}

std::unique_ptr<Job> make_job(const JobSpec& spec) { return job_type(spec).make(spec); }

bool has_outside_effect(const JobSpec& spec) { return shape_of(spec).has_outside_effect; }

std::vector<DatasetUse> declared_inputs(const JobSpec& spec) { return shape_of(spec).inputs; }

std::map<std::string, Schema> declared_outputs(const JobSpec& spec, int currency_scale) {
  const auto& declares = job_type(spec).declares;
  return declares ? declares(spec, currency_scale) : std::map<std::string, Schema>();
}

void refuse_problems(const Diagnostics& diagnostics, TaskResult& result) {
  result.diagnostics = diagnostics.to_json();
  if (!diagnostics.has_errors()) return;
  const std::vector<Diagnostic> items = diagnostics.sorted();
  if (items.size() == 1) {
    const Diagnostic& only = items.front();
    throw Error(ErrorClass::config, only.message + (only.hint.empty() ? "" : "; " + only.hint),
                only.where);
  }
  throw Error(ErrorClass::config, std::to_string(items.size()) + " problems:\n" +
                                      std::string(trim(diagnostics.render())));
}

}  // namespace tallymill
