#include "datasets/sql_rules.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace tallymill;

namespace {

/// A table t to bind against, and the problems of one text as "message; hint" lines.
class Bench {
 public:
  Bench() : engine_({.threads = 1}) {
    engine_.execute(
        "create table t (k varchar, amount decimal(18,2), price decimal(18,6), n bigint, d date, "
        "note varchar); create view \"a.b\" as select * from t");
  }
  std::string sql(const std::string& text) {
    Diagnostics diagnostics;
    (void)bind_user_sql(engine_, text, {"g.yaml", 3, 7}, diagnostics);
    return listed(diagnostics);
  }
  std::string expression(const std::string& text) {
    Diagnostics diagnostics;
    check_user_expression(engine_, text, {"g.yaml", 3, 7}, diagnostics);
    return listed(diagnostics);
  }
  Engine& engine() { return engine_; }

 private:
  static std::string listed(const Diagnostics& diagnostics) {
    std::string list;
    for (const Diagnostic& diagnostic : diagnostics.sorted()) {
      CHECK(diagnostic.where.text() == "g.yaml:3:7");
      list += (list.empty() ? "" : "\n") + diagnostic.message +
              (diagnostic.hint.empty() ? "" : "; " + diagnostic.hint);
    }
    return list;
  }
  Engine engine_;
};

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("sql rules: ordinary SQL passes") {
  Bench bench;
  for (const std::string sql : {
           "select k, sum(amount) as s, count(*) as c from t group by k having sum(amount) > 0.5",
           "with x as (select * from \"a.b\") select x.k from x join t using (k) where exists "
           "(select 1 from t u where u.k = x.k)",
           "select row_number() over (partition by k order by d, n) as r from t",
           "select list(n order by n), list(k order by n desc, k) from t",
           "select * from t order by k limit 3",
           "select d + interval 1 month, date '2026-01-01', d - 7 from t",
           "select n::decimal(18,2), amount::decimal(38,6), '12.30'::decimal(18,2), null::bigint, "
           "n::varchar from t",
           "select distinct on (k) k, amount from t order by k, n",
           "select k, sum(amount) over (partition by k order by d) from t",
           "select round_money(price, 'half_even'), div_money(amount, n, 'up'), share(n, 3), "
           "round(price, 2), n // 3 from t",
           "select case when note = 'now()' then 'random' else 'read_csv(x)' end from t",
           "select * from range(3) r(i), unnest([1, 2]) u(x)",
       }) {
    CAPTURE(sql);
    CHECK(bench.sql(sql) == "");
  }
}

TEST_CASE("sql rules: anything but one SELECT is refused") {
  Bench bench;
  CHECK(bench.sql("select 1; select 2") == "expected exactly one SELECT, found 2 statements");
  CHECK(bench.sql("") == "expected exactly one SELECT, found 0 statements");
  CHECK(bench.sql("drop table t") == "only a SELECT is allowed here; expected exactly one SELECT");
  CHECK(bench.sql("copy (select 1) to 'x'") != "");
  CHECK(bench.sql("selec 1") == "syntax error at or near \"selec\"; expected exactly one SELECT");
}

TEST_CASE("sql rules: files, settings and the engine itself are out of reach") {
  Bench bench;
  for (const std::string sql :
       {"select * from read_csv('/etc/passwd')", "select * from read_parquet(['a', 'b'])",
        "select * from read_text('/etc/passwd')", "select * from glob('/*')",
        "select * from 'a.parquet'", "select * from \"/etc/passwd\"",
        "select (select content from read_blob('/etc/shadow'))", "select getenv('HOME')",
        "select current_setting('memory_limit')", "select * from duckdb_settings()",
        "select * from duckdb_tables", "select * from information_schema.tables",
        "select * from query('select 1')", "select * from query_table('t')",
        "select * from sniff_csv('x')", "from (show tables)", "describe t", "summarize t"}) {
    CAPTURE(sql);
    CHECK(bench.sql(sql) != "");
  }
  CHECK(bench.sql("select * from read_csv('x')") ==
        "SQL may not call read_csv(): it reads from outside the job's inputs; read files with an "
        "extract job and name the dataset");
}

TEST_CASE("sql rules: the clock and chance are refused wherever they hide") {
  Bench bench;
  CHECK(bench.sql("select now() from t") ==
        "now() reads the clock or the session; time is data here: use :period, "
        ":period_first_day, :period_last_day");
  for (const std::string sql :
       {"select current_date", "select CURRENT_TIMESTAMP", "select localtimestamp",
        "select k from t order by random()", "select k from t where d < Today()",
        "with x as (select uuid() u) select * from x", "select main.now()",
        "select * from t join t u on t.k = u.k and random() < 1",
        "select sum(amount) filter (random() > 0.5) from t",
        "select list_transform([1], lambda x: x + random())", "select * from t using sample 3",
        "select * from t tablesample 10%", "select rowid from t", "select age(d::timestamp) from t",
        "select d::timestamp.age() from t"}) {
    CAPTURE(sql);
    CHECK(bench.sql(sql) != "");
  }
}

TEST_CASE("sql rules: an age between two given days is no clock") {
  Bench bench;
  CHECK(bench.sql("select age(timestamp '2026-02-01', d::timestamp) from t") == "");
  CHECK(bench.sql("select age(d::timestamp) from t") ==
        "age() of one argument counts up to the machine's own day; time is data here: give both "
        "days, "
        "as in age(:period_last_day, x)");
}

TEST_CASE("sql rules: what depends on row order needs an order") {
  Bench bench;
  CHECK(bench.sql("select first(k) from t") ==
        "first() depends on row order; order its rows: first(x order by key)");
  CHECK(bench.sql("select k from t limit 3") ==
        "LIMIT without ORDER BY takes other rows each time; order by something unique, such as "
        "the key");
  for (const std::string sql :
       {"select any_value(k) from t", "select string_agg(k, ',') from t",
        "select row_number() over () from t", "select lag(n) over (partition by k) from t",
        "select arg_max(k, n) from t", "select mode(k) from t",
        "select sum(n) over (rows unbounded preceding) from t",
        "select distinct on (k) k, n from t", "select * from t positional join t u",
        "select array(select k from t)", "select (select k from t limit 1)"}) {
    CAPTURE(sql);
    CHECK(bench.sql(sql) != "");
  }
}

TEST_CASE("sql rules: doubles are refused") {
  Bench bench;
  CHECK(bench.sql("select amount / 3 from t") ==
        "'/' gives a DOUBLE, which is not exact; use div_money(a, b, 'half_even') for money, "
        "share(a, b) for ratios, // for whole numbers");
  CHECK(bench.sql("select avg(amount) from t") ==
        "avg() gives a DOUBLE, which is not exact; use div_money(sum(x), count(x), 'half_even')");
  CHECK(bench.sql("select amount * 1e0 from t") ==
        "a number with an exponent is a DOUBLE, which is not exact; write it out: 1500 instead of "
        "1.5e3");
  for (const std::string sql :
       {"select n::double from t", "select cast(n as real) from t", "select stddev(n) from t",
        "select sqrt(n) from t", "select try_cast(note as float) from t", "select n ** 2 from t"}) {
    CAPTURE(sql);
    CHECK(bench.sql(sql) != "");
  }
}

TEST_CASE("sql rules: what a table function is called with is checked and never computed") {
  Bench bench;
  CHECK(bench.sql("select r.n from range(cast(1000 as bigint)) as r(n)") == "");
  CHECK(bench.sql("select r.n from range(cast(2.5 + 1.0 as bigint)) as r(n)")
            .starts_with("a cast from DECIMAL(3,1) to BIGINT rounds silently"));
}

TEST_CASE("sql rules: a cast that rounds or reads text loosely is refused") {
  Bench bench;
  CHECK(bench.sql("select price::decimal(18,2) from t") ==
        "a cast from DECIMAL(18,6) to DECIMAL(18,2) rounds silently; use round_money(x, mode) or "
        "round(x, digits)");
  CHECK(bench.sql("select note::bigint from t") ==
        "a cast from VARCHAR to BIGINT reads text loosely ('3.7' becomes 4); declare the type in "
        "the extract job");
  CHECK(bench.sql("select '12.345'::decimal(18,2)") ==
        "'12.345' is not a plain DECIMAL(18,2); write all its digits and no more");
  for (const std::string sql :
       {"select try_cast(note as decimal(18,2)) from t", "select amount::bigint from t",
        "select sum(price * n)::decimal(38,2) from t", "select (amount * price)::decimal from t",
        "select x.p::integer from (select price p from t) x",
        "select k, amount::integer, sum(n) from t group by k, amount::integer"}) {
    CAPTURE(sql);
    CHECK(bench.sql(sql) != "");
  }
}

TEST_CASE("sql rules: what does not bind is said with its candidates") {
  Bench bench;
  CHECK(bench.sql("select amout from t") ==
        "Referenced column \"amout\" not found in FROM clause; candidate bindings: \"amount\"");
  CHECK(bench.sql("select * from tt").find("Table with name tt does not exist") == 0);
  CHECK(says(bench.sql("select div_money(1.5::float, 2, 'up')"), "FLOAT"));
  CHECK(says(bench.sql("select k from t where d = $1"), "parameters have no value"));
}

TEST_CASE("sql rules: a problem in a long text names its line") {
  Bench bench;
  CHECK(says(bench.sql("select k\nfrom t\nwhere d < now()"), "(line 3 of the SQL)"));
}

TEST_CASE("sql rules: an expression cannot break out of its place") {
  Bench bench;
  CHECK(bench.expression("amount > 0 and k in ('a', 'b')") == "");
  CHECK(bench.expression("(select max(n) from t) + 1") == "");
  CHECK(bench.expression("amount >") ==
        "syntax error at end of input; expected one SQL expression");
  for (const std::string text : {"1) from t --", "1 from t", "1, 2", "1; drop table t", "1 as x",
                                 "", "1 limit 1", "1 where true", "1 union all select 2"}) {
    CAPTURE(text);
    CHECK(bench.expression(text) != "");
  }
}

TEST_CASE("sql rules: the lists hold every function DuckDB itself calls unstable") {
  Bench bench;
  std::set<std::string, std::less<>> refused;
  for (const SqlRefusal& refusal : refused_functions()) refused.emplace(refusal.name);
  CHECK(std::is_sorted(refused_functions().begin(), refused_functions().end(),
                       [](const SqlRefusal& a, const SqlRefusal& b) { return a.name < b.name; }));
  const Rows unstable = bench.engine().query(
      "select distinct function_name from duckdb_functions() where stability <> 'CONSISTENT' and "
      "function_type = 'scalar' and function_name <> 'error'");
  for (std::size_t i = 0; i < unstable.cells.size(); ++i) {
    CAPTURE(unstable.text(i, 0));
    CHECK(refused.contains(unstable.text(i, 0)));
  }
}

TEST_CASE("sql rules: the lists hold every aggregate that returns a double") {
  Bench bench;
  std::set<std::string, std::less<>> known;
  for (const SqlRefusal& refusal : refused_functions()) known.emplace(refusal.name);
  for (const std::string_view name : ordered_functions()) known.emplace(name);
  // Over exact numbers these are exact.
  for (const char* name : {"sum", "mad", "median", "quantile", "quantile_cont", "quantile_disc",
                           "min", "max", "histogram_exact"})
    known.emplace(name);
  const Rows doubles = bench.engine().query(
      "select distinct function_name from duckdb_functions() where function_type = 'aggregate' "
      "and return_type in ('DOUBLE', 'FLOAT')");
  for (std::size_t i = 0; i < doubles.cells.size(); ++i) {
    CAPTURE(doubles.text(i, 0));
    CHECK(known.contains(doubles.text(i, 0)));
  }
}
