#include "core/error.h"

#include <doctest/doctest.h>

using namespace tallymill;

TEST_CASE("error: position, message and context, innermost first") {
  Error error(ErrorClass::config, "no such column: cost_centre", {"month_end.yaml", 31, 3});
  error.add_context("reading table 'gl_balance' from connector 'ledger'")
      .add_context("running job 'allocate_overheads', attempt 2 of 2");
  CHECK(std::string(error.what()) ==
        "month_end.yaml:31:3: error: no such column: cost_centre\n"
        "  while reading table 'gl_balance' from connector 'ledger'\n"
        "  while running job 'allocate_overheads', attempt 2 of 2");
  CHECK(error.message() == "no such column: cost_centre");
  CHECK(error.context().size() == 2);
}

TEST_CASE("error: without a position the message stands alone") {
  CHECK(std::string(Error(ErrorClass::data, "m").what()) == "error: m");
  CHECK(std::string(Error(ErrorClass::data, "m", {"f.csv"}).what()) == "f.csv: error: m");
  CHECK(std::string(Error(ErrorClass::data, "m", {"f.csv", 7}).what()) == "f.csv:7: error: m");
}

TEST_CASE("error: every class has a name that reads back") {
  for (ErrorClass error_class : {ErrorClass::transient, ErrorClass::memory, ErrorClass::data,
                                 ErrorClass::config, ErrorClass::bug, ErrorClass::outcome_unknown})
    CHECK(error_class_from(to_string(error_class)) == error_class);
  CHECK(error_class_from("fatal") == std::nullopt);
}
