#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/rule_files.h"
#include "cli/rule_trace.h"
#include "cli/sensitive_log.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/json.h"
#include "core/text.h"
#include "scheduler/query_runner.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultLimit = 20;

/// A question about the rule; `more` says of which rows.
Task make_task(const Workspace& workspace, const Invocation& invocation, const char* query,
               const json::object& more) {
  json::object params;
  for (const auto& [name, value] : params_of(invocation)) params[name] = value;
  Task task;
  task.mode = TaskMode::query;
  json::object spec{{"query", query},
                    {"rule", invocation.text("RULE")},
                    {"params", std::move(params)},
                    {"reveal", invocation.has("reveal")}};
  for (const auto& entry : more) spec[entry.key()] = entry.value();
  task.spec = std::move(spec);
  for (const PinnedFile& file : rule_files(workspace, invocation.text("RULE")))
    task.files[file.path] = file;
  return task;
}

void add_input(const Workspace& workspace, const VersionRecord& version, Task& task) {
  task.period = version.period;
  task.inputs[version.dataset] = {InputVersion{
      .version = version.id,
      .folder = StateFolder(workspace.state)
                    .version(version.dataset, version.period, version.partition, version.id),
      .period = version.period,
      .partition = version.partition,
      .digest = version.digest}};
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

json::object row_of(const Invocation& invocation) {
  try {
    json::value row = parse_json(invocation.text("row"), "--row");
    if (row.is_object()) return std::move(row.as_object());
  } catch (const Error& error) {
    throw Error(ErrorClass::config, error.message() + "; write --row '{\"amount\": \"10.01\"}'");
  }
  throw Error(ErrorClass::config,
              "--row takes one JSON object; write --row '{\"amount\": \"10.01\"}'");
}

/// What goes together: --row alone, or --dataset with or without --key.
void require_rows(const Invocation& invocation) {
  const bool has_dataset = invocation.has("dataset");
  const auto refuse = [](const std::string& message) { throw Error(ErrorClass::config, message); };
  if (invocation.has("row") && (has_dataset || invocation.has("key")))
    refuse("--row is a row of its own: leave out --dataset and --key");
  if (invocation.has("key") && !has_dataset) refuse("--key needs the --dataset it is a key of");
  if (!invocation.has("row") && !has_dataset)
    refuse("rules try needs rows: --dataset DATASET, or --row with one written out");
}

Exit run_rules_try(const Invocation& invocation) {
  require_rows(invocation);
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace(invocation, catalog);
  const auto ask = [&](Task task) { return run_query(workspace, std::move(task)).answer; };
  if (invocation.has("row")) {
    Task task = make_task(workspace, invocation, "rules_trace", {{"row", row_of(invocation)}});
    if (invocation.has("period")) task.period = period_of(invocation).text();
    const json::value answer = ask(std::move(task));
    invocation.out() << (invocation.json() ? pretty_json(answer) : trace_text(answer.as_object()));
    return Exit::ok;
  }
  StoreView store = open_store(workspace);
  const VersionRecord version =
      visible_version(store, invocation.text("dataset"), invocation.text("period"));
  const bool is_trace = invocation.has("key");
  json::object question{{"dataset", version.dataset}};
  if (is_trace) {
    const std::vector<std::string> key = invocation.texts("key");
    question["key"] = json::array(key.begin(), key.end());
  } else {
    question["limit"] = invocation.integer("limit", kDefaultLimit);
  }
  Task task = make_task(workspace, invocation, is_trace ? "rules_trace" : "rules_try", question);
  add_input(workspace, version, task);
  record_reveal(invocation, workspace,
                {.dataset = version.dataset, .period = version.period, .versions = {version.id}});
  const json::object answer = ask(std::move(task)).as_object();
  if (invocation.json())
    invocation.out() << pretty_json(answer);
  else if (is_trace)
    invocation.out() << trace_text(answer);
  else
    print_answer(answer, version, invocation);
  return Exit::ok;
}

}  // namespace

void register_rules_try(Registry<Command>& commands) {
  std::vector<Flag> flags{
      {.name = "dataset",
       .value = "DATASET",
       .summary = "The dataset whose visible version is read."},
      {.name = "period",
       .value = "PERIOD",
       .summary = "The period; default: the newest. With --row that of parameter tables."},
      {.name = "key",
       .value = "COLUMN=VALUE",
       .summary = "Show the path of the dataset's row with this key; once for each column of the "
                  "key.",
       .repeated = true},
      {.name = "row",
       .value = "JSON",
       .summary = "Show the path of a row written out, e.g. '{\"amount\": \"10.01\"}'; no dataset "
                  "is read."},
      param_flag("A parameter of the rule."),
      {.name = "limit",
       .value = "N",
       .summary = "At most N rows, those that do not pass first; default 20."}};
  for (Flag& flag : reveal_flags()) flags.push_back(std::move(flag));
  flags.push_back(json_flag());
  commands.add({
      .name = "rules try",
      .summary =
          "Shows what a rule says about the rows of a dataset, or why it says so of one row.",
      .example = "tallymill rules try gift_within_limit --dataset gifts --limit 10",
      .arguments = {{"RULE", "The rule: rules/RULE.lua as it stands now."}},
      .flags = std::move(flags),
      .run = run_rules_try,
  });
}

}  // namespace tallymill
