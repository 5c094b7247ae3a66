#include "datasets/sql_text.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

std::string names(std::string_view sql) {
  std::string list;
  for (const SqlParameter& parameter : sql_parameters(sql)) list += parameter.name + " ";
  return list;
}

}  // namespace

TEST_CASE("sql text: parameters are found outside quotes and comments") {
  CHECK(names("select :period, x from t where d>=:period_first_day and p=$param_x") ==
        "period period_first_day param_x ");
  CHECK(names("select ':a', \":b\", 'it''s :c', e'\\' :d', $$ :e $$, $q$ $$ :f $q$") == "");
  CHECK(names("select 1 -- :a\n + :b /* :c /* :d */ :e */ + :f") == "b f ");
}

TEST_CASE("sql text: casts, slices and struct fields are no parameters") {
  CHECK(names("select x::date, x[1:n], x[a : b], {'k':v, 'l': :p}, y[:p]") == "p p ");
  CHECK(names("select f(a := 1)::integer") == "");
}

TEST_CASE("sql text: replacing keeps everything else as it was") {
  const std::string sql = "select :a, ':a', :b /* :a */ from t";
  CHECK(replace_sql_parameters(sql, [](const SqlParameter& parameter) {
          return parameter.name == "a" ? std::optional<std::string>("(1)") : std::nullopt;
        }) == "select (1), ':a', :b /* :a */ from t");
}
