#include "cli/catalog.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultLimit = 20;

Exit run_show(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  const VersionRecord version =
      visible_version(store, invocation.text("DATASET"), invocation.text("period"));
  RowQuery query{.dataset = version.dataset,
                 .columns = {},
                 .where = invocation.text("where"),
                 // Programs get everything, people a screenful.
                 .limit = invocation.integer(
                     "limit", invocation.has("csv") || invocation.json() ? 0 : kDefaultLimit),
                 .reveal = invocation.has("reveal")};
  if (invocation.has("columns")) query.columns = split(invocation.text("columns"), ',');
  print_rows(read_rows(workspace, version, query), invocation);
  return Exit::ok;
}

}  // namespace

void register_show(Registry<Command>& commands) {
  commands.add({
      .name = "show",
      .summary = "Prints rows of a dataset's visible version, in key order.",
      .example = "tallymill show user_cost --where \"amount > 100.00\" --limit 5",
      .arguments = {{"DATASET", "The dataset, e.g. user_cost or clean_users.rejects."}},
      .flags = {{.name = "period", .value = "P", .summary = "The period; default: the newest."},
                {.name = "where", .value = "SQL", .summary = "Only rows that meet this condition."},
                {.name = "columns", .value = "A,B", .summary = "Only these columns."},
                {.name = "limit",
                 .value = "N",
                 .summary = "At most N rows, 0 for all; default 20, all with --csv and --json."},
                {.name = "reveal", .summary = "Show sensitive columns."},
                {.name = "csv", .summary = "Print CSV."},
                json_flag()},
      .run = run_show,
  });
}

}  // namespace tallymill
