// `rules stubs` needs a worker to know columns: this runs tallymill-worker beside the test program.
#include <doctest/doctest.h>

#include "cli/rule_stubs.h"
#include "command_line.h"
#include "core/files.h"
#include "program.h"
#include "sample_workspace.h"

using namespace tallymill;

namespace {

std::string read(const SampleWorkspace& workspace, const std::string& path) {
  return read_file(std::filesystem::path(workspace.root()) / path);
}

CommandOutcome stubs(const SampleWorkspace& workspace) {
  return run_tallymill({"rules", "stubs", "--workspace", workspace.root()});
}

void add_rule(const SampleWorkspace& workspace) {
  workspace.write("graphs/gifts.yaml",
                  "graph: gifts\nperiod: month\njobs:\n  gifts:\n    type: transform\n"
                  "    inputs: []\n    sql: select * from (values ('a', 1.50::decimal(18,2), "
                  "date '2026-01-01', 0.5::decimal(18,9))) as v(name, gift, day, share)\n"
                  "    into: gifts\n    key: [name]\n"
                  "    columns: { name: text, gift: money, day: date, share: ratio }\n"
                  "    balance: none\n    because: a test\n    tags: [result]\n"
                  "  gifts_are_sound:\n    type: check\n    of: gifts\n    checks:\n"
                  "      - rule: positive\n    on_fail: warn\n");
  workspace.write("rules/positive.lua",
                  "local t = require \"tallymill\"\nreturn t.check_rule {\n  name = \"positive\",\n"
                  "  needs = { gift = \"money\" },\n  ---@param row rows.positive\n"
                  "  check = function(row)\n    if row.gift < 0 then return t.fail(\"NEG\") end\n"
                  "  end,\n}\n");
}

}  // namespace

TEST_CASE("rules stubs: columns of the graphs, the library, and settings for editors") {
  const SampleWorkspace workspace;
  add_rule(workspace);
  const CommandOutcome made = stubs(workspace);
  CHECK(made.err == "");
  CHECK(made.exit == 0);
  CHECK(made.out.ends_with(
      ".luacheckrc: made\n.luarc.json: made\n"
      "write ---@param row rows.RULE above a rule's function, and an editor knows its columns\n"));
  const std::string rows = read(workspace, ".luals/rows.lua");
  CHECK(rows.starts_with("---@meta\n"));
  CHECK(contains(rows,
                 "\n---@class dataset.gifts\n"
                 "---@field name string text\n"
                 "---@field gift integer money\n"
                 "---@field day integer date\n"
                 "---@field share number ratio\n"));
  CHECK(contains(rows,
                 "\n--- Rows that graphs give to rules/positive.lua.\n"
                 "---@class rows.positive: dataset.gifts\n"));
  CHECK(contains(read(workspace, ".luals/tallymill/numbers.lua"), "---@return integer"));
  CHECK(contains(read(workspace, ".luals/tallymill/kinds.lua"),
                 "---@field check fun(row: any, p: any): tallymill.Verdict? "));
  CHECK(contains(read(workspace, ".luarc.json"), "\"workspace.library\": [\".luals\"]"));
  CHECK(read(workspace, ".luals/.gitignore") == "*\n");
}

TEST_CASE("rules stubs: settings that are there are left, stubs are written anew") {
  const SampleWorkspace workspace;
  add_rule(workspace);
  workspace.write(".luacheckrc", "mine = true\n");
  workspace.write(".luals/rows.lua", "old");
  const CommandOutcome made = stubs(workspace);
  CHECK(contains(made.out, ".luacheckrc: left as it is\n.luarc.json: made\n"));
  CHECK(read(workspace, ".luacheckrc") == "mine = true\n");
  CHECK(contains(read(workspace, ".luals/rows.lua"), "---@class dataset.gifts\n"));
}

TEST_CASE("rules stubs: every file is Lua, and luacheck passes rules as the sandbox does") {
  const SampleWorkspace workspace;
  add_rule(workspace);
  REQUIRE(stubs(workspace).exit == 0);
  const std::string check =
      "cd " + workspace.root() + " && luacheck -q --no-color rules > luacheck.out 2>&1";
  CHECK_MESSAGE(std::system(check.c_str()) == 0, read(workspace, "luacheck.out"));
  workspace.write("rules/positive.lua", "return os.time(), math.random(), math.floor(1)\n");
  CHECK(std::system(check.c_str()) != 0);
  const std::string found = read(workspace, "luacheck.out");
  CHECK(contains(found, "accessing undefined variable 'os'"));
  CHECK(contains(found, "accessing undefined field 'random' of global 'math'"));
  const std::string parse = "cd " + workspace.root() +
                            "/.luals && for f in $(find . -name '*.lua'); do luajit -b $f - "
                            "> /dev/null || exit 1; done";
  CHECK(std::system(parse.c_str()) == 0);
}
