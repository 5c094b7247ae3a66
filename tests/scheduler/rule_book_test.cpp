// Which version of a rule counts, and what stands against a person's word about one. On both
// databases.
#include "scheduler/rule_book.h"

#include <doctest/doctest.h>

#include "core/digest.h"
#include "scheduler/store.h"
#include "scheduler/store/copy.h"
#include "tests/scheduler/store_backends.h"

using namespace tallymill;

namespace {

Period period(const char* text) { return Period::parse(text).value(); }

/// A store, and people who say something about rule `limit`.
template <class Backend>
struct Book {
  Book() : store(backend.address(), "ann") { workspace.rules_need_approval = true; }

  /// What stands against it; empty: it was recorded.
  std::string say(const std::string& who, RuleOrder order) {
    const Store::ActingFor acting(store, who);
    order.rule = "limit";
    return error_of([&] {
      for (Event& event : rule_events(workspace, store.view(), order, store.who()))
        store.append(std::move(event));
      store.commit();
    });
  }
  std::string propose(const std::string& who, const std::string& text) {
    return say(who, {.word = RuleWord::proposed,
                     .rule = {},
                     .version = {},
                     .from = {},
                     .why = "a test",
                     .file = "rules/limit.lua",
                     .text = text});
  }
  std::string word(const std::string& who, RuleWord word, const std::string& version,
                   const std::string& from = {}) {
    return say(who, {.word = word,
                     .rule = {},
                     .version = version,
                     .from = from,
                     .why = {},
                     .file = {},
                     .text = {}});
  }
  /// Proposed by ann, approved by bob.
  std::string approved(const std::string& text) {
    const std::string version = version_of(text);
    CHECK(propose("ann", text) == "");
    CHECK(word("bob", RuleWord::approved, version) == "");
    return version;
  }
  static std::string version_of(const std::string& text) {
    return rule_version({"rules/limit.lua", sha256_hex(text)});
  }
  std::string counts(const char* when) {
    const auto activation = RuleBook(store.view()).effective("limit", period(when));
    return activation ? activation->version : "nothing";
  }

  Backend backend;
  Store store;
  Workspace workspace;
};

}  // namespace

TEST_CASE_TEMPLATE("rule book: the version counts that was activated last before the period",
                   Backend, SqliteBackend, PostgresqlBackend) {
  Book<Backend> book;
  const std::string one = book.approved("one");
  const std::string two = book.approved("two");
  CHECK(book.counts("2026-03") == "nothing");
  CHECK(book.word("ann", RuleWord::activated, one, "2026-01") == "");
  CHECK(book.word("ann", RuleWord::activated, two, "2026-03") == "");
  CHECK(book.counts("2025-12") == "nothing");
  CHECK(book.counts("2026-01") == one);
  CHECK(book.counts("2026-02") == one);
  CHECK(book.counts("2026-03") == two);
  CHECK(book.counts("2027") == two);
  // A period is judged by the version of its first day.
  CHECK(book.counts("2026-Q1") == one);
  CHECK(book.counts("2026-02-28") == one);
  CHECK(book.counts("2026-03-01") == two);

  CHECK(book.word("cy", RuleWord::rolled_back, "") == "");
  CHECK(book.counts("2026-03") == one);
  CHECK(book.word("cy", RuleWord::rolled_back, "") == "");
  CHECK(book.counts("2026-03") == "nothing");
  CHECK(book.word("cy", RuleWord::rolled_back, "") ==
        "rule 'limit' has no activation to take back");

  const auto history = RuleBook(book.store.view()).history("limit");
  REQUIRE(history.size() == 8);
  CHECK(history[0].word == RuleWord::proposed);
  CHECK(history[0].who == "ann");
  CHECK(history[0].why == "a test");
  CHECK(history[5].from == "2026-03");
  CHECK(history[6].who == "cy");
  const TemporaryFolder scratch;
  CHECK(verify_chain(book.store.view().database()).problem == "");
  CHECK(replay_difference(book.store.view().database(), scratch / "copy.db") == "");
}

