#include "datasets/sql_order.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

/// Problems of one text over sales (key: day, shop), shops (key: shop) and notes (no key).
std::string problems(const std::string& sql) {
  static Engine engine({.threads = 1});
  Diagnostics diagnostics;
  check_total_order(engine, sql, {"g.yaml", 3, 7},
                    {{"sales", {"day", "shop"}}, {"shops", {"shop"}}, {"notes", {}}}, diagnostics);
  std::string list;
  for (const Diagnostic& diagnostic : diagnostics.sorted())
    list += (list.empty() ? "" : "\n") + diagnostic.message + "; " + diagnostic.hint;
  return list;
}

}  // namespace

TEST_CASE("sql order: an order with ties is refused, and what it lacks is named") {
  CHECK(problems("select row_number() over (order by amount) from sales") ==
        "row_number() takes other rows each time where its order has ties; add the key of 'sales' "
        "(day, shop) to its ORDER BY");
  CHECK(problems("select * from sales\norder by amount desc\nlimit 10") ==
        "LIMIT takes other rows each time where its order has ties; add the key of 'sales' (day, "
        "shop) to its ORDER BY");
  CHECK(problems("select shop, sum(amount) as total from sales group by shop order by total desc "
                 "limit 3") ==
        "LIMIT takes other rows each time where its order has ties; add the columns that make a "
        "group (shop) to its ORDER BY");
  CHECK(problems("select row_number() over (partition by s.shop order by amount) from sales s "
                 "join shops t on t.shop = s.city where amount > 0") == "");
  CHECK(problems("select row_number() over (order by amount) from sales s join shops t on s.a = "
                 "t.b") ==
        "row_number() takes other rows each time where its order has ties; add the key of 'sales' "
        "(day, shop) or the key of 'shops' (shop) to its ORDER BY");
}

TEST_CASE("sql order: what ties change is refused wherever it stands") {
  for (const std::string sql :
       {"select lag(amount) over (partition by shop order by amount) from sales",
        "select first_value(amount) over (order by city) from sales",
        "select sum(amount) over (order by city rows unbounded preceding) from sales",
        "select string_agg(city, ',' order by amount) from sales",
        "select shop, first(amount order by city) from sales group by shop",
        "select distinct on (shop) * from sales order by shop, amount",
        "select * from (select * from sales order by amount limit 3)",
        "with top as (select * from sales order by amount limit 3) select * from top",
        "select * from sales qualify row_number() over (partition by shop order by amount) = 1",
        "select city, sum(amount), row_number() over (order by sum(amount)) from sales group by "
        "city",
        "SELECT ROW_NUMBER() OVER (ORDER BY amount) FROM Sales"}) {
    CAPTURE(sql);
    CHECK(problems(sql) != "");
  }
}

TEST_CASE("sql order: an order that holds a key, or needs none, passes") {
  for (const std::string sql :
       {"select row_number() over (order by amount, day, shop) from sales",
        "select row_number() over (partition by shop order by amount, day) from sales",
        "select * from sales order by amount, s.day, s.shop limit 10",
        "select day as d, shop as s, amount from sales order by d, s limit 10",
        "select day, shop, amount from sales order by 1, 2 limit 10",
        "select * from sales order by all limit 10",
        "select distinct city from sales order by city limit 3",
        "select distinct on (shop) * from sales order by shop, day",
        "select shop, sum(amount) as total from sales group by shop order by total, shop limit 3",
        "select rank() over (order by amount), dense_rank() over (order by city) from sales",
        "select sum(amount) over (order by city) from sales",
        "select first_value(city) over (order by city) from sales",
        "select string_agg(city, ',' order by city) from sales",
        "select string_agg(city || '!', ',' order by city) from sales",
        "select shop, string_agg(city, ',' order by day) from sales group by shop",
        "select city, row_number() over (order by sum(amount), city) from sales group by city",
        "select * from sales order by amount"}) {
    CAPTURE(sql);
    CHECK(problems(sql) == "");
  }
}

TEST_CASE("sql order: what nobody can tell is not judged") {
  for (const std::string sql :
       {"select row_number() over (order by text) from notes",
        "select row_number() over (order by a) from (select a from sales group by a)",
        "with sales as (select distinct city from shops) select row_number() over (order by city) "
        "from sales",
        "select lower(city), count(*) n from sales group by lower(city) order by n limit 1",
        "select n from range(3) t(n) order by n limit 1"}) {
    CAPTURE(sql);
    CHECK(problems(sql) == "");
  }
}
