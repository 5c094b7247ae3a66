// A process whose rule does not end, for watchdog_test: watchdog_probe <attempt folder> <scenario>.
// Prints "survived" and exits with 0 if nothing stops it.
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <thread>

#include "rules/rule_runtime.h"
#include "rules/watchdog.h"

namespace {

using namespace tallymill;

constexpr int kCpuMilliseconds = 200;

const std::map<std::string, std::string> kBodies = {
    {"loop", "local i = 0 while row.n == 2 do i = i + 1 end"},
    {"recursion",
     "local function again(x) return again(x + 1) end if row.n == 2 then again(1) end"},
    {"pattern", "if row.n == 2 then (\"a\"):rep(30000):find((\"a*\"):rep(40) .. \"b\") end"},
    {"pcall", "while row.n == 2 do pcall(function() while true do end end) end"},
    {"pcall_pattern",
     "while row.n == 2 do pcall(string.find, (\"a\"):rep(30000), (\"a*\"):rep(40) .. \"b\") end"},
    {"fast", "if row.n == 2 then return t.fail('R') end"},
};

std::string rule_text(const std::string& scenario) {
  std::string text = "local t = require \"tallymill\"\n";
  if (scenario == "load") text += "local x = (\"a\"):rep(30000):find((\"a*\"):rep(40) .. \"b\")\n";
  const auto body = kBodies.find(scenario == "test" ? "pattern" : scenario);
  text +=
      "return t.check_rule {\n  name = \"probe\",\n  needs = { n = \"integer\" },\n"
      "  check = function(row)\n    " +
      (body == kBodies.end() ? std::string() : body->second) + "\n  end,\n";
  return text +
         "  tests = { { given = { n = 1 }, expect = \"pass\" },\n"
         "            { given = { n = 2 }, expect = \"pass\" } },\n}\n";
}

Task task_in(const std::string& folder) {
  Task task;
  task.attempt = "2026-01#1.check.1";
  task.epoch = {7, std::string(32, 'a'), std::string(32, 'b')};
  task.folder = folder;
  return task;
}

/// A thread that waits while its rule is said to run: wall time passes, CPU time does not.
void sleep_in_a_rule(const Task& task) {
  Watchdog watchdog(task, 50);
  const std::int32_t row = 4, rule = 0;
  auto slot = std::make_shared<WatchSlot>();
  slot->row = &row;
  slot->rule = &rule;
  slot->titles = {"rule 'probe' (rules/probe.lua)"};
  slot->rows = 10;
  watchdog.watch(slot);
  slot->begin(WatchSlot::Activity::rows);
  std::this_thread::sleep_for(std::chrono::seconds(20));
}

void run(const Task& task, const std::string& scenario) {
  const bool has_provenance = scenario == "loop" || scenario == "pattern";
  EngineSettings settings;
  settings.threads = 2;
  Engine engine(settings);
  RuleLimits limits;
  limits.cpu_milliseconds = kCpuMilliseconds;
  if (scenario == "pcall_pattern") limits.mode = LuaMode::traced;
  RuleRuntime rules(&engine, limits, 2);
  rules.arm_watchdog(task);
  Diagnostics diagnostics;
  rules.load({"probe", "rules/probe.lua", rule_text(scenario)}, diagnostics);
  if (scenario == "test") rules.run_tests("probe");
  Schema schema;
  schema.columns = {{.name = "n", .type = Type::integer()}};
  schema.has_provenance = has_provenance;
  const auto call = rules.bind({"probe"}, schema, {}, {}, diagnostics);
  std::fputs(diagnostics.render().c_str(), stderr);
  if (!call) return;
  engine.query("select count(" + call->expression +
               ") from (select n::bigint as n, 'day \"01\".csv' as _source, n + 15 as _line "
               "from range(5) as r(n))");
}

}  // namespace

int main(int, char** arguments) {
  const Task task = task_in(arguments[1]);
  const std::string scenario = arguments[2];
  if (scenario == "asleep")
    sleep_in_a_rule(task);
  else
    run(task, scenario);
  std::puts("survived");
  return 0;
}
