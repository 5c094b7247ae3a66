#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/rule_change.h"
#include "cli/rule_diff_report.h"
#include "cli/rule_files.h"
#include "cli/sensitive_log.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/imagined_job.h"
#include "scheduler/query_runner.h"
#include "scheduler/rule_backtest.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultSamples = 5;

struct Range {
  Period from;
  Period to;
};

/// --periods A..B or A; by default the newest period of a graph that asks the rule.
Range range_of(const Invocation& invocation, const Workspace& workspace, StoreView& store,
               const std::string& file) {
  const std::string text = invocation.text("periods");
  if (!text.empty()) {
    const std::size_t dots = text.find("..");
    const Period from = parse_period(text.substr(0, dots));
    const Period to = dots == std::string::npos ? from : parse_period(text.substr(dots + 2));
    if (to.last_day() < from.first_day())
      throw Error(ErrorClass::config, "--periods '" + text + "' ends before it begins");
    return {from, to};
  }
  std::optional<Period> newest;
  for (const auto& [name, graph] : workspace.graphs)
    for (const JobNode& job : graph->jobs)
      for (const FileUse& use : job.shape.files)
        if (use.path == file)
          for (const RunRecord& run : store.runs(name, 1))
            if (const auto period = Period::parse(run.period);
                period && (!newest || newest->first_day() < period->first_day()))
              newest = period;
  if (!newest)
    throw Error(ErrorClass::config, "no graph whose jobs ask " + file +
                                        " has run yet, so there are no rows to ask it "
                                        "about; run one, or give --periods A..B");
  return {*newest, *newest};
}

json::array texts_json(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object side_json(const RuleText& rule) {
  return {{"version", rule.version}, {"label", rule.label}, {"text", rule.text}};
}

/// Parameter tables as they stand where the new text does, and as they count beside the old one.
struct ParamTexts {
  std::map<std::string, std::string> was;
  std::map<std::string, std::string> becomes;
};

ParamTexts param_texts(const Workspace& workspace, RuleBook& book, const RuleText& was,
                       const RuleText& becomes) {
  ParamTexts texts;
  for (const RuleText* side : {&was, &becomes})
    for (const PinnedFile& file : files_behind(workspace, side->file, side->text)) {
      const std::string subject = rule_subject_of(file.path);
      if (becomes.is_file) texts.becomes[file.path] = read_file(file.blob);
      // With approval each period has its own, which the plan has put in.
      if (subject.empty() || workspace.rules_need_approval) continue;
      if (const auto record = book.version(subject, book.last_run(subject)))
        texts.was[file.path] = record->text;
    }
  return texts;
}

/// Tables that are other than what counts, as far as one text counts in all periods.
json::array changed_params(const ParamTexts& params) {
  json::array changed;
  for (const auto& [path, text] : params.was)
    if (const auto other = params.becomes.find(path);
        other != params.becomes.end() && other->second != text)
      changed.push_back(json::string(path));
  return changed;
}

void put_texts(const RuleText& was, const RuleText& becomes, const ParamTexts& params, Task& task) {
  task.files[was.file] = file_of_query(was.file, was.text);
  for (const auto& [path, text] : params.was) task.files[path] = file_of_query(path, text);
  const std::string shadow(kShadowPrefix);
  task.files[shadow + was.file] = file_of_query(was.file, becomes.text);
  for (const auto& [path, text] : params.becomes) {
    task.files[shadow + path] = file_of_query(path, text);
    if (!task.files.contains(path)) task.files[path] = file_of_query(path, text);
  }
}

json::object ask(const Invocation& invocation, const Workspace& workspace, Backtest backtest,
                 const RuleText& was, const RuleText& becomes, const ParamTexts& params) {
  for (Task& task : backtest.tasks) put_texts(was, becomes, params, task);
  json::object question{{"query", "rules_diff"},
                        {"rule", invocation.text("NAME")},
                        {"file", was.file},
                        {"by", invocation.text("by")},
                        {"distinct", texts_json(invocation.texts("distinct"))},
                        {"money", texts_json(invocation.texts("money"))},
                        {"samples", invocation.integer("samples", kDefaultSamples)},
                        {"reveal", invocation.has("reveal")}};
  return run_query(workspace, query_about(std::move(backtest.tasks), std::move(question)))
      .answer.as_object();
}

/// The journal says who saw sensitive columns of which versions.
void record_shown(const Invocation& invocation, const Workspace& workspace,
                  const Backtest& backtest) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> shown;
  for (const Task& task : backtest.tasks)
    for (const auto& [name, versions] : task.inputs)
      for (const InputVersion& version : versions)
        shown[{version.dataset.empty() ? name : version.dataset, version.period}].push_back(
            version.version);
  for (auto& [place, versions] : shown)
    record_reveal(
        invocation, workspace,
        {.dataset = place.first, .period = place.second, .versions = std::move(versions)});
}

