#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/rule_files.h"
#include "cli/sensitive_log.h"
#include "cli/text_table.h"
#include "core/json.h"
#include "core/text.h"
#include "scheduler/query_runner.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultLimit = 20;

Task make_task(const Workspace& workspace, const VersionRecord& version,
               const Invocation& invocation) {
  json::object params;
  for (const auto& [name, value] : params_of(invocation)) params[name] = value;
  Task task;
  task.mode = TaskMode::query;
  task.period = version.period;
  task.spec = json::object{
      {"query", "rules_try"},        {"rule", invocation.text("RULE")},
      {"dataset", version.dataset},  {"limit", invocation.integer("limit", kDefaultLimit)},
      {"params", std::move(params)}, {"reveal", invocation.has("reveal")}};
  for (const PinnedFile& file : rule_files(workspace, invocation.text("RULE")))
    task.files[file.path] = file;
  task.inputs[version.dataset] = {InputVersion{
      .version = version.id,
      .folder = StateFolder(workspace.state)
                    .version(version.dataset, version.period, version.partition, version.id),
      .period = version.period,
      .partition = version.partition,
      .digest = version.digest}};
  return task;
}

void print_answer(const json::object& answer, const VersionRecord& version,
                  const Invocation& invocation) {
  std::ostream& out = invocation.out();
  out << json_text(answer, "file") << " over " << version.dataset << ", " << version.period
      << "\n\n";
  TextTable counts({{.title = "verdict"}, {.title = "rows", .is_number = true}});
  for (const json::value& item : json_at(answer, "counts").as_array())
    counts.add({json_text(item.as_object(), "verdict"),
                group_digits(json_integer(item.as_object(), "rows"))});
  out << counts.text() << "\n";
  if (const json::value* matches = answer.if_contains("matches"))
    out << group_digits(json_integer(matches->as_object(), "none"))
        << " facts meet no row of the table, "
        << group_digits(json_integer(matches->as_object(), "several")) << " meet several\n\n";
  print_table(row_answer(answer), out);
}

Exit run_rules_try(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace(invocation, catalog);
  StoreView store = open_store(workspace);
  const VersionRecord version =
      visible_version(store, invocation.text("dataset"), invocation.text("period"));
  Task task = make_task(workspace, version, invocation);
  record_reveal(invocation, workspace,
                {.dataset = version.dataset, .period = version.period, .versions = {version.id}});
  const json::object answer = run_query(workspace, std::move(task)).answer.as_object();
  if (invocation.json())
    invocation.out() << pretty_json(answer);
  else
    print_answer(answer, version, invocation);
  return Exit::ok;
}

}  // namespace

void register_rules_try(Registry<Command>& commands) {
  std::vector<Flag> flags{
      {.name = "dataset",
       .value = "DATASET",
       .summary = "The dataset whose visible version is read.",
       .required = true},
      {.name = "period", .value = "PERIOD", .summary = "The period; default: the newest."},
      param_flag("A parameter of the rule."),
      {.name = "limit",
       .value = "N",
       .summary = "At most N rows, those that do not pass first; default 20."}};
  for (Flag& flag : reveal_flags()) flags.push_back(std::move(flag));
  flags.push_back(json_flag());
  commands.add({
      .name = "rules try",
      .summary = "Shows what a rule says about the rows of a dataset, before any run uses it.",
      .example = "tallymill rules try gift_within_limit --dataset gifts --limit 10",
      .arguments = {{"RULE", "The rule: rules/RULE.lua as it stands now."}},
      .flags = std::move(flags),
      .run = run_rules_try,
  });
}

}  // namespace tallymill
