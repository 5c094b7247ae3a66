#include "check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kColumns{{"n", Type::integer()}, {"s", Type::text()}};

std::string problems(const std::string& yaml) {
  CheckFixture data(kColumns, "values (1, 'a')");
  return data.problems_of(yaml);
}

}  // namespace

TEST_CASE("conflicts: ranges of one column that do not meet are refused, with both places") {
  CHECK(problems("- in_range: { column: n, min: 0, below: 10 }\n"
                 "- in_range: { column: n, min: 10, max: 20, name: late }\n") ==
        "t.yaml:2:3: error: no value of column 'n' can pass both 'late' and 'in_range(n)' (line "
        "1); change one, or say with `where` which rows it is about\n");
}

TEST_CASE("conflicts: ranges that touch or lie apart by column are fine") {
  CHECK(problems("- in_range: { column: n, max: 10 }\n- in_range: { column: n, min: 10 }\n") == "");
  CHECK(problems("- in_range: { column: n, max: 10 }\n- in_set: { column: s, values: [b] }\n") ==
        "");
}

TEST_CASE("conflicts: sets need a common value, which a range must hold") {
  const std::string ending = "' (line 1); change one, or say with `where` which rows it is about\n";
  CHECK(problems("- in_set: { column: s, values: [a, b] }\n"
                 "- in_set: { column: s, values: [c] }\n") ==
        "t.yaml:2:3: error: no value of column 's' can pass both 'in_set(s) #2' and 'in_set(s)" +
            ending);
  CHECK(problems("- in_set: { column: n, values: [1, 2] }\n"
                 "- in_range: { column: n, above: 2 }\n") ==
        "t.yaml:2:3: error: no value of column 'n' can pass both 'in_range(n)' and 'in_set(n)" +
            ending);
  CHECK(problems("- in_set: { column: n, values: [1, 2] }\n- in_range: { column: n, min: 2 }\n") ==
        "");
}

TEST_CASE("conflicts: lengths need a common one, which a value of a set must have") {
  const std::string ending = "' (line 1); change one, or say with `where` which rows it is about\n";
  CHECK(problems("- length: { column: s, min: 10 }\n- length: { column: s, max: 2 }\n") ==
        "t.yaml:2:3: error: no value of column 's' can pass both 'length(s) #2' and 'length(s)" +
            ending);
  CHECK(problems("- in_set: { column: s, values: [ab, 中文] }\n"
                 "- length: { column: s, equals: 3 }\n") ==
        "t.yaml:2:3: error: no value of column 's' can pass both 'length(s)' and 'in_set(s)" +
            ending);
  CHECK(problems("- in_set: { column: s, values: [ab, 中文] }\n"
                 "- length: { column: s, equals: 2 }\n") == "");
  CHECK(problems("- length: { column: s, max: 2 }\n- length: { column: s, min: 2 }\n") == "");
}

TEST_CASE("conflicts: checks of some rows, or that tolerate failures, contradict nothing") {
  CHECK(problems("- in_range: { column: n, max: 1, where: \"s = 'a'\" }\n"
                 "- in_range: { column: n, min: 2 }\n") == "");
  CHECK(problems("- in_range: { column: n, max: 1, max_ratio: 0.5 }\n"
                 "- in_range: { column: n, min: 2 }\n") == "");
}

