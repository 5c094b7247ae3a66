#include "cli/dataset_profile.h"

namespace tallymill {
namespace {

Exit run_suggest(const Invocation& invocation) {
  invocation.out() << suggested_checks(profile_of(invocation));
  return Exit::ok;
}

}  // namespace

void register_suggest(Registry<Command>& commands) {
  commands.add({
      .name = "suggest",
      .summary = "Writes a check job of what is true of a dataset or a CSV file now.",
      .example = "tallymill suggest user_cost",
      .arguments = {{"DATASET", "A dataset, e.g. user_cost, or a CSV file, e.g. ./users.csv."}},
      .flags = profile_flags(),
      .run = run_suggest,
  });
}

}  // namespace tallymill
