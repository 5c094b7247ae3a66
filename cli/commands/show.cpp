#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/sensitive_log.h"
#include "core/text.h"

namespace tallymill {
namespace {

SensitiveShown shown_of(const std::vector<VersionRecord>& versions,
                        const std::vector<std::string>& columns) {
  SensitiveShown shown{.dataset = versions.front().dataset, .period = versions.front().period};
  for (const VersionRecord& version : versions) shown.versions.push_back(version.id);
  shown.columns = columns;
  return shown;
}

Exit run_show(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  const auto partition = partition_of(invocation);
  const std::vector<VersionRecord> versions =
      visible_versions(store, invocation.text("DATASET"), invocation.text("period"),
                       partition ? partition->value : "");
  RowQuery query = row_query(invocation, versions.front().dataset);
  if (invocation.has("columns")) query.columns = split(invocation.text("columns"), ',');
  record_reveal(invocation, workspace, shown_of(versions, query.columns));
  print_rows(read_rows(workspace, versions, query), invocation);
  return Exit::ok;
}

}  // namespace

void register_show(Registry<Command>& commands) {
  std::vector<Flag> flags{
      {.name = "period", .value = "PERIOD", .summary = "The period; default: the newest."},
      partition_flag("One partition, e.g. city=beijing; default: all together."),
      {.name = "columns", .value = "A,B", .summary = "Only these columns."}};
  for (Flag& flag : row_flags()) flags.push_back(std::move(flag));
  commands.add({
      .name = "show",
      .summary = "Prints rows of a dataset's visible version, in key order.",
      .example = "tallymill show user_cost --where \"amount > 100.00\" --limit 5",
      .arguments = {{"DATASET", "The dataset, e.g. user_cost or clean_users.rejects."}},
      .flags = std::move(flags),
      .run = run_show,
  });
}

}  // namespace tallymill