Exit run_rules_diff(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace(invocation, catalog);
  StoreView store = open_store(workspace);
  RuleBook book(store);
  const std::string name = invocation.text("NAME");
  if (name.starts_with(kParamFolder))
    throw Error(ErrorClass::config,
                "a parameter table has no verdicts; ask a rule that names it, whose difference "
                "takes the table as it stands: tallymill rules diff RULE");
  const std::vector<std::string> words = invocation.texts("VERSION");
  if (words.size() > 2)
    throw Error(ErrorClass::config, "give at most two versions: the old one, then the new one");
  const RuleText becomes = words.empty() ? rule_text_of_file(workspace, name)
                                         : rule_text_of(workspace, book, name, words.back());
  const RuleText was = words.size() == 2 ? rule_text_of(workspace, book, name, words.front())
                                         : rule_text_that_counts(workspace, book, name);
  const Range range = range_of(invocation, workspace, store, was.file);
  Backtest backtest = plan_backtest(workspace, store, was.file, range.from, range.to);
  if (backtest.jobs.empty())
    throw Error(ErrorClass::config, "no job of any graph asks " + was.file);
  if (backtest.tasks.empty())
    throw Error(ErrorClass::config,
                "there are no rows to ask " + was.file + " about from " + range.from.text() +
                    " to " + range.to.text() +
                    (backtest.gaps.empty() ? "" : ": " + backtest.gaps.front().why));
  json::array gaps;
  for (const BacktestGap& gap : backtest.gaps)
    gaps.push_back(
        {{"graph", gap.graph}, {"job", gap.job}, {"period", gap.period}, {"why", gap.why}});
  record_shown(invocation, workspace, backtest);
  const ParamTexts params = param_texts(workspace, book, was, becomes);
  json::object difference = ask(invocation, workspace, std::move(backtest), was, becomes, params);
  difference["changed_params"] = changed_params(params);
  difference["rule"] = name;
  difference["old"] = side_json(was);
  difference["new"] = side_json(becomes);
  difference["from"] = range.from.text();
  difference["to"] = range.to.text();
  difference["not_looked_at"] = std::move(gaps);
  if (invocation.has("html")) {
    write_file_durably(invocation.text("html"), rule_diff_page(difference));
    invocation.err() << "written to " << invocation.text("html") << std::endl;
  }
  if (invocation.json())
    invocation.out() << pretty_json(difference);
  else
    invocation.out() << rule_diff_text(difference);
  return Exit::ok;
}

}  // namespace

void register_rules_diff(Registry<Command>& commands) {
  std::vector<Flag> flags{
      {.name = "periods",
       .value = "A..B",
       .summary = "Periods whose stored inputs are asked about; default: the newest."},
      {.name = "by", .value = "COLUMN", .summary = "Tell the difference apart by it."},
      {.name = "distinct",
       .value = "COLUMN",
       .summary = "Count its values once; default: the key of the rows.",
       .repeated = true},
      {.name = "money",
       .value = "COLUMN",
       .summary = "Add up this amount; default: all money columns.",
       .repeated = true},
      {.name = "samples",
       .value = "N",
       .summary = "Rows to show of each kind of difference; default 5."},
      {.name = "html", .value = "FILE", .summary = "Write a page to hand around, too."},
      json_flag()};
  for (Flag& flag : reveal_flags()) flags.push_back(std::move(flag));
  commands.add({
      .name = "rules diff",
      .summary = "Shows which rows and how much money another version of a rule would change.",
      .example = "tallymill rules diff high_value --periods 2026-01..2026-03 --by city",
      .arguments = {rule_argument(),
                    {"VERSION",
                     "[OLD] NEW: first digits of a version, or the path of a file; by default what "
                     "counts now, and rules/NAME.lua as it stands.",
                     false, true}},
      .flags = std::move(flags),
      .run = run_rules_diff,
  });
}

}  // namespace tallymill
