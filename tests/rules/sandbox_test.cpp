#include <doctest/doctest.h>

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

/// What one row with note = 'abc', n = 7 makes of a check with this body.
Lines verdicts_of(const std::string& body, RuleLimits limits = {}) {
  RuleHarness harness(limits);
  if (harness.load("probe", check_rule_text("probe", "note = \"text\", n = \"integer\"", body)) ==
      nullptr)
    return {harness.problems()};
  harness.rows("select 'abc' as note, 7::bigint as n",
               {column("note", Type::text()), column("n", Type::integer())});
  return harness.check({"probe"});
}

/// The verdict of `return t.fail("R", <expression as text>)`.
std::string value_of(const std::string& expression) {
  const Lines lines = verdicts_of("return t.fail(\"R\", tostring(" + expression + "))");
  return lines.size() == 1 ? lines[0] : std::to_string(lines.size()) + " lines";
}

}  // namespace

TEST_CASE("sandbox: what reaches outside the row is refused when the file is loaded") {
  for (const char* name : {"os",      "io",        "debug",          "jit",         "ffi",
                           "package", "load",      "loadstring",     "loadfile",    "dofile",
                           "getfenv", "setfenv",   "collectgarbage", "newproxy",    "rawset",
                           "rawget",  "coroutine", "module",         "gcinfo",      "_G",
                           "print",   "next",      "setmetatable",   "getmetatable"}) {
    CAPTURE(name);
    RuleHarness harness;
    CHECK(harness.load("probe", check_rule_text("probe", "n = \"integer\"",
                                                std::string("    local x = ") + name)) == nullptr);
    const std::string problems = harness.problems();
    CHECK(problems.substr(0, problems.find(" in rules") + 9) ==
          "rules/probe.lua:6:15: '" + std::string(name) + "' is not available in rules");
  }
}

TEST_CASE("sandbox: a misspelt library name is met with the right one") {
  RuleHarness harness;
  CHECK(harness.load("probe", check_rule_text("probe", "n = \"integer\"", "local x = strin.len")) ==
        nullptr);
  CHECK(harness.problems() ==
        "rules/probe.lua:6:11: 'strin' is not available in rules; did you mean 'string'?\n");
}

TEST_CASE("sandbox: a global may not be set, and the message has the line") {
  RuleHarness harness;
  CHECK(harness.load("probe", check_rule_text("probe", "n = \"integer\"",
                                              "    local a = row.n\n    total = a")) == nullptr);
  CHECK(harness.problems() ==
        "rules/probe.lua:7:5: the global 'total' may not be set; write local total\n");
}

TEST_CASE("sandbox: string.dump and methods of texts reach nothing else") {
  CHECK(value_of("string.dump") == "0 probe fail R: nil");
  CHECK(value_of("(\"x\").dump") == "0 probe fail R: nil");
  CHECK(value_of("(\"ab\"):rep(2)") == "0 probe fail R: abab");
}

TEST_CASE("sandbox: shared libraries cannot be changed") {
  CHECK(verdicts_of("string.rep = nil") ==
        Lines{"0 probe error rule_error: rules/probe.lua:6: string may not be changed (field "
              "'rep')"});
  CHECK(verdicts_of("local lib = require \"tallymill\"\n lib.fail = nil") ==
        Lines{"0 probe error rule_error: rules/probe.lua:7: tallymill may not be changed (field "
              "'fail')"});
}

TEST_CASE("sandbox: only the library can be required") {
  CHECK(verdicts_of("local x = require \"io\"") ==
        Lines{"0 probe error rule_error: rules/probe.lua:6: require: only \"tallymill\" can be "
              "required, got 'io'"});
  CHECK(verdicts_of("local x = require \"engine.boot\"") ==
        Lines{"0 probe error rule_error: rules/probe.lua:6: require: only \"tallymill\" can be "
              "required, got 'engine.boot'"});
  CHECK(verdicts_of("local x = require \"tallymill.nothing\"") ==
        Lines{"0 probe error rule_error: rules/probe.lua:6: require: there is no module "
              "'tallymill.nothing'"});
  CHECK(value_of("require(\"tallymill.literals\").money \"1.00\"") == "0 probe fail R: 100");
}

TEST_CASE("sandbox: bytecode is refused") {
  RuleHarness harness;
  CHECK(harness.load("probe", std::string("\x1bLJ\x02\x0a\x00", 6)) == nullptr);
  CHECK(harness.problems() ==
        "rules/probe.lua:1:1: this is compiled Lua (bytecode), which is never loaded; give the "
        "rule's source text\n");
}