TEST_CASE("conflicts: a number of the dataset must be one that every check of it allows") {
  const std::string ending = "' (line 1); change one, or say with `where` which rows it is about\n";
  CHECK(problems("- row_count: { min: 10 }\n- row_count: { max: 5 }\n") ==
        "t.yaml:2:3: error: no number of rows can pass both 'row_count #2' and 'row_count" +
            ending);
  CHECK(problems("- row_count: 3\n- row_count: { min: 3 }\n") == "");
  CHECK(problems("- row_count: { min: 10 }\n- row_count: { max: 5, where: \"n > 1\" }\n") == "");
  CHECK(problems("- aggregate: { column: n, function: sum, min: 10, name: much }\n"
                 "- aggregate: { column: n, function: sum, max: -2, name: little }\n") ==
        "t.yaml:2:3: error: no sum of n can pass both 'little' and 'much" + ending);
  CHECK(problems("- aggregate: { column: n, function: sum, min: 10 }\n"
                 "- aggregate: { column: n, function: min, max: 2 }\n") == "");
  CHECK(problems("- aggregate: { column: n, function: quantile, quantile: 0.5, min: 10 }\n"
                 "- aggregate: { column: n, function: quantile, quantile: 0.1, max: 2 }\n") == "");
  CHECK(problems("- aggregate: { column: n, function: sum, min: 10 }\n"
                 "- aggregate: { column: n, function: sum, max: 2, by: s }\n") == "");
}

TEST_CASE("conflicts: first and last dates and times are numbers of the dataset as well") {
  const auto found = [](const Type& type, const std::string& yaml) {
    CheckFixture data({{"d", type}, {"s", Type::text()}}, "select null, null where false");
    return data.problems_of(yaml);
  };
  const std::string ending = "' (line 1); change one, or say with `where` which rows it is about\n";
  const std::string late =
      "- aggregate: { column: d, function: max, min: 2024-05-01, name: late }\n";
  CHECK(
      found(Type::date(), late + "- aggregate: { column: d, function: max, max: 2024-04-30 }\n") ==
      "t.yaml:2:3: error: no max of d can pass both 'aggregate(d)' and 'late" + ending);
  CHECK(found(Type::date(),
              late + "- aggregate: { column: d, function: max, equals: 2024-04-30 }\n") ==
        "t.yaml:2:3: error: no max of d can pass both 'aggregate(d)' and 'late" + ending);
  CHECK(found(Type::date(),
              late + "- aggregate: { column: d, function: max, max: 2024-05-01 }\n") == "");
  CHECK(found(Type::date(),
              late + "- aggregate: { column: d, function: min, max: 2024-04-30 }\n") == "");
  CHECK(
      found(
          Type::date(),
          late +
              "- aggregate: { column: d, function: max, max: 2024-04-30, where: \"s = 'a'\" }\n") ==
      "");
  CHECK(found(Type::date(),
              late + "- aggregate: { column: d, function: max, max: 2024-04-30, by: s }\n") == "");
  CHECK(
      found(
          Type::timestamp(),
          "- aggregate: { column: d, function: min, equals: \"2024-05-01 10:00:00\", name: late }\n"
          "- aggregate: { column: d, function: min, max: \"2024-05-01 09:59:59\" }\n") ==
      "t.yaml:2:3: error: no min of d can pass both 'aggregate(d)' and 'late" + ending);
}

TEST_CASE("conflicts: a least and a greatest value are about every value") {
  const auto found = [](const Type& type, const std::string& yaml) {
    CheckFixture data({{"d", type}}, "select null where false");
    return data.problems_of(yaml);
  };
  const std::string ending = "' (line 1); change one, or say with `where` which rows it is about\n";
  CHECK(found(Type::date(),
              "- aggregate: { column: d, function: min, min: 2024-05-01, name: first }\n"
              "- aggregate: { column: d, function: max, max: 2024-04-30, name: last }\n") ==
        "t.yaml:2:3: error: no value of column 'd' can pass both 'last' and 'first" + ending);
  CHECK(found(Type::money(2),
              "- aggregate: { column: d, function: min, min: \"5.00\", name: least }\n"
              "- in_range: { column: d, max: \"4.99\", name: small }\n") ==
        "t.yaml:2:3: error: no value of column 'd' can pass both 'small' and 'least" + ending);
  CHECK(found(Type::date(),
              "- aggregate: { column: d, function: min, max: 2024-04-30 }\n"
              "- aggregate: { column: d, function: max, min: 2024-05-01 }\n") == "");
}
