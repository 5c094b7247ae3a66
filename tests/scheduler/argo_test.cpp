// The DAG examples of Argo Workflows: for every way their tasks may end, the same tasks run here as
// the `depends` and `when` of the example say. docs/flow.md has the mapping.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "scheduler/condition_facts.h"
#include "scheduler/live_run.h"
#include "scheduler/workspace.h"
#include "tests/outside_data.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

/// A task of an example, names as job names.
struct ArgoTask {
  std::string name;
  std::string depends;
  bool has_when = false;
};
using Dag = std::vector<ArgoTask>;

enum class End { succeeded, failed, skipped, omitted };

std::string job_name(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// The names in a `depends`, each with the member asked for ("Succeeded", or empty).
void each_name(const std::string& depends,
               const std::function<std::string(const std::string&, const std::string&)>& replace,
               std::string& result) {
  const auto is_part = [](char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
  for (std::size_t at = 0; at < depends.size();) {
    if (!is_part(depends[at])) {
      result.push_back(depends[at++]);
      continue;
    }
    std::string name;
    std::string member;
    while (at < depends.size() && is_part(depends[at])) name.push_back(depends[at++]);
    if (at < depends.size() && depends[at] == '.')
      for (++at; at < depends.size() && is_part(depends[at]);) member.push_back(depends[at++]);
    result += replace(job_name(name), member);
  }
}

/// Argo's own reading of `depends` (its documentation, "Enhanced Depends Logic"): a name alone is
/// (Succeeded || Skipped || Daemoned).
class ArgoReading {
 public:
  ArgoReading(const std::string& depends, const std::map<std::string, End>& ends) {
    each_name(
        depends,
        [&](const std::string& name, const std::string& member) {
          const End end = ends.at(name);
          if (member == "Succeeded") return end == End::succeeded ? "T" : "F";
          if (member == "Failed") return end == End::failed ? "T" : "F";
          if (member == "Skipped") return end == End::skipped ? "T" : "F";
          if (member == "Omitted") return end == End::omitted ? "T" : "F";
          return end == End::succeeded || end == End::skipped ? "T" : "F";
        },
        text_);
    std::erase(text_, ' ');
  }
  bool holds() { return text_.empty() || any(); }

 private:
  bool take(const std::string& sign) {
    if (text_.compare(at_, sign.size(), sign) != 0) return false;
    at_ += sign.size();
    return true;
  }
  bool any() {
    bool value = all();
    while (take("||")) value = all() || value;
    return value;
  }
  bool all() {
    bool value = one();
    while (take("&&")) value = one() && value;
    return value;
  }
  bool one() {
    if (take("!")) return !one();
    if (take("(")) {
      const bool value = any();
      take(")");
      return value;
    }
    return text_[at_++] == 'T';
  }

  std::string text_;
  std::size_t at_ = 0;
};

/// What each task comes to if those that run end as `wanted` says. Tasks stand in running order.
std::map<std::string, End> by_argo(const Dag& dag, const std::map<std::string, End>& wanted) {
  std::map<std::string, End> ends;
  for (const ArgoTask& task : dag)
    ends[task.name] = ArgoReading(task.depends, ends).holds() ? wanted.at(task.name) : End::omitted;
  return ends;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// The job that stands for a task: what only joins names becomes `needs`, all else a condition.
std::string job_of(const ArgoTask& task, const Dag& dag) {
  const auto can_be_skipped = [&](const std::string& name) {
    return std::any_of(dag.begin(), dag.end(),
                       [&](const ArgoTask& other) { return other.name == name && other.has_when; });
  };
  std::vector<std::string> needs;
  bool skips = false;
  bool is_plain = task.depends.find_first_of("|!(.") == std::string::npos;
  std::string condition;
  each_name(
      task.depends,
      [&](const std::string& name, const std::string& member) -> std::string {
        needs.push_back(name);
        skips = skips || can_be_skipped(name);
        if (member == "Failed") return "(failed(" + name + ") and not blocked(" + name + "))";
        if (member == "Skipped") return "skipped(" + name + ")";
        if (member.empty() && can_be_skipped(name))
          return "(succeeded(" + name + ") or skipped(" + name + "))";
        return "succeeded(" + name + ")";
      },
      condition);
  condition = replaced(replaced(replaced(condition, "&&", "and"), "||", "or"), "!", "not ");
  const std::string own = "param(when_" + task.name + ")";
  std::string when;
  if (!is_plain)
    when = "{ if: \"" + (task.has_when ? "(" + condition + ") and " + own : condition) + "\" }";
  else if (task.has_when)
    when =
        std::string("{ rule: ") + (skips ? "none_failed" : "all_success") + ", if: " + own + " }";
  else
    when = skips ? "none_failed" : "all_success";
  return "  " + task.name + ": { type: test, needs: [" + join(needs, ", ") + "], when: " + when +
         " }\n";
}

std::shared_ptr<const Graph> graph_of(const Dag& dag) {
  RunFixture fixture;
  std::string jobs;
  std::string params = "params:\n  any: { type: boolean, default: true }\n";
  for (const ArgoTask& task : dag) {
    jobs += job_of(task, dag);
    if (task.has_when) params += "  when_" + task.name + ": { type: boolean, default: true }\n";
  }
  fixture.graph("g", jobs, params);
  Diagnostics diagnostics;
  const Workspace workspace = Workspace::load(fixture.root(), TestCatalog(), diagnostics);
  INFO(jobs);
  INFO(diagnostics.render());
  REQUIRE(!diagnostics.has_errors());
  return workspace.graphs.at("g");
}

/// The jobs that ran, when those that run end as `wanted` says.
std::vector<std::string> run_here(const std::shared_ptr<const Graph>& graph, const Dag& dag,
                                  const std::map<std::string, End>& wanted) {
  RunRecord record;
  std::vector<std::string> names;
  for (const ArgoTask& task : dag) {
    names.push_back(task.name);
    record.params["when_" + task.name] = {"boolean",
                                          wanted.at(task.name) == End::skipped ? "false" : "true"};
  }
  LiveRun run(graph, record, names);
  std::vector<std::string> ran;
  std::vector<JobIndex> open = run.start();
  while (!open.empty()) {
    const JobIndex index = open.back();
    open.pop_back();
    const auto& condition = run.node(index).when.condition;
    const bool skips = run.trigger(index) == Trigger::skip ||
                       (condition && condition->evaluate(condition_facts(run, {})).kind !=
                                         ConditionAnswer::Kind::yes);
    if (skips) {
      run.move(index, JobRunState::skipped);
    } else {
      const std::string& name = run.node(index).spec.name;
      ran.push_back(name);
      run.move(index, JobRunState::ready);
      run.move(index, JobRunState::running);
      run.move(index,
               wanted.at(name) == End::failed ? JobRunState::failed : JobRunState::succeeded);
    }
    for (const JobIndex next : run.settle(index)) open.push_back(next);
  }
  CHECK(run.unfinished() == 0);
  std::sort(ran.begin(), ran.end());
  return ran;
}

/// Every DAG of a file, its tasks in running order.
std::vector<Dag> dags_of(const std::filesystem::path& file) {
  std::vector<Dag> dags;
  Diagnostics ignored;
  const auto document = YamlDocument::parse(file.filename().string(), read_file(file), ignored);
  if (!document) return dags;
  YamlNode spec = document->root().find("spec");
  if (const YamlNode inner = spec.find("workflowSpec")) spec = inner;
  const YamlNode templates = spec.find("templates");
  for (std::size_t t = 0; t < templates.size(); ++t) {
    const YamlNode tasks = templates[t].find("dag").find("tasks");
    Dag dag;
    for (std::size_t i = 0; i < tasks.size(); ++i)
      dag.push_back({job_name(std::string(tasks[i].find("name").text())),
                     std::string(tasks[i].find("depends").text()),
                     static_cast<bool>(tasks[i].find("when"))});
    const bool says_something = std::any_of(
        dag.begin(), dag.end(), [](const ArgoTask& task) { return !task.depends.empty(); });
    if (says_something) dags.push_back(std::move(dag));
  }
  return dags;
}

/// All ways in which the tasks of a DAG may end.
std::vector<std::map<std::string, End>> all_ends(const Dag& dag) {
  std::vector<std::map<std::string, End>> all{{}};
  for (const ArgoTask& task : dag) {
    std::vector<std::map<std::string, End>> longer;
    for (const auto& ends : all)
      for (const End end : {End::succeeded, End::failed, End::skipped}) {
        if (end == End::skipped && !task.has_when) continue;
        longer.push_back(ends);
        longer.back()[task.name] = end;
      }
    all = std::move(longer);
  }
  return all;
}

struct Compared {
  int dags = 0;
  int ways = 0;
};

void compare(const std::filesystem::path& file, Compared& compared) {
  for (const Dag& dag : dags_of(file)) {
    CAPTURE(file.filename().string());
    const auto graph = graph_of(dag);
    ++compared.dags;
    for (const auto& wanted : all_ends(dag)) {
      std::vector<std::string> expected;
      for (const auto& [name, end] : by_argo(dag, wanted))
        if (end == End::succeeded || end == End::failed) expected.push_back(name);
      std::sort(expected.begin(), expected.end());
      const auto ran = run_here(graph, dag, wanted);
      if (ran != expected) {
        std::string ways;
        for (const auto& [name, end] : wanted)
          ways += name + "=" + std::to_string(static_cast<int>(end)) + " ";
        FAIL_CHECK("ran " << join(ran, " ") << ", expected " << join(expected, " ") << ", when "
                          << ways);
      }
      ++compared.ways;
    }
  }
}

}  // namespace

TEST_CASE("argo: the example of enhanced depends logic runs what its names say") {
  // The example's own DAG, so that something runs without the data.
  const Dag dag{{"A", "", false},
                {"B", "A", false},
                {"C", "A", false},
                {"should_execute_1", "A && (C.Succeeded || C.Failed)", false},
                {"should_execute_2", "B || C", false},
                {"should_not_execute", "B && C", false},
                {"should_execute_3", "should_execute_2.Succeeded || should_not_execute", false}};
  std::map<std::string, End> wanted;
  for (const ArgoTask& task : dag) wanted[task.name] = End::succeeded;
  wanted["C"] = End::failed;
  CHECK(run_here(graph_of(dag), dag, wanted) ==
        std::vector<std::string>{"A", "B", "C", "should_execute_1", "should_execute_2",
                                 "should_execute_3"});
}

TEST_CASE("argo: every DAG example runs the same tasks, however they end") {
  const auto folder = outside_data("dag/argo-yaml");
  if (!folder) return;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(*folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  Compared compared;
  for (const auto& file : files) compare(file, compared);
  // As many as the examples have; fewer would mean that they were not understood.
  CHECK(compared.dags == 22);
  MESSAGE(compared.dags << " DAGs, " << compared.ways << " ways to end");
}