TEST_CASE("sandbox: pairs goes in one order whatever the insertion order") {
  CHECK(
      value_of("(function() local s = '' for k, v in pairs({ b = 1, [3] = 2, a = 3, [1] = 4 }) do "
               "s = s .. tostring(k) .. v end return s end)()") == "0 probe fail R: 1432a3b1");
}

TEST_CASE("sandbox: addresses never become text") {
  CHECK(value_of("{}") == "0 probe fail R: table");
  CHECK(value_of("tostring") == "0 probe fail R: function");
  CHECK(verdicts_of("local x = string.format('%p', {})") ==
        Lines{"0 probe error rule_error: rules/probe.lua:6: string.format: %p prints an address, "
              "which differs from run to run"});
  CHECK(verdicts_of("local x = ('%s'):format({})") ==
        Lines{"0 probe error rule_error: rules/probe.lua:6: bad argument #2 to 'format' (got a "
              "table)"});
}

TEST_CASE("sandbox: random numbers come from a key alone") {
  CHECK(value_of("math.random") == "0 probe fail R: nil");
  CHECK(value_of("t.random('K1') == t.random('K1') and t.random('K1') ~= t.random('K2')") ==
        "0 probe fail R: true");
  CHECK(value_of("t.random('K1')") == value_of("t.random('K1')"));
}

TEST_CASE("sandbox: a row and its parameters cannot be changed") {
  RuleHarness harness;
  CHECK(harness.load("probe", check_rule_text("probe", "n = \"integer\"",
                                              "    row.n = 1\n    p.x = 2\n"
                                              "    local r = row\n    r.other = 3\n"
                                              "    table.insert(row, 1)\n    table.sort(p)")) ==
        nullptr);
  CHECK(harness.problems() ==
        "rules/probe.lua:6: a rule may not change its row; copy the value into a local\n"
        "rules/probe.lua:7: a rule may not change its parameters; copy the value into a local\n"
        "rules/probe.lua:9: a rule may not change its row; copy the value into a local\n"
        "rules/probe.lua:10: a rule may not change its row; copy the value into a local\n"
        "rules/probe.lua:11: a rule may not change its parameters; copy the value into a local\n");
}

TEST_CASE("sandbox: a rule keeps nothing between rows") {
  RuleHarness harness;
  const std::string text =
      "local t = require \"tallymill\"\n"
      "local seen, count = {}, 0\n"
      "local function add(n) count = count + n end\n"
      "return t.check_rule {\n"
      "  name = \"probe\",\n"
      "  needs = { n = \"integer\" },\n"
      "  check = function(row)\n"
      "    add(row.n)\n"
      "    seen[row.n] = true\n"
      "    local function inner() count = 0 end\n"
      "    local own = {}\n"
      "    own[1] = row.n\n"
      "  end,\n"
      "}\n";
  CHECK(harness.load("probe", text) == nullptr);
  const std::string rest =
      " is changed by the rule and would keep its value for later rows; a rule may depend on its "
      "row and parameters only; use locals inside the function\n";
  CHECK(harness.problems() == "rules/probe.lua:3: 'count'" + rest + "rules/probe.lua:9:5: 'seen'" +
                                  rest + "rules/probe.lua:10:28: 'count'" + rest);
}

TEST_CASE("sandbox: nor does it keep anything through functions that change tables") {
  RuleHarness harness;
  const std::string text =
      "local t = require \"tallymill\"\n"
      "local seen, limits = {}, { 3, 1, 2 }\n"
      "local function note(n) table.insert(seen, (tostring(n))) end\n"
      "return t.check_rule {\n"
      "  name = \"probe\",\n"
      "  needs = { n = \"integer\" },\n"
      "  check = function(row)\n"
      "    note(row.n)\n"
      "    table.insert(seen, 1, tostring(row.n))\n"
      "    local own = {}\n"
      "    table.insert(own, row.n)\n"
      "    table.sort(own)\n"
      "    for _, limit in ipairs(limits) do table.insert(own, limit) end\n"
      "    if #table.concat(limits, \",\") > 3 then return table.remove(seen) end\n"
      "    table.sort(limits)\n"
      "  end,\n"
      "}\n";
  CHECK(harness.load("probe", text) == nullptr);
  const std::string rest =
      " is changed by the rule and would keep its value for later rows; a rule may depend on its "
      "row and parameters only; use locals inside the function\n";
  CHECK(harness.problems() ==
        "rules/probe.lua:3:37: 'seen'" + rest + "rules/probe.lua:9:18: 'seen'" + rest +
            "rules/probe.lua:14:64: 'seen'" + rest + "rules/probe.lua:15:16: 'limits'" + rest);
}

