#include "jobs/job.h"

namespace tallymill {
namespace {

/// The loader puts the block's jobs in its place; what is left is the point where they join.
class BlockNode final : public Job {
 public:
  std::map<std::string, Schema> plan(JobContext&) override { return {}; }
  void run(JobContext& context) override { context.result().outcome = TaskOutcome::succeeded; }
};

void shape(const JobSpec& job, JobShape& shape, Diagnostics&) {
  shape.needs_engine = false;
  shape.files.push_back({"blocks/" + job.options.text("of") + ".yaml", job.options.position("of")});
}

}  // namespace

void register_graph(Registry<JobType>& jobs) {
  jobs.add({
      .name = "graph",
      .summary = "Takes in the jobs of a block as one node.",
      .options = {{.name = "of",
                   .kind = OptionKind::name,
                   .summary = "The block, a file of blocks/ without its ending.",
                   .required = true},
                  {.name = "with",
                   .kind = OptionKind::map,
                   .summary = "What the block's $(name) stand for here.",
                   .fields = {{.name = "", .kind = OptionKind::text}}}},
      .shape = shape,
      .make = [](const JobSpec&) -> std::unique_ptr<Job> { return std::make_unique<BlockNode>(); },
  });
}

}  // namespace tallymill
