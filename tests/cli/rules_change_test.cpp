// The whole way of a change: its effect is seen, a second person agrees, it counts from a period
// on, the months before it stay what they were, and it is taken back. Needs two users: runs as
// root.
#include <doctest/doctest.h>

#include "core/files.h"
#include "core/json.h"
#include "ruled_workspace.h"

using namespace tallymill;

namespace {

/// How many bills the check of a period's newest run found too high.
std::int64_t high_bills(const RuledWorkspace& tallymill, const std::string& period, int number) {
  const CommandOutcome report =
      tallymill({"report", "bills." + period + "." + std::to_string(number), "judged", "--json"});
  INFO(report.err);
  REQUIRE(report.exit == 0);
  return json_integer(parse_json(report.out, "the report").as_object().at("report").as_object(),
                      "rows_failed");
}

std::string version(const std::string& limit) {
  return RuledWorkspace::version_of(RuledWorkspace::limit_text(limit));
}

}  // namespace

TEST_CASE("rules: a change is seen, agreed on, dated, and taken back") {
  const RuledWorkspace tallymill(true);
  // Nothing counts yet: files are proposals.
  const CommandOutcome early = tallymill({"run", "bills", "--period", "2026-01"});
  CHECK(early.exit == 2);
  CHECK(early.err.find("rule 'limit' has no version in effect for 2026-01") != std::string::npos);

  CHECK(tallymill.as_another({"rules", "propose", "limit"}).exit == 0);
  REQUIRE(tallymill({"rules", "approve", "limit", version("25.00")}).exit == 0);
  REQUIRE(tallymill({"rules", "activate", "limit", "--from", "2026-01"}).exit == 0);
  CHECK(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  CHECK(tallymill({"run", "bills", "--period", "2026-02"}).exit == 3);
  CHECK(high_bills(tallymill, "2026-01", 1) == 1);

  // The owner lowers the threshold. The file alone changes nothing.
  tallymill.set_limit("5.00");
  CHECK(tallymill({"run", "bills", "--period", "2026-02"}).exit == 3);
  const CommandOutcome diff =
      tallymill({"rules", "diff", "limit", "--periods", "2026-01..2026-02"});
  INFO(diff.err);
  CHECK(diff.out.starts_with("rule limit: " + version("25.00") +
                             ", active from 2026-01 -> rules/limit.lua as it stands\n"
                             "2026-01..2026-02: of 6 rows 4 change, 2 distinct id\n"));

  CHECK(tallymill.as_another({"rules", "propose", "limit", "--reason", "agreed"}).exit == 0);
  const CommandOutcome alone = tallymill.as_another({"rules", "approve", "limit", version("5.00")});
  CHECK(alone.exit == 2);
  CHECK(alone.err.find("was proposed by nobody, who cannot approve it, too") != std::string::npos);
  const CommandOutcome unapproved =
      tallymill({"rules", "activate", "limit", "--from", "2026-02", "--version", version("5.00")});
  CHECK(unapproved.exit == 2);
  REQUIRE(tallymill({"rules", "approve", "limit", version("5.00")}).exit == 0);
  CHECK(tallymill({"rules", "activate", "limit", "--from", "2026-01"}).exit == 2);
  REQUIRE(tallymill({"rules", "activate", "limit", "--from", "2026-02"}).exit == 0);

  // From February on it counts, and says so; January stays as it was.
  CHECK(tallymill({"run", "bills", "--period", "2026-02"}).exit == 3);
  CHECK(high_bills(tallymill, "2026-02", 3) == 3);
  const CommandOutcome why = tallymill({"why", "bills", "judged"});
  CHECK(why.out.find("it asks rule limit, version " + version("5.00")) != std::string::npos);
  CHECK(why.out.find("it had to run: rule limit is another (was " + version("25.00") + ", now " +
                     version("5.00") + ")") != std::string::npos);
  CHECK(tallymill({"run", "bills", "--period", "2026-01", "--force"}).exit == 3);
  CHECK(high_bills(tallymill, "2026-01", 2) == 1);
  // Unless somebody says otherwise on purpose.
  CHECK(tallymill({"run", "bills", "--period", "2026-01", "--rules", "current"}).exit == 3);
  CHECK(high_bills(tallymill, "2026-01", 3) == 3);
  CHECK(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  CHECK(high_bills(tallymill, "2026-01", 4) == 1);

  REQUIRE(tallymill({"rules", "rollback", "limit", "--reason", "too strict"}).exit == 0);
  CHECK(tallymill({"run", "bills", "--period", "2026-02"}).exit == 3);
  CHECK(high_bills(tallymill, "2026-02", 4) == 1);

  const CommandOutcome history = tallymill({"rules", "history", "limit"});
  CHECK(history.out.find("too strict") != std::string::npos);
  CHECK(history.out.find("activation from 2026-02 rolled back") != std::string::npos);
  CHECK(tallymill({"rules", "history", "limit", "--text", version("5.00")}).out ==
        RuledWorkspace::limit_text("5.00"));
  CHECK(tallymill({"audit", "verify"}).exit == 0);
}

TEST_CASE("rules: a table of parameters is a proposal until somebody else has agreed to it") {
  const RuledWorkspace tallymill(true);
  tallymill.take_limit_from_table("25.00");
  const CommandOutcome early = tallymill({"run", "bills", "--period", "2026-01"});
  CHECK(early.exit == 2);
  CHECK(
      early.err.find("parameter table 'params/limits', rule 'limit' have no version in effect for "
                     "2026-01") != std::string::npos);
  const auto version_of = [&](const std::string& file) {
    return short_version(rule_version(
        {file, sha256_hex(read_file(std::filesystem::path(tallymill.root()) / file))}));
  };
  const auto agree = [&](const std::string& subject, const std::string& file,
                         const std::string& from) {
    CHECK(tallymill.as_another({"rules", "propose", subject}).exit == 0);
    CHECK(tallymill({"rules", "approve", subject, version_of(file)}).exit == 0);
    CHECK(tallymill({"rules", "activate", subject, "--from", from}).exit == 0);
  };
  agree("limit", "rules/limit.lua", "2026-01");
  agree("params/limits", "params/limits.csv", "2026-01");
  CHECK(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  CHECK(high_bills(tallymill, "2026-01", 1) == 1);

  tallymill.write("params/limits.csv", RuledWorkspace::limits_text("5.00"));
  CHECK(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  CHECK(high_bills(tallymill, "2026-01", 2) == 1);
  CHECK(tallymill({"rules", "diff", "limit"}).out.find("of 3 rows 2 change") != std::string::npos);
  agree("params/limits", "params/limits.csv", "2026-02");
  CHECK(tallymill({"run", "bills", "--period", "2026-02"}).exit == 3);
  CHECK(high_bills(tallymill, "2026-02", 1) == 3);
  CHECK(tallymill({"run", "bills", "--period", "2026-01", "--force"}).exit == 3);
  CHECK(high_bills(tallymill, "2026-01", 3) == 1);
  CHECK(tallymill({"rules", "history", "params/limits"})
            .out.starts_with("parameter table params/limits, 2 versions\n"));

  tallymill.write("params/limits.csv", RuledWorkspace::limits_text("much"));
  const CommandOutcome unsound = tallymill({"rules", "propose", "params/limits"});
  CHECK(unsound.exit == 2);
  CHECK(unsound.err.find("params/limits.csv:4:") != std::string::npos);
}

TEST_CASE("rules: before a run begins it is the table in effect that is asked for values") {
  const RuledWorkspace tallymill(true);
  const auto agree = [&](const std::string& subject, const std::string& file,
                         const std::string& from) {
    const std::string version = short_version(rule_version(
        {file, sha256_hex(read_file(std::filesystem::path(tallymill.root()) / file))}));
    CHECK(tallymill.as_another({"rules", "propose", subject}).exit == 0);
    CHECK(tallymill({"rules", "approve", subject, version}).exit == 0);
    CHECK(tallymill({"rules", "activate", subject, "--from", from}).exit == 0);
  };
  const std::string head = "# values: { limit: money }\norg,from,to,limit\n";
  tallymill.take_limit_from_table("25.00");
  agree("limit", "rules/limit.lua", "2026-01");
  agree("params/limits", "params/limits.csv", "2026-01");

  // A draft that has nothing for January stands in nobody's way.
  tallymill.write("params/limits.csv", head + "*,2026-02,,25.00\n");
  CHECK(tallymill({"plan", "bills", "--period", "2026-01"}).exit == 0);
  const CommandOutcome run = tallymill({"run", "bills", "--period", "2026-01"});
  INFO(run.err);
  CHECK(run.exit == 3);

  // Once it counts, one that has does not help.
  agree("params/limits", "params/limits.csv", "2026-03");
  tallymill.write("params/limits.csv", head + "*,2026-02,2026-02,25.00\n");
  agree("params/limits", "params/limits.csv", "2026-04");
  tallymill.write("params/limits.csv", RuledWorkspace::limits_text("25.00"));
  CHECK(tallymill({"run", "bills", "--period", "2026-03"}).exit == 3);
  const CommandOutcome empty = tallymill({"run", "bills", "--period", "2026-04"});
  CHECK(empty.exit == 2);
  CHECK(empty.err ==
        "params/limits.csv:1:1: error: it has no one value for org '*' in 2026-04; give that org, "
        "a parent or org \"*\" a value that holds through all of 2026-04\n"
        "    1 | # values: { limit: money }\n      | ^\n");
}

TEST_CASE("rules: a version in effect that names a table its file no longer does is no surprise") {
  const RuledWorkspace tallymill(true);
  tallymill.take_limit_from_table("25.00");
  const auto version_of = [&](const std::string& file) {
    return short_version(rule_version(
        {file, sha256_hex(read_file(std::filesystem::path(tallymill.root()) / file))}));
  };
  const std::map<std::string, std::string> subjects{{"limit", "rules/limit.lua"},
                                                    {"params/limits", "params/limits.csv"}};
  for (const auto& [subject, file] : subjects) {
    CHECK(tallymill.as_another({"rules", "propose", subject}).exit == 0);
    CHECK(tallymill({"rules", "approve", subject, version_of(file)}).exit == 0);
    CHECK(tallymill({"rules", "activate", subject, "--from", "2026-01"}).exit == 0);
  }
  tallymill.set_limit("5.00");
  const CommandOutcome run = tallymill({"run", "bills", "--period", "2026-01"});
  CHECK(run.exit == 2);
  CHECK(run.err ==
        "rules/limit.lua:6:56: error: the version of the rule that counts for 2026-01 names "
        "parameter table 'limits', which the rule's file as it stands does not; let the file name "
        "it as long as that version counts, or activate one from 2026-01 on that does without it\n"
        "    6 |   params = { limit = t.param { type = \"money\", table = \"limits\", by = "
        "\"city\" } },\n"
        "      |                                                        ^~~~~~~~\n");
  CHECK(tallymill({"plan", "bills", "--period", "2026-01"}).exit == 2);
}
