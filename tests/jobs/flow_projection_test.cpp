#include "jobs/flow_projection.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

/// With a column that is written over and a new one.
FlowProjection example() {
  FlowProjection projection;
  projection.take("\"name\"", "upper(\"name\")", true);
  projection.take("tm_h1", "\"name\"", false);
  return projection;
}

}  // namespace

TEST_CASE("flow projection: every expression reads the rows before it") {
  CHECK(example().columns() == "* REPLACE (upper(\"name\") AS \"name\"), \"name\" AS tm_h1");
  FlowProjection added;
  added.take("tm_h1", "1", false);
  CHECK(added.columns() == "*, 1 AS tm_h1");
}

TEST_CASE("flow projection: what does not need the result of another goes beside it") {
  CHECK(example().can_take("\"city\"", "upper(\"city\")"));
  CHECK(example().can_take("tm_h2", "\"surname_\" = ''") == false);  // 'name' stands in it
  CHECK_FALSE(example().can_take("tm_h2", "tm_h1 IS DISTINCT FROM \"city\""));
  CHECK_FALSE(example().can_take("tm_h2", "length(NAME)"));
  CHECK_FALSE(example().can_take("\"name\"", "'x'"));
  CHECK_FALSE(example().can_take("tm_h2", "greatest(COLUMNS('a.*'))"));
  CHECK_FALSE(example().can_take("tm_h2", "(SELECT count(*) FROM prices)"));
}

TEST_CASE("flow projection: a name beyond ASCII is thought to be read by every expression") {
  FlowProjection projection;
  projection.take("\"STRASSENNAME_Ü\"", "'x'", true);
  CHECK_FALSE(projection.can_take("tm_h1", "\"city\""));
}

TEST_CASE("flow projection: nothing joins rows that are joined already") {
  FlowProjection projection = example();
  projection.join_with("prices m ON m.item = t.item");
  CHECK(projection.join_clause() == " LEFT JOIN prices m ON m.item = t.item");
  CHECK(projection.is_closed());
  CHECK_FALSE(projection.can_take("tm_h2", "1"));
  const FlowProjection joined = FlowProjection::of_joined("tm_h2", "m.price");
  CHECK(joined.columns() == "t.*, m.price AS tm_h2");
  CHECK_FALSE(joined.can_take("tm_h3", "1"));
}

TEST_CASE("flow projection: what nothing reads here may be worked out in front") {
  FlowProjection projection;
  projection.take("tm_h3", "\"name\" IS DISTINCT FROM tm_h1", false);
  CHECK(projection.lets_pass("\"city\"", "upper(\"city\")"));
  CHECK(projection.lets_pass("tm_h4", "\"name\""));
  // Its values would be those of the name before, or after.
  CHECK(projection.can_take("\"name\"", "'x'"));
  CHECK_FALSE(projection.lets_pass("\"name\"", "'x'"));
  CHECK_FALSE(projection.lets_pass("tm_h4", "tm_h3"));
  projection.take("tm_h5", "greatest(COLUMNS('a.*'))", false);
  CHECK_FALSE(projection.lets_pass("\"city\"", "upper(\"city\")"));
  projection.join_with("prices m ON m.item = t.item");
  CHECK_FALSE(projection.lets_pass("tm_h6", "1"));
}

TEST_CASE("flow projection: a Chinese name is read where it stands, and nowhere else") {
  FlowProjection projection;
  projection.take("\"客户名\"", "trim(\"客户名\")", true);
  CHECK(projection.can_take("tm_h1", "\"城市\""));
  CHECK_FALSE(projection.can_take("tm_h1", "length(\"客户名\")"));
}
