#include "scheduler/run_state.h"

#include <doctest/doctest.h>

#include <string>

using namespace tallymill;

TEST_CASE("run state: exactly the ends have no way out") {
  for (const JobRunState state : {JobRunState::succeeded, JobRunState::failed, JobRunState::skipped,
                                  JobRunState::cancelled, JobRunState::up_to_date})
    CHECK(is_final(state));
  for (const JobRunState state :
       {JobRunState::waiting, JobRunState::ready, JobRunState::running, JobRunState::retry_wait})
    CHECK_FALSE(is_final(state));
}

TEST_CASE("run state: nothing runs that was not ready, nothing final moves") {
  CHECK(may_move(JobRunState::ready, JobRunState::running));
  CHECK_FALSE(may_move(JobRunState::waiting, JobRunState::running));
  CHECK_FALSE(may_move(JobRunState::succeeded, JobRunState::ready));
  CHECK_FALSE(may_move(JobRunState::failed, JobRunState::ready));
}

TEST_CASE("run state: every name reads back") {
  for (int i = 0; i <= static_cast<int>(JobRunState::up_to_date); ++i) {
    const auto state = static_cast<JobRunState>(i);
    CHECK(job_run_state_from(to_string(state)) == state);
  }
  CHECK_FALSE(job_run_state_from("blocked"));
}
