#include "cli/dataset_profile.h"
#include "core/files.h"

namespace tallymill {
namespace {

Exit run_profile(const Invocation& invocation) {
  const json::object profile = profile_of(invocation);
  if (invocation.has("html")) {
    write_file_durably(invocation.text("html"), profile_page(profile));
    invocation.err() << "written to " << invocation.text("html") << std::endl;
  }
  invocation.out() << (invocation.json() ? pretty_json(profile) : profile_text(profile));
  return Exit::ok;
}

}  // namespace

void register_profile(Registry<Command>& commands) {
  std::vector<Flag> flags = profile_flags();
  flags.push_back(
      {.name = "html", .value = "FILE", .summary = "Write a page to hand around, too."});
  flags.push_back(json_flag());
  commands.add({
      .name = "profile",
      .summary = "Says what the columns of a dataset or a CSV file hold.",
      .example = "tallymill profile user_cost --json",
      .arguments = {{"DATASET", "A dataset, e.g. user_cost, or a CSV file, e.g. ./users.csv."}},
      .flags = std::move(flags),
      .run = run_profile,
  });
}

}  // namespace tallymill
