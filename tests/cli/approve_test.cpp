#include <doctest/doctest.h>

#include <regex>

#include "books.h"
#include "scheduler/machine.h"
#include "waiting_run.h"

using namespace tallymill;

TEST_CASE("approve: what waited for the person runs, and the journal says who said yes") {
  WaitingRun books;
  const ProgramEnd waits = books.begin();
  CHECK(waits.exit == 4);
  CHECK(contains(waits.out, "waits for approval: all right?"));
  CHECK(contains(waits.out,
                 "  tallymill approve close.2026-01.1 chief_agrees  # chief_agrees waits"));
  CHECK(contains(books.run({"why", books.kRun, "closed"}).out, "approval_missing"));
  const ProgramEnd end =
      books.run({"approve", "close", "chief_agrees", "--reason", "seen with finance"});
  INFO(end.out, end.err);
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "approved by " + user_name() + ": seen with finance"));
  CHECK(contains(books.run({"audit", books.kRun}).out, "approved (seen with finance)"));
}

TEST_CASE("approve: only approval jobs can be approved") {
  WaitingRun books;
  books.begin();
  CHECK(contains(books.run({"approve", books.kRun, "closed"}).err,
                 "error: job 'closed' is no approval job (its type is noop); 'tallymill mark' says "
                 "what any job came to\n"));
  CHECK(contains(books.run({"approve", books.kRun, "cheif_agrees"}).err,
                 "graph 'close' has no job 'cheif_agrees'; did you mean 'chief_agrees'?"));
}

namespace {

/// Customers as in Books, a person who looks at them, and what comes after that.
class ApprovedBooks : public Books {
 public:
  static constexpr const char* kRun = "customers.2026-01.1";
  ApprovedBooks() {
    write("graphs/customers.yaml", std::string(kCustomers) +
                                       "  agreed: { type: approval, of: [customers] }\n"
                                       "  booked: { type: noop, needs: [agreed] }\n"
                                       "  closed: { type: noop, needs: [booked] }\n");
  }
  void approve() {
    REQUIRE(run_month().exit == 4);
    REQUIRE(run({"approve", kRun, "agreed", "--reason", "seen"}).exit == 0);
  }
  ProgramEnd plan(std::vector<std::string> more) {
    more.insert(more.begin(), {"rerun", kRun});
    return run(more);
  }
  ProgramEnd apply(std::vector<std::string> more) {
    const std::string text = plan(more).out;
    const std::size_t digest = text.find(", plan ") + 7;
    more.insert(more.end(), {"--apply", text.substr(digest, 12)});
    return plan(more);
  }
  void change_source() {
    write("sources/customers-2026-01.csv", "customer_no,name,phone,owed\nC1,Lee,,99.00\n");
  }
};

const std::vector<std::string> kClosedOnly{"--job", "closed", "--only"};

}  // namespace

TEST_CASE("rerun behind an approval: a yes about the same data holds, and the plan says whose") {
  ApprovedBooks books;
  books.approve();
  const std::string held = "not asked again, what it was about is as it was: agreed, approved by " +
                           user_name() + ": seen in run customers.2026-01.1\n";
  const std::string plan = books.plan(kClosedOnly).out;
  CHECK(contains(plan, held));
  CHECK(!contains(plan, "booked"));
  CHECK(books.apply(kClosedOnly).exit == 0);
  // Found again over the rerun, in which nobody was asked.
  CHECK(contains(books.plan(kClosedOnly).out, held));
  const json::value json =
      parse_json(books.plan({"--job", "closed", "--only", "--json"}).out, "rerun --json");
  CHECK(json.at("carried_approvals").at(0).at("run") == "customers.2026-01.1");
}

TEST_CASE("rerun behind an approval: nobody has said yes yet, so it is asked first") {
  ApprovedBooks books;
  REQUIRE(books.run_month().exit == 4);
  const std::string plan = books.plan(kClosedOnly).out;
  CHECK(contains(plan, "  agreed  ask     nobody has approved it\n"));
  CHECK(contains(plan, "  booked  run     after agreed\n"));
  const ProgramEnd waits = books.apply(kClosedOnly);
  CHECK(waits.exit == 4);
  CHECK(contains(waits.out, "closed  waiting"));
  const ProgramEnd end = books.run({"approve", "customers.2026-01.2", "agreed"});
  CHECK(contains(end.out, "closed  succeeded"));
}

TEST_CASE("rerun behind an approval: a no, and a yes about other data, do not hold") {
  ApprovedBooks books;
  SUBCASE("a no") {
    books.run_month();
    REQUIRE(books.run({"reject", ApprovedBooks::kRun, "agreed", "--reason", "odd"}).exit == 1);
    CHECK(contains(books.plan(kClosedOnly).out,
                   "rejected by " + user_name() + ": odd in run customers.2026-01.1\n"));
  }
  SUBCASE("a yes about what has been replaced") {
    books.approve();
    books.change_source();
    REQUIRE(books.apply({"--job", "read_customers", "--only"}).exit == 0);
    CHECK(contains(books.plan(kClosedOnly).out,
                   "agreed  ask     'customers_raw' has changed since "
                   "it was approved by "));
  }
  SUBCASE("a yes about what is made again") {
    books.approve();
    REQUIRE(books.apply(kClosedOnly).exit == 0);
    // The whole run asks anew.
    CHECK(std::regex_search(books.plan({}).out, std::regex("agreed +ask +approval_missing\n")));
    CHECK(std::regex_search(books.plan({"--from", "clean_customers", "--force"}).out,
                            std::regex("agreed +ask +after clean_customers\n")));
  }
  const json::value json =
      parse_json(books.plan({"--job", "closed", "--only", "--json"}).out, "rerun --json");
  if (json.at("carried_approvals").as_array().empty())
    CHECK(json.at("jobs").at(0).at("code") == "asked_again");
}

TEST_CASE("rerun behind an approval: a cascade into its graph asks again") {
  Books books;
  books.write("graphs/letters.yaml",
              "graph: letters\nperiod: month\njobs:\n"
              "  agreed: { type: approval, of: [customers] }\n"
              "  letters:\n    type: cleanse\n    from: customers\n"
              "    needs: [agreed]\n    into: letters\n"
              "    key: [customer_no]\n    steps: [ { filter: \"owed > 0\" } ]\n");
  REQUIRE(books.run_month().exit == 0);
  REQUIRE(books.run({"run", "letters", "--period", "2026-01"}).exit == 4);
  REQUIRE(books.run({"approve", "letters.2026-01.1", "agreed"}).exit == 0);
  const std::string plan =
      books.run({"rerun", "customers", "--from", "clean_customers", "--cascade"}).out;
  CHECK(std::regex_search(plan,
                          std::regex("agreed +ask +what it is about may change: 'customers'\n")));
  CHECK(std::regex_search(plan, std::regex("letters +depends +reads customers of 2026-01\n")));
}
