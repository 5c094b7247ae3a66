#pragma once

#include <string>
#include <vector>

#include "program.h"

namespace tallymill {

/// A small month of customers: one line that does not parse, one customer twice, a name with a
/// comma and quotes, names in Chinese, a phone number nobody should see, and a check that warns.
class Books : public ProgramFixture {
 public:
  Books() {
    write("tallymill.yaml",
          "workspace: books\ncurrency: { code: CNY, scale: 2 }\n"
          "connectors: { files: { type: files, root: sources } }\n");
    write("sources/customers-2026-01.csv",
          "customer_no,name,phone,owed\n"
          "C1,\"Lee, \"\"Bo\"\"\",13800000001,10.00\n"
          "C2,张三,13800000002,-2.50\n"
          "C3,王小明,13800000003,twelve\n"
          "C4,O'Neil,,7.25\n"
          "C4,O'Neil,,7.25\n");
    write("graphs/customers.yaml", kCustomers);
  }

  ProgramEnd run_month(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"run", "customers", "--period", "2026-01"});
    return run(more);
  }

  static constexpr const char* kCustomers = R"(graph: customers
description: What customers owe.
period: month
jobs:
  read_customers:
    type: extract
    from: { connector: files, path: "customers-${period}.csv" }
    into: customers_raw
    columns:
      customer_no: { type: text, required: true }
      name: { type: text, required: true }
      phone: { type: text, sensitive: true }
      owed: { type: money, required: true }
  clean_customers:
    type: cleanse
    from: customers_raw
    into: customers
    key: [customer_no]
    steps:
      - dedupe: { exact: true }
    balance: [owed]
  nobody_is_owed:
    type: check
    of: customers
    checks:
      - in_range: { column: owed, min: "0.00", severity: warn }
    on_fail: warn
)";
};

/// One for all tests of this program that only look: its month has run once.
inline Books& finished_books() {
  static Books& books = []() -> Books& {
    static Books made;
    made.run_month();
    return made;
  }();
  return books;
}

}  // namespace tallymill
