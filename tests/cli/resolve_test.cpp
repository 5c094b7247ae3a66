#include <doctest/doctest.h>

#include "dealer_balances.h"

using namespace tallymill;

namespace {

struct Resolved : DealerBalances {
  std::string sheet = (root() / "sheet.csv").string();

  Resolved() { REQUIRE(month("2026-01").exit == 0); }

  void write_sheet() { REQUIRE(run({"breaks", "agree", "--export", sheet}).exit == 0); }
  /// Of the line that has `part`, the last cells: owner, note, pending_until, resolution.
  void say(const std::string& part, const std::string& cells) {
    std::string text = read_file(sheet);
    const std::size_t at = text.find(part);
    REQUIRE_MESSAGE(at != std::string::npos, text);
    const std::size_t end = text.find('\n', at);
    REQUIRE(text.substr(end - 4, 4) == ",,,,");
    write("sheet.csv", text.replace(end - 3, 3, cells));
  }
  ProgramEnd give_back(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"resolve", "agree", sheet, "--reason", "letters"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

}  // namespace

TEST_CASE("resolve: a sheet comes back with words, and the next run goes by them") {
  Resolved books;
  books.write_sheet();
  books.say("-0.50,amount", "li,asked,,accepted");
  books.say("-9.00,right_only", ",,2026-03-31,");
  CHECK(books.give_back({"--dry-run"}).out ==
        "would say 4 words about 2 breaks of agree for 2026-01\n");
  const ProgramEnd said = books.give_back({"--rerun"});
  CHECK_MESSAGE(said.exit == 0, said.err);
  CHECK(contains(said.err, "said 4 words about 2 breaks of agree for 2026-01\n"));
  CHECK(contains(books.state("difference,lifecycle,owner,note,is_pending"),
                 "-0.50,accepted,li,asked,false\n"));
  CHECK(contains(books.state("difference,lifecycle,is_pending"), "-9.00,new,true\n"));
  REQUIRE(books.month("2026-02").exit == 0);
  CHECK(
      contains(books.state("difference,lifecycle,owner,closed_in"), "-0.50,accepted,li,2026-01\n"));
  CHECK(contains(books.run({"audit", "--acts"}).out,
                 "2 breaks of balances for 2026-01 resolved from sheet.csv"));
}

TEST_CASE("resolve: words on the command line, about breaks by how their ids begin") {
  Resolved books;
  const std::string id = books.id_of("-0.50");
  REQUIRE(books
              .run({"resolve", "agree", "--break", id.substr(0, 10), "--owner", "li", "--reason",
                    "call"})
              .exit == 0);
  REQUIRE(books.run({"resolve", "agree", "--break", id, "--as", "explained", "--reason", "call"})
              .exit == 0);
  REQUIRE(books.month("2026-02").exit == 0);
  CHECK(contains(books.state("difference,lifecycle,owner"), "-0.50,explained,li\n"));
  // Taken back.
  REQUIRE(books
              .run({"resolve", "agree", "--break", id, "--as", "", "--owner", "", "--reason",
                    "mistake", "--rerun"})
              .exit == 0);
  CHECK(contains(books.state("difference,lifecycle,owner"), "-0.50,persisting,\n"));
}

TEST_CASE(
    "resolve: a sheet that others have spoken after, or that is of an older period, is refused") {
  Resolved books;
  books.write_sheet();
  books.say("-0.50,amount", "li,,,");
  REQUIRE(books
              .run({"resolve", "agree", "--break", books.id_of("-9.00"), "--owner", "wang",
                    "--reason", "call"})
              .exit == 0);
  const ProgramEnd late = books.give_back();
  CHECK(late.exit == 2);
  CHECK(late.err == "error: " + books.sheet +
                        ":2: somebody has spoken of these breaks since the sheet was written; "
                        "write the sheet anew and say it of them\n");
  books.write_sheet();
  books.say("-0.50,amount", "li,,,");
  REQUIRE(books.month("2026-02").exit == 0);
  const ProgramEnd old = books.give_back({"--period", "2026-01"});
  CHECK(old.exit == 2);
  CHECK(
      contains(books
                   .run({"resolve", "agree", "--period", "2026-01", "--break", books.id_of("-9.00"),
                         "--owner", "li", "--reason", "t"})
                   .err,
               "error: these are the breaks of 2026-01, but those of 2026-02 are newer; write the "
               "sheet anew and say it of them\n"));
}

TEST_CASE("resolve: every mistake of a sheet is named with its line") {
  Resolved books;
  REQUIRE(books.month("2026-02").exit == 0);
  books.write_sheet();
  books.say("-0.50,amount", ",,2026-02-30,acepted");
  books.say("-9.00,right_only", ",,2026-01-31,");
  books.say("-1.00,amount", ",,,accepted");
  const ProgramEnd wrong = books.give_back();
  CHECK(wrong.exit == 2);
  CHECK(contains(wrong.err, "error: 4 problems:\n"));
  CHECK(contains(wrong.err, "column 'pending_until': '2026-02-30' is no date (not_a_date)\n"));
  CHECK(
      contains(wrong.err,
               "column 'resolution': 'acepted' is no enum(accepted, explained, written_off, open) "
               "(not_in_set)\n"));
  CHECK(contains(wrong.err,
                 "pending_until 2026-01-31 is over: the breaks are those of 2026-02-28; give a "
                 "later day, or leave it empty\n"));
  CHECK(contains(wrong.err, "the break is resolved: there is no difference to call accepted\n"));
  std::string text = read_file(books.sheet);
  books.write("sheet.csv", text.replace(text.find(",owner,"), 7, ",ownr,"));
  CHECK(books.give_back().err ==
        "error: " + books.sheet +
            ":1: breaks have no column 'ownr' to write in; did you mean 'owner'?\n");
}

TEST_CASE("resolve: words that mean nothing are refused before anything is asked") {
  Resolved books;
  const auto refused = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"resolve", "agree", "--reason", "t"};
    words.insert(words.end(), more.begin(), more.end());
    const ProgramEnd end = books.run(words);
    CHECK(end.exit == 2);
    return end.err;
  };
  CHECK(refused({"--owner", "li"}) ==
        "error: give either the sheet that 'tallymill breaks JOB --export FILE' wrote, or "
        "--break\n");
  CHECK(refused({"--break", "a"}) ==
        "error: nothing is said of it; give --as, --owner, --note or --pending-until\n");
  CHECK(refused({"--break", "a", "--as", "acepted"}) ==
        "error: --as 'acepted' is no resolution; did you mean 'accepted'?\n");
  CHECK(refused({"--break", "a", "--pending-until", "31.3.2026"}) ==
        "error: --pending-until '31.3.2026' is no date such as 2026-02-28\n");
  CHECK(refused({"--break", "zz", "--owner", "li"}) ==
        "error: --break: no break's id begins with 'zz'\n");
  CHECK(refused({"nothing.csv"}) == "error: there is no file 'nothing.csv'\n");
}
