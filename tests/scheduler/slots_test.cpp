#include "scheduler/slots.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tallymill;

namespace {

/// Starts whatever may start, one thread each.
std::vector<JobIndex> start_all(Slots& slots, const std::string& pool) {
  std::vector<JobIndex> started;
  while (const auto job = slots.next()) {
    slots.take(pool, 1);
    started.push_back(job->job);
  }
  return started;
}

}  // namespace

TEST_CASE("slots: priority counts over all runs, then the older run, then the order of the graph") {
  Slots slots(10, {}, 4);
  slots.add("cpu", {.priority = 0, .run = 2, .job = 1});
  slots.add("cpu", {.priority = 0, .run = 1, .job = 5});
  slots.add("cpu", {.priority = 7, .run = 3, .job = 9});
  slots.add("cpu", {.priority = 0, .run = 1, .job = 4});
  CHECK(start_all(slots, "cpu") == std::vector<JobIndex>{9, 4, 5, 1});
}

TEST_CASE("slots: no more than there are, whatever the runs") {
  Slots slots(2, {}, 4);
  for (std::uint32_t run = 1; run <= 3; ++run) slots.add("cpu", {.run = run, .job = run});
  CHECK(start_all(slots, "cpu") == std::vector<JobIndex>{1, 2});
  CHECK_FALSE(slots.has_free_slot());
  slots.give_back("cpu", 1);
  CHECK(start_all(slots, "cpu") == std::vector<JobIndex>{3});
}

TEST_CASE("slots: a full pool lets the jobs of others pass, and waits for its own") {
  Slots slots(4, {{"db", 1}}, 4);
  slots.add("db", {.priority = 9, .run = 1, .job = 1});
  slots.add("db", {.priority = 9, .run = 1, .job = 2});
  slots.add("cpu", {.priority = 0, .run = 1, .job = 3});
  CHECK(slots.next()->job == 1);
  slots.take("db", 1);
  CHECK(slots.is_full("db"));
  CHECK(slots.next()->job == 3);
  slots.take("cpu", 1);
  CHECK_FALSE(slots.next());
  slots.give_back("db", 1);
  CHECK(slots.next()->job == 2);
}

TEST_CASE("slots: cores are shared by what starts, and one alone has all") {
  Slots slots(2, {}, 8);
  CHECK(slots.threads_for_next() == 8);
  slots.add("cpu", {.run = 1, .job = 1});
  CHECK(slots.threads_for_next() == 4);
  slots.take("cpu", 8);
  CHECK(slots.threads_for_next() == 4);  // never less than with all slots taken
}

TEST_CASE("slots: sizes may change while jobs run") {
  Slots slots(1, {{"db", 1}}, 2);
  slots.add("db", {.run = 1, .job = 1});
  slots.add("db", {.run = 1, .job = 2});
  CHECK(start_all(slots, "db") == std::vector<JobIndex>{1});
  slots.resize(2, {{"db", 2}});
  CHECK(start_all(slots, "db") == std::vector<JobIndex>{2});
  slots.resize(1, {});
  CHECK_FALSE(slots.has_free_slot());
}
