#include <stdexcept>

#include "jobs/job.h"

namespace tallymill {
namespace {

/// Never runs in a worker: the scheduler asks a person.
class Approval final : public Job {
 public:
  std::map<std::string, Schema> plan(JobContext&) override { return {}; }
  void run(JobContext&) override {
    throw std::logic_error("an approval job was given to a worker");
  }
};

void shape(const JobSpec& job, JobShape& shape, Diagnostics&) {
  shape.needs_engine = false;
  shape.waits_for_person = true;
  for (const YamlNode& input : job.options.list("of"))
    shape.inputs.push_back({std::string(input.text()), input.position()});
}

}  // namespace

void register_approval(Registry<JobType>& jobs) {
  jobs.add({
      .name = "approval",
      .summary = "Waits until a person approves; a rejection blocks what comes after.",
      .options = {{.name = "ask",
                   .kind = OptionKind::text,
                   .summary = "What the person is asked; `status` and `why` show it."},
                  {.name = "of",
                   .kind = OptionKind::list,
                   .summary = "Datasets to look at first: it waits for them, with their gates.",
                   .fields = {{.name = "", .kind = OptionKind::name}}}},
      .shape = shape,
      .make = [](const JobSpec&) -> std::unique_ptr<Job> { return std::make_unique<Approval>(); },
  });
}

}  // namespace tallymill
