#include "jobs/dataset_input.h"
#include "jobs/job.h"

namespace tallymill {
namespace {

/// Reads and makes nothing, so there are no books to close and no schemas to plan.
class Noop final : public Job {
 public:
  std::map<std::string, Schema> plan(JobContext&) override { return {}; }
  void run(JobContext& context) override { context.result().outcome = TaskOutcome::succeeded; }
};

void shape(const JobSpec& job, JobShape& shape, Diagnostics& diagnostics) {
  shape.needs_engine = false;
  for (const YamlNode& input : job.options.list("inputs"))
    add_input(read_input(input, diagnostics), shape, diagnostics);
}

}  // namespace

void register_noop(Registry<JobType>& jobs) {
  jobs.add({
      .name = "noop",
      .summary = "Does nothing; for measuring and for joining branches.",
      .options = {{.name = "inputs",
                   .kind = OptionKind::list,
                   .summary = "Datasets to wait for, with their gates; their rows are not read.",
                   .fields = {input_element()}}},
      .shape = shape,
      .make = [](const JobSpec&) -> std::unique_ptr<Job> { return std::make_unique<Noop>(); },
  });
}

}  // namespace tallymill
