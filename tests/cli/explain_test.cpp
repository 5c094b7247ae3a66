#include <doctest/doctest.h>

#include "cli/unit_page.h"
#include "command_line.h"
#include "core/json.h"
#include "program.h"

using namespace tallymill;

namespace {

OptionSpec option(const std::string& name, OptionKind kind) {
  return {.name = name, .kind = kind, .summary = "About " + name + "."};
}

}  // namespace

TEST_CASE("explain: a kind of rule goes by its short name where nothing else has it") {
  const auto explained = [](std::vector<std::string> words) {
    words.insert(words.begin(), "explain");
    return run_tallymill(words).out;
  };
  CHECK(explained({"classify"}) == explained({"classify_rule"}));
  CHECK(explained({"rule", "check"}) == explained({"check_rule"}));
  CHECK(explained({"check"}).starts_with("job check"));
}

TEST_CASE("explain: a job type has its options, and says where the common ones are") {
  const CommandOutcome outcome = run_tallymill({"explain", "noop"});
  CHECK(outcome.exit == 0);
  CHECK(outcome.out.starts_with(
      "job noop: Does nothing; for measuring and for joining branches.\n\noptions\n"));
  CHECK(outcome.out.find("  inputs            list of name or mapping  no") != std::string::npos);
  CHECK(outcome.out.ends_with("\n\n'tallymill explain common' shows the keys every job has.\n"));
}

TEST_CASE("explain: a unit may be named with its kind") {
  const CommandOutcome outcome = run_tallymill({"explain", "check", "not_null"});
  CHECK(outcome.exit == 0);
  CHECK(outcome.out.starts_with("check not_null: Every cell of a column has a value.\n"));
  CHECK(outcome.out == run_tallymill({"explain", "not_null"}).out);
}

TEST_CASE("explain: every unit is listed, and every one can be explained") {
  const std::string list = run_tallymill({"explain"}).out;
  for (const UnitPage& page : unit_pages(UnitCatalog())) {
    CAPTURE(page.name);
    CHECK(list.find("  " + page.name + " ") != std::string::npos);
    CHECK(run_tallymill({"explain", page.kind, page.name}).exit == 0);
    CHECK(page.summary.ends_with("."));
  }
}

TEST_CASE("explain: a kind of rule has its fields, and says how a file starts") {
  const std::string page = run_tallymill({"explain", "classify_rule"}).out;
  CHECK(page.starts_with("rule classify_rule: Gives one row a label.\n\nfields\n"));
  for (const char* field : {"name", "doc", "needs", "params", "classify", "labels", "tests"})
    CHECK(contains(page, "\n  " + std::string(field) + " "));
  CHECK(page.ends_with(
      "\nrules/<name>.lua returns t.classify_rule { ... }, where t is require \"tallymill\".\n"));
}

TEST_CASE("explain: the cases of a workspace have their keys") {
  const std::string page = run_tallymill({"explain", "case"}).out;
  CHECK(contains(page, "\n  run          list of text  yes"));
  CHECK(contains(page, "`copy FILE TO`"));
}

TEST_CASE("explain: names nobody knows are answered with the nearest one") {
  const auto error = [](const std::vector<std::string>& arguments) {
    const CommandOutcome outcome = run_tallymill(arguments);
    CHECK(outcome.exit == 2);
    return outcome.err;
  };
  CHECK(error({"explain", "nop"}) == "error: unknown unit 'nop'; did you mean 'noop'?\n");
  CHECK(error({"explain", "check", "not_nul"}) ==
        "error: unknown check 'not_nul'; did you mean 'not_null'?\n");
  CHECK(error({"explain", "rule", "check_rul"}) ==
        "error: unknown rule 'check_rul'; did you mean 'check_rule'?\n");
  CHECK(error({"explain", "gadget", "x"}) ==
        "error: unknown kind of unit 'gadget'; the kinds are job, check, step, rule, connector, "
        "file\n");
  CHECK(error({"explain", "a", "b", "c"}) ==
        "error: give one unit, or its kind and name, e.g. 'check not_null'\n");
}

TEST_CASE("explain: options within options have rows of their own") {
  UnitPage page{"job", "sample", "Sample.", {}, {{"options", {}}}};
  OptionSpec backoff = option("backoff", OptionKind::object);
  backoff.fields = {option("first", OptionKind::duration)};
  OptionSpec element = option("", OptionKind::object);
  element.fields = {option("column", OptionKind::column)};
  OptionSpec list = option("sort", OptionKind::list);
  list.fields = {element};
  OptionSpec columns = option("columns", OptionKind::map);
  columns.fields = {element};
  OptionSpec either = option("match", OptionKind::either);
  either.fields = {option("", OptionKind::name), element};
  OptionSpec mark = option("mark", OptionKind::choice);
  mark.choices = {"|", "tab"};
  mark.required = true;
  page.sections[0].options = {backoff, list, columns, either, mark};
  CHECK(page_markdown(page) ==
        "| option | kind | required | default | meaning |\n"
        "|---|---|---|---|---|\n"
        "| backoff | mapping | no | | About backoff. |\n"
        "| backoff.first | duration | no | | About first. |\n"
        "| sort | list of mapping | no | | About sort. |\n"
        "| sort[].column | column | no | | About column. |\n"
        "| columns | mapping to mapping | no | | About columns. |\n"
        "| columns.\\<name>.column | column | no | | About column. |\n"
        "| match | name or mapping | no | | About match. |\n"
        "| match.column | column | no | | About column. |\n"
        "| mark | '\\|', tab | yes | | About mark. |\n");
}

TEST_CASE("explain: --json gives programs the same") {
  const json::value pages = parse_json(run_tallymill({"explain", "noop", "--json"}).out, "pages");
  const json::object& page = pages.as_array().at(0).as_object();
  CHECK(json_text(page, "kind") == "job");
  const json::value& option = page.at("sections").at("options").as_array().at(0);
  CHECK(json_text(option.as_object(), "name") == "inputs");
  CHECK(json_text(option.as_object(), "kind") == "list of name or mapping");
}

TEST_CASE("explain: the program needs no workspace, and refuses unknown flags") {
  ProgramFixture anywhere;
  const ProgramEnd end = anywhere.run({"explain", "dedupe"});
  CHECK(end.exit == 0);
  CHECK(end.out.starts_with("step dedupe: "));
  CHECK(end.err.empty());
  const ProgramEnd misspelt = anywhere.run({"explain", "dedup"});
  CHECK(misspelt.exit == 2);
  CHECK(misspelt.err == "error: unknown unit 'dedup'; did you mean 'dedupe'?\n");
  CHECK(anywhere.run({"explain", "jb", "extract"}).err ==
        "error: unknown kind of unit 'jb'; did you mean 'job'?\n");
  CHECK(anywhere.run({"explain", "--markdwn"}).err ==
        "error: unknown option '--markdwn'; did you mean '--markdown'?; see 'tallymill explain "
        "--help'\n");
  CHECK(contains(anywhere.run({"explain", "--help"}).out,
                 "\nExample:\n  tallymill explain check not_null\n"));
}
