#include "datasets/ledger.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace tallymill;

namespace {

Ledger books(std::int64_t out_rows, Int128 out_amount) {
  Ledger ledger({{"amount", 2}});
  ledger.debit("in") = {"in", 10, {{"amount", 10'000}}};
  ledger.credit("out") = {"out", out_rows, {{"amount", out_amount}}};
  ledger.credit("rejected") = {"rejected", 1, {{"amount", 150}}};
  return ledger;
}

std::string message(const Ledger& ledger) {
  try {
    ledger.require_balance("clean");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::data);
    return error.message();
  }
  return "";
}

}  // namespace

TEST_CASE("ledger: books that close are silent") {
  CHECK(books(9, 9'850).balances());
  CHECK(message(books(9, 9'850)) == "");
}

TEST_CASE("ledger: every identity that fails is written out") {
  CHECK(message(books(8, 9'849)) ==
        "the books of job 'clean' do not close: rows in 10 = out 8 + rejected 1, 1 row is "
        "missing; amount in 100.00 = out 98.49 + rejected 1.50, 0.01 is missing");
  CHECK(message(books(11, 9'850)) ==
        "the books of job 'clean' do not close: rows in 10 = out 11 + rejected 1, 2 rows too many");
  CHECK(message(books(9, 9'900)) ==
        "the books of job 'clean' do not close: amount in 100.00 = out 99.00 + rejected 1.50, 0.50 "
        "too much");
}

TEST_CASE("ledger: an entry is found again by its name and stays where it is") {
  Ledger ledger;
  Ledger::Entry& first = ledger.debit("a");
  for (char name = 'b'; name < 'z'; ++name) ledger.debit(std::string(1, name));
  first.rows = 3;
  ledger.debit("a").rows += 1;
  CHECK(first.rows == 4);
}

TEST_CASE("ledger: a sum beyond 38 digits is an error, never a wrap") {
  Ledger ledger({{"amount", 0}});
  const Int128 huge = static_cast<Int128>(~UInt128{0} >> 1);
  ledger.debit("in").amounts["amount"] = huge;
  ledger.debit("more").amounts["amount"] = huge;
  CHECK_THROWS_AS((void)ledger.balances(), Error);
}

TEST_CASE("ledger: its JSON carries exact amounts as text") {
  CHECK(json::serialize(books(9, 9'850).to_json()) ==
        R"({"in":[{"name":"in","rows":10,"amounts":{"amount":"100.00"}}],)"
        R"("out":[{"name":"out","rows":9,"amounts":{"amount":"98.50"}},)"
        R"({"name":"rejected","rows":1,"amounts":{"amount":"1.50"}}],"balances":true})");
}
