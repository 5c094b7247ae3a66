#pragma once

#include <string>

#include "program.h"

namespace tallymill {

/// A graph whose run has everything a report may tell: checks that pass, warn, fail and have
/// nothing to judge, a gate that refuses, breaks, a job that cannot run, one behind it, markup,
/// Chinese, and phone numbers nobody should see.
class OrdersWorkspace : public ProgramFixture {
 public:
  OrdersWorkspace() {
    write("tallymill.yaml",
          "workspace: orders\ncurrency: { code: CNY, scale: 2 }\n"
          "connectors: { files: { type: files, root: sources } }\n");
    write("sources/orders-2026-01.csv",
          "order_id,city,phone,amount\n1,北京,13800000001,10.00\n2,上海,13800000002,5.00\n");
    write("sources/orders-2026-02.csv",
          "order_id,city,phone,amount\n1,北京,13800000001,10.00\n2,,13800000002,5.00\n"
          "3,\"<b>\"\"&'\",12,-3.00\n4,北京,13800000004,nothing\n");
    write("sources/more.csv", "order_id,amount\n1,10.00\n2,5.00\n3,-3.00\n");
    write("graphs/orders.yaml", kGraph);
  }

  ProgramEnd run_month(const std::string& period) {
    return run({"run", "orders", "--period", period});
  }

  static constexpr const char* kGraph = R"(graph: orders
description: Orders.
period: month
jobs:
  orders:
    type: extract
    from: { connector: files, path: "orders-${period}.csv" }
    into: orders
    key: [order_id]
    columns:
      order_id: { type: text, required: true }
      city: text
      phone: { type: text, sensitive: true }
      amount: money
  orders_are_sound:
    type: check
    of: orders
    checks:
      - not_null: { column: city, max_ratio: 0.25 }
      - in_set: { column: city, values: [北京, 上海] }
      - format: { column: phone, is: cn_mobile, severity: warn }
      - in_range: { column: amount, min: "0.00", where: "amount > 100.00" }
      - unique: order_id
    on_fail: block
  copy:
    type: cleanse
    from: orders
    into: copy
    key: [order_id]
    steps: [ trim: city ]
  same_orders:
    type: reconcile
    left: { dataset: others, key: [order_id], amount: amount }
    right: { dataset: more, key: [order_id], amount: amount }
    gates: others
    on_fail: fail
  others:
    type: extract
    from: { connector: files, path: "orders-2026-01.csv" }
    into: others
    key: [order_id]
    columns: { order_id: { type: text, required: true }, amount: money }
  more:
    type: extract
    from: { connector: files, path: "more.csv" }
    into: more
    key: [order_id]
    columns: { order_id: { type: text, required: true }, amount: money }
  lost:
    type: extract
    from: { connector: files, path: "lost.csv" }
    into: lost
    columns: { id: text }
)";
};

/// One for all tests of this program that only look: two months have run once.
inline OrdersWorkspace& finished_orders() {
  static OrdersWorkspace& orders = []() -> OrdersWorkspace& {
    static OrdersWorkspace made;
    made.run_month("2026-01");
    made.run_month("2026-02");
    return made;
  }();
  return orders;
}

inline json::object results_of(ProgramFixture& workspace, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"report", "orders", "--json"});
  const ProgramEnd end = workspace.run(more);
  return parse_json(end.out, end.out + end.err).as_object();
}

inline json::object job_in(const json::object& results, const std::string& name) {
  for (const json::value& job : json_at(results, "jobs").as_array())
    if (json_text(job.as_object(), "job") == name) return job.as_object();
  throw std::runtime_error("no job " + name);
}

inline json::object check_in(const json::object& job, const std::string& name) {
  for (const json::value& check : json_at(job, "checks").as_array())
    if (json_text(check.as_object(), "name") == name) return check.as_object();
  throw std::runtime_error("no check " + name);
}

}  // namespace tallymill
