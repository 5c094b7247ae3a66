#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kEvents{
    {"campaign", Type::text()}, {"step", Type::integer()}, {"state", Type::text()}};
const std::string kMoves =
    "start: draft, moves: { draft: [approved], approved: [running, draft], running: [closed] }";

CheckResult judge(const std::string& rows) {
  CheckFixture data(kEvents, "values " + rows);
  return data.run_one("- workflow: { state: state, entity: campaign, by: step, " + kMoves + " }");
}

}  // namespace

TEST_CASE("workflow: a state that may not follow the one before fails") {
  CHECK(judge("('a', 1, 'draft'), ('a', 2, 'approved'), ('a', 3, 'running'), ('a', 4, 'closed')")
            .verdict == CheckVerdict::pass);
  CHECK(judge("('a', 1, 'draft'), ('a', 2, 'running'), ('a', 3, 'closed'), ('b', 1, 'draft')")
            .message ==
        "workflow(state): 1 of 4 rows failed; expected a state that may follow the one before, or "
        "first draft");
}

TEST_CASE("workflow: the first state must be a start; a state follows itself only if listed") {
  CHECK(judge("('a', 1, 'approved')").rows_failed == 1);
  CHECK(judge("('a', 1, 'draft'), ('a', 2, 'draft')").rows_failed == 1);
  CHECK(judge("('a', 1, 'draft'), ('a', 2, 'unknown')").rows_failed == 1);
}

TEST_CASE("workflow: two events at one position have no order, so both fail") {
  CHECK(judge("('a', 1, 'draft'), ('a', 2, 'approved'), ('a', 2, 'running')").rows_failed == 2);
  CHECK(judge("('a', 1, 'draft'), ('a', 1, 'draft')").rows_failed == 2);
}

TEST_CASE("workflow: nulls are not applicable, and so is a dataset without rows") {
  CHECK(judge("('a', 1, 'draft'), ('a', 2, null), ('a', 3, 'approved')").rows_not_applicable == 1);
  CheckFixture none(kEvents, "select 'x', 1, 'x' where false");
  CHECK(none.run_one("- workflow: { state: state, entity: campaign, by: step, " + kMoves + " }")
            .verdict == CheckVerdict::not_applicable);
}

TEST_CASE("workflow: a state nothing leads to is a spelling mistake") {
  CheckFixture data(kEvents, "values ('a', 1, 'draft')");
  CHECK(data.problems_of("- workflow: { state: state, entity: campaign, by: step, start: draft, "
                         "moves: { draft: [approved], aproved: [closed] } }\n"
                         "- workflow: { state: step, entity: campaign, by: step, start: draft, "
                         "moves: {}, name: b }\n") ==
        "t.yaml:1:99: error: nothing leads to state 'aproved'; did you mean 'approved'?\n"
        "t.yaml:2:22: error: column 'step' is integer; a state is text\n");
}