TEST_CASE("sandbox: nor in a function that stands in a table") {
  RuleHarness harness;
  const std::string text =
      "local t = require \"tallymill\"\n"
      "local state = { n = 0 }\n"
      "local lib = { deep = {} }\n"
      "function lib.deep.count() state.n = state.n + 1 return state.n end\n"
      "function lib.pure(x) local s = {} s[1] = x return s[1] end\n"
      "return t.check_rule {\n"
      "  name = \"probe\",\n"
      "  needs = { n = \"integer\" },\n"
      "  check = function(row)\n"
      "    if lib.deep.count() > lib.pure(row.n) then return t.fail(\"R\") end\n"
      "  end,\n"
      "}\n";
  CHECK(harness.load("probe", text) == nullptr);
  CHECK(harness.problems().starts_with("rules/probe.lua:4: 'state' is changed by the rule"));
}

TEST_CASE("sandbox: a rule that uses too much memory fails on its row, and the next row is seen") {
  RuleHarness harness;
  REQUIRE(harness.load("greedy", check_rule_text("greedy", "n = \"integer\"", R"(
    if row.n == 1 then
      local list = {}
      while true do list[#list + 1] = ("x"):rep(1000) .. #list end
    end
    return t.fail("R", "seen"))")) != nullptr);
  harness.rows("select unnest([0, 1, 2])::bigint as n", {column("n", Type::integer())});
  CHECK(harness.check({"greedy"}) ==
        Lines{"0 greedy fail R: seen",
              "1 greedy error rule_error: rules/greedy.lua:5: the rule ran out of its 64 MiB of "
              "memory",
              "2 greedy fail R: seen"});
}

TEST_CASE("sandbox: a rule that always runs out of memory ends the job with a clear message") {
  RuleHarness harness;
  REQUIRE(harness.load("greedy", check_rule_text("greedy", "n = \"integer\"", R"(
    local list = {}
    while true do list[#list + 1] = ("x"):rep(100000) .. #list end)")) != nullptr);
  harness.rows("from range(100) as r(n)", {column("n", Type::integer())});
  CHECK_THROWS_WITH_AS(
      harness.check({"greedy"}),
      doctest::Contains("rule 'greedy' (rules/greedy.lua) ran out of its 64 MiB of memory on more "
                        "than 10 rows, the last one row 11 of a chunk; a rule looks at one row "
                        "and needs little"),
      Error);
}

TEST_CASE("sandbox: pcall does not hide a full memory from the rule itself") {
  CHECK(verdicts_of("local ok, why = pcall(string.rep, 'x', 200000000)\n"
                    "return t.fail('R', tostring(ok) .. ' ' .. why)") ==
        Lines{"0 probe fail R: false not enough memory"});
}

TEST_CASE("sandbox: limits are never zero") {
  CHECK(RuleLimits{}.memory_bytes == 64 << 20);
  CHECK(RuleLimits{}.cpu_milliseconds == 2000);
  for (const RuleLimits& limits :
       {RuleLimits{.memory_bytes = 0}, RuleLimits{.cpu_milliseconds = 0},
        RuleLimits{.memory_bytes = -1}, RuleLimits{.cpu_milliseconds = -1}})
    CHECK_THROWS_WITH_AS(RuleRuntime(nullptr, limits, 2),
                         "error: the limits of rules must be above zero", Error);
}

TEST_CASE("sandbox: every way to make a text grow meets the memory limit on its row") {
  const std::string full =
      "0 probe error rule_error: rules/probe.lua:5: the rule ran out of its 64 MiB of memory";
  for (const char* body : {
           "local x = 'x' while true do x = x .. x end",
           "local x = string.rep('x', 200000000)",
           "local x = ('ab'):rep(1000):rep(1000):rep(1000)",
           "local s, l = ('x'):rep(1000000), {} for i = 1, 200 do l[i] = s end "
           "local x = table.concat(l)",
           "local x = string.gsub(('x'):rep(1000000), 'x', ('y'):rep(1000))",
           "local x = ('x'):rep(40000000):reverse() .. ('x'):rep(40000000)",
           "local l = {} while true do l[#l + 1] = l end",
           "local f while true do local g = f f = function() return g end end",
           "while true do local ok, why = pcall(string.rep, 'x', 60000000) "
           "if not ok then error(why) end local y = why .. why end",
       }) {
    CAPTURE(body);
    for (const LuaMode mode : {LuaMode::compiled, LuaMode::interpreted, LuaMode::traced})
      CHECK(verdicts_of(body, {.mode = mode}) == Lines{full});
  }
}

TEST_CASE("sandbox: recursion without end is an error on its row, caught or not") {
  CHECK(verdicts_of("local function f(x) return 1 + f(x + 1) end local y = f(1)")
            .at(0)
            .starts_with("0 probe error rule_error: rules/probe.lua:"));
  CHECK(verdicts_of("local function f() local ok, why = pcall(f) return ok end f()\n"
                    "return t.fail('R', 'ended')") == Lines{"0 probe fail R: ended"});
  CHECK(verdicts_of("local x = { unpack({}, 1, 100000000) }").at(0).find("too many results") !=
        std::string::npos);
}

TEST_CASE("sandbox: recursion through functions in C ends before the stack does") {
  for (const char* body : {
           "local function f(s) return (s:gsub('.', f)) end f('a')",
           "local function f() table.sort({ 3, 1, 2 }, f) end f()",
           "local function f() return xpcall(f, f) end f() error('ended')",
           "local function f(s) local ok, why = pcall(string.gsub, s, '.', f) error(why) end "
           "f('a')",
           "local x = ('('):rep(100000) local y = ('a'):find(x)",
           "('a'):rep(300000):find(('a?'):rep(300000))",
       }) {
    CAPTURE(body);
    for (const LuaMode mode : {LuaMode::compiled, LuaMode::traced}) {
      const Lines lines = verdicts_of(body, {.mode = mode});
      REQUIRE(lines.size() == 1);
      CHECK(lines[0].starts_with("0 probe error rule_error: rules/probe.lua:"));
    }
  }
}

TEST_CASE("sandbox: texts have no metatable that a rule can see or change") {
  CHECK(verdicts_of("local x = 'x' x.rep = 1")
            .at(0)
            .starts_with("0 probe error rule_error: rules/probe.lua:6: attempt to index"));
  CHECK(verdicts_of("local s = string s.rep = 1") ==
        Lines{"0 probe error rule_error: rules/probe.lua:6: string may not be changed (field "
              "'rep')"});
  CHECK(value_of("('x').gfind or ('x').dump or ('x').__index or 'none'") == "0 probe fail R: none");
}

TEST_CASE("sandbox: bytecode cannot be made or loaded from within a rule") {
  for (const char* name : {"load", "loadstring", "loadfile", "dofile"})
    CHECK(rule_problems(check_rule_text("probe", "n = \"integer\"",
                                        std::string("    local f = ") + name + "('x')"))
              .find("'" + std::string(name) + "' is not available in rules") != std::string::npos);
  CHECK(verdicts_of("local x = string.dump(function() end)").at(0).find("attempt to call") !=
        std::string::npos);
}

TEST_CASE("sandbox: no environment of a function is within reach") {
  for (const char* name : {"getfenv", "setfenv", "_G", "_ENV", "debug", "newproxy"})
    CHECK(rule_problems(
              check_rule_text("probe", "n = \"integer\"", std::string("    local e = ") + name))
              .find("'" + std::string(name) + "' is not available in rules") != std::string::npos);
}

TEST_CASE("sandbox: what the library remembers is out of reach") {
  CHECK(value_of("require('tallymill.literals').remember") == "0 probe fail R: nil");
  CHECK(value_of("require('tallymill.literals').memory") == "0 probe fail R: nil");
  CHECK(verdicts_of("local x = require \"engine.remember\"")
            .at(0)
            .find("only \"tallymill\" can be required") != std::string::npos);
}

TEST_CASE("sandbox: tables inside the library's modules cannot be changed either") {
  CHECK(verdicts_of("require(\"tallymill.letters\").upper.a = 'B'") ==
        Lines{"0 probe error rule_error: rules/probe.lua:6: tallymill.letters may not be changed "
              "(field 'a')"});
  CHECK(verdicts_of("local x = require \"tallymill.freeze\"") ==
        Lines{"0 probe error rule_error: rules/probe.lua:6: require: there is no module "
              "'tallymill.freeze'"});
}

TEST_CASE("sandbox: one bad rule takes down neither the other rules of its row nor other rows") {
  RuleHarness harness;
  REQUIRE(harness.load(
      "greedy",
      check_rule_text("greedy", "n = \"integer\"",
                      "    if row.n == 1 then local x = 'x' while true do x = x .. x end end")));
  REQUIRE(harness.load(
      "sorts",
      check_rule_text("sorts", "n = \"integer\"",
                      "    table.sort({ 3, 1, 2, 5, 4, 9, 8 }, function() return true end)")));
  REQUIRE(harness.load(
      "sound", check_rule_text("sound", "n = \"integer\"", "    return t.fail('R', '{n}', row)")));
  harness.rows("select unnest([0, 1])::bigint as n", {column("n", Type::integer())});
  const Lines lines = harness.check({"greedy", "sorts", "sound"});
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].starts_with("0 sorts error rule_error: rules/sorts.lua:6: "));
  CHECK(lines[1] == "0 sound fail R: 0");
  CHECK(lines[2].starts_with("1 greedy error rule_error: rules/greedy.lua:5: the rule ran out of"));
  CHECK(lines[4] == "1 sound fail R: 1");
}