TEST_CASE_TEMPLATE("rule book: nobody approves what they proposed, and nothing else out of turn",
                   Backend, SqliteBackend, PostgresqlBackend) {
  Book<Backend> book;
  const std::string one = book.version_of("one");
  const std::string digits = short_version(one);
  CHECK(book.word("bob", RuleWord::approved, one) ==
        "the store has no version of rule 'limit': none was run or proposed; 'tallymill rules "
        "propose limit' does");
  CHECK(book.propose("ann", "one") == "");
  CHECK(book.propose("bob", "one")
            .starts_with("version " + digits + " of rule 'limit' was proposed by ann at "));
  CHECK(book.word("ann", RuleWord::activated, one, "2026-01") ==
        "version " + digits +
            " of rule 'limit' has not been approved; somebody other than its proposer says "
            "'tallymill rules approve limit " +
            digits + "'");
  CHECK(book.word("ann", RuleWord::approved, one) ==
        "version " + digits +
            " of rule 'limit' was proposed by ann, who cannot approve it, too; a second person "
            "has to");
  CHECK(book.word("bob", RuleWord::approved, one) == "");
  CHECK(book.word("cy", RuleWord::approved, one)
            .starts_with("version " + digits + " of rule 'limit' was approved by bob at "));
  CHECK(book.word("ann", RuleWord::activated, one, "March") ==
        "'March' is no period; write e.g. --from 2026-03");
  CHECK(book.word("ann", RuleWord::activated, one, "2026-03") == "");

  const std::string two = book.approved("two");
  for (const char* from : {"2026-03", "2026-02", "2026-Q1", "2026"})
    CHECK(book.word("ann", RuleWord::activated, two, from) ==
          "rule 'limit': version " + digits + " counts from 2026-03 on, which overlaps with " +
              from +
              "; give a later --from, or take it back first: tallymill rules rollback limit");
  CHECK(book.word("ann", RuleWord::activated, one, "2026-04") ==
        "version " + digits + " of rule 'limit' counts already, from 2026-03 on");

  book.workspace.rules_need_approval = false;
  CHECK(book.propose("ann", "three").starts_with("rules of this workspace need no approval"));
  CHECK(book.word("ann", RuleWord::rolled_back, "").starts_with("rules of this workspace need no"));
}

TEST_CASE("rule book: a version is named by its first digits, if they are enough") {
  Book<SqliteBackend> book;
  std::map<char, std::vector<std::string>> by_digit;
  for (int i = 0; i < 20; ++i) {
    const std::string text = "text " + std::to_string(i);
    CHECK(book.propose("ann", text) == "");
    const std::string version = book.version_of(text);
    by_digit[version[0]].push_back(version);
  }
  RuleBook rules(book.store.view());
  for (const auto& [digit, versions] : by_digit) {
    CHECK(rules.find("limit", versions[0]).text.starts_with("text "));
    const std::string problem = error_of([&] { rules.find("limit", std::string(1, digit)); });
    if (versions.size() == 1) {
      CHECK(problem == "");
      continue;
    }
    CHECK(problem.starts_with("version '" + std::string(1, digit) +
                              "' of rule 'limit' may be any of "));
    for (const std::string& version : versions)
      CHECK(problem.find(short_version(version)) != std::string::npos);
  }
  CHECK(error_of([&] {
          rules.find("limit", "xyz");
        }).starts_with("rule 'limit' has no version 'xyz'; it has "));
}

TEST_CASE("rule book: a text that is no text, or of another rule, is refused") {
  Book<SqliteBackend> book;
  CHECK(book.propose("ann", "\xff") == "rules/limit.lua is not UTF-8 text; save it as UTF-8");
  CHECK(book.say("ann", {.word = RuleWord::proposed,
                         .rule = {},
                         .version = {},
                         .from = {},
                         .why = {},
                         .file = "rules/other.lua",
                         .text = "x"}) == "'rules/other.lua' is not the file of rule 'limit'");
}

TEST_CASE("rule book: an order travels whole") {
  const RuleOrder order{.word = RuleWord::activated,
                        .rule = "limit",
                        .version = "ab",
                        .from = "2026-03",
                        .why = "because",
                        .file = "rules/limit.lua",
                        .text = "return 1"};
  const RuleOrder back = rule_order_from(to_wire(order));
  CHECK(to_wire(back) == to_wire(order));
  CHECK(error_of([] {
          rule_order_from({{"word", "guessed"}});
        }) == "unknown word about a rule: 'guessed'");
}

TEST_CASE("rule book: a shadow may be any text, begins and ends") {
  Book<SqliteBackend> book;
  book.workspace.rules_need_approval = false;
  const auto start = [&](const std::string& text) {
    return book.say("ann", {.word = RuleWord::shadowed,
                            .rule = {},
                            .version = {},
                            .from = {},
                            .why = {},
                            .file = "rules/limit.lua",
                            .text = text});
  };
  RuleBook rules(book.store.view());
  CHECK(book.word("ann", RuleWord::shadowed, "") == "rule 'limit' has no shadow");
  CHECK(start("one") == "");
  CHECK(rules.shadow("limit") == book.version_of("one"));
  CHECK(start("one") == "version " + short_version(book.version_of("one")) +
                            " of rule 'limit' is its shadow already");
  CHECK(start("two") == "");
  CHECK(rules.shadow("limit") == book.version_of("two"));
  CHECK(book.word("ann", RuleWord::shadowed, "") == "");
  CHECK(rules.shadow("limit") == "");
}
