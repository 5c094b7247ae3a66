// A process whose rule does not end, for watchdog_test: watchdog_probe <attempt folder> <scenario>.
// Prints "survived" and exits with 0 if nothing stops it.
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <thread>

#include "rules/group_pass.h"
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
    {"pcall_rep", "while row.n == 2 do pcall(string.rep, 'x', 1e9) end"},
    {"gsub", "if row.n == 2 then (\"a\"):rep(30000):gsub((\"a-\"):rep(40) .. \"b\", \"\") end"},
    {"xpcall",
     "while row.n == 2 do xpcall(function() error('x') end, function() while true do end end) end"},
    {"sort", "while row.n == 2 do table.sort({ 3, 1, 2 }, function(a, b) return a < b end) end"},
    {"insert", "if row.n == 2 then table.insert({}, -2000000000, 1) end"},
    {"late",
     "local i = 0 while row.n == 2 do\n      i = i + 1\n      if i < 0 then break end\n    end"},
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

/// A group rule over the rows 0, 1, 2, each three times.
void run_group(RuleRuntime& rules, Engine& engine) {
  Diagnostics diagnostics;
  rules.load({"probe", "rules/probe.lua",
              "local t = require \"tallymill\"\nreturn t.group_rule {\n  name = \"probe\",\n"
              "  needs = { n = \"integer\", id = \"integer\" },\n  key = { \"n\" },\n"
              "  order = { \"id\" },\n"
              "  check = function(rows)\n    while rows[1].n == 2 do end\n  end,\n}\n"},
             diagnostics);
  Schema schema;
  schema.columns = {{.name = "n", .type = Type::integer()},
                    {.name = "id", .type = Type::integer()}};
  const auto pass = rules.bind_group("probe", schema, {}, {}, diagnostics);
  std::fputs(diagnostics.render().c_str(), stderr);
  if (pass != nullptr)
    pass->run(engine, "(select (i % 3)::bigint as n, i::bigint as id from range(9) as r(i))", "");
}

void run(const Task& task, const std::string& scenario) {
  const bool has_provenance = scenario == "loop" || scenario == "pattern" || scenario == "gsub";
  EngineSettings settings;
  settings.threads = 2;
  Engine engine(settings);
  RuleLimits limits;
  limits.cpu_milliseconds = kCpuMilliseconds;
  if (scenario == "pcall_pattern") limits.mode = LuaMode::traced;
  RuleRuntime rules(&engine, limits, 2);
  rules.arm_watchdog(task);
  if (scenario == "group") return run_group(rules, engine);
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
