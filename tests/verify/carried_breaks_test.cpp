#include <doctest/doctest.h>

#include "core/break_word.h"
#include "core/stored_text.h"
#include "tests/jobs/job_fixture.h"
#include "tests/lines.h"
#include "tests/verify/mutations.h"

using namespace tallymill;

namespace {

/// One month of a ledger that a bank knows little of; it carries on what the month before made.
class Month : public PublishedJob {
 public:
  Month(const std::string& period, const std::string& ledger, Month* before = nullptr,
        const std::string& words = "")
      : PublishedJob("month_" + period) {
    task.period = period;
    const Schema schema = columns_of({text_column("item"), money_column("amount")}, {"item"});
    add_input("ledger",
              "SELECT item, amount::DECIMAL(18,2) AS amount FROM (" + ledger + ") t(item, amount)",
              schema);
    add_input("bank", "SELECT 'same' AS item, 1.00::DECIMAL(18,2) AS amount", schema);
    if (before != nullptr)
      for (const auto& [made, input] : {std::pair{"j.open_breaks", "open_breaks_before"},
                                        {"j.break_statement", "break_statement_before"}}) {
        const verify::RecordedVersion& version = before->made(made);
        InputVersion carried = version_in(version.folder, version.digest);
        carried.dataset = made;
        task.inputs[input] = {std::move(carried)};
      }
    if (!words.empty()) add_file(corrections_path("j"), words);
    set_job(
        "type: reconcile\n"
        "left: { dataset: ledger, key: [item], amount: amount }\n"
        "right: { dataset: bank, key: [item], amount: amount }\n"
        "pending: [unit]\n"
        "life:\n"
        "  since: 2026-01\n  days: \"31\"\n  buckets: [0, 31]\n  keep: 1\n"
        "  write_off:\n"
        "    - { name: small, abs: \"5.00\", min_age: 31, when: \"item <> 'kept'\" }\n"
        "    - { name: share, abs: \"5.00\", share: \"1\" }\n");
    publish();
  }

  std::string id_of(const std::string& item) {
    const std::vector<std::filesystem::path> folders{made("j.open_breaks").folder};
    return engine()
        .query("SELECT break_id FROM " + parquet_relation(folders) + " WHERE item = '" + item + "'")
        .text(0, 0);
  }

  Lines objections(const std::string& dataset, const std::string& select) {
    rewrite(dataset, select, true);
    believe(dataset);
    return mismatches(verify());
  }
};

const std::string kJanuary =
    "VALUES ('same', 1.00), ('kept', 2.00), ('small', 3.00), ('gone', 4.00), ('large', 500.00), "
    "('said', 60.00), ('owned', 70.00)";
const std::string kFebruary =
    "VALUES ('same', 1.00), ('kept', 2.00), ('small', 3.00), ('large', 600.00), ('said', 60.00), "
    "('owned', 70.00), ('fresh', 8.00)";
const std::string kMarch =
    "VALUES ('same', 1.00), ('kept', 2.00), ('small', 3.50), ('gone', 4.00), ('said', 60.00), "
    "('owned', 70.00)";

const std::string kLives =
    "every break is carried forward as what was found, known and said makes it: ";

/// What wang said of two breaks in February.
std::string words(Month& january) {
  const std::string seen = sha256_hex("60.00 left_only").substr(0, 32);
  BreakWords said;
  said.add({{.place = {{kBreakId, january.id_of("said")}},
             .original = seen,
             .cells = {{kResolution, kExplained}, {kNote, "a note"}}},
            {.place = {{kBreakId, january.id_of("owned")}},
             .original = seen,
             .cells = {{kOwner, "li"}, {kPendingUntil, "2026-03-15"}}}},
           "wang", "2026-02");
  return corrections_text(said.standing());
}

}  // namespace

TEST_CASE(
    "verify breaks: what is carried through three months follows from found, known and said") {
  Month january("2026-01", kJanuary);
  Month february("2026-02", kFebruary, &january, words(january));
  Month march("2026-03", kMarch, &february, words(january));
  for (Month* month : {&january, &february, &march}) {
    const json::object proof = month->verify();
    CHECK(PublishedJob::mismatches(proof) == Lines{});
    CHECK(proof.at("left_out").as_array().empty());
  }
}

TEST_CASE("verify breaks: a life that does not follow is named") {
  Month january("2026-01", kJanuary);
  Month february("2026-02", kFebruary, &january);
  Lines found = february.objections(
      "j.open_breaks",
      "SELECT * REPLACE (CASE WHEN item = 'large' THEN 30 ELSE age END::BIGINT AS age) FROM rows "
      "ORDER BY item");
  const std::string id = february.id_of("large");
  REQUIRE(found.size() == 1);
  CHECK(found.at(0) == "j.open_breaks/part-0000.parquet:4: " + kLives + "expected break " + id +
                           ", age 31, found break " + id + ", age 30");
  Month march("2026-03", kMarch, &february);
  found = march.objections("j.open_breaks", "SELECT * FROM rows WHERE item <> 'large'");
  REQUIRE(found.size() >= 1);
  CHECK(found.at(0) ==
        "j.open_breaks: " + kLives + "expected break " + id + ", which was known, found none");
}

TEST_CASE(
    "verify breaks: a statement that others than its breaks make, or another chain, is named") {
  Month january("2026-01", kJanuary);
  Month february("2026-02", kFebruary, &january);
  const Lines found = february.objections(
      "j.break_statement",
      "SELECT * REPLACE (CASE WHEN line = 'new' THEN 9.00 ELSE amount END::DECIMAL(38,2) AS "
      "amount, CASE WHEN line = 'closing' THEN 'x' ELSE chain END AS chain) FROM rows");
  REQUIRE(found.size() == 2);
  CHECK(found.at(0) ==
        "j.break_statement: opening and movements of breaks come to closing, line by line: "
        "expected new: 1 breaks, 8.00, found new: 1 breaks, 9.00");
  CHECK(
      found.at(1).starts_with("j.break_statement: every statement of breaks is chained to the "
                              "one before: expected closing: carried from 'v1:"));
}

TEST_CASE("verify: changes of what is carried forward are noticed") {
  Month january("2026-01", kJanuary);
  Month february("2026-02", kFebruary, &january, words(january));
  Month march("2026-03", kMarch, &february, words(january));
  for (Month* month : {&january, &march})
    Mutations().expect_noticed(*month, {"j.open_breaks", "j.break_statement"}, 150);
}
