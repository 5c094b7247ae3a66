#include "scheduler/side_thread.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <future>
#include <memory>
#include <vector>

using namespace tallymill;

TEST_CASE("side thread: works are done in their order, and all of them before finish returns") {
  SideThread side;
  side.finish();  // nothing was given yet
  std::vector<int> done;
  std::vector<int> expected;
  for (int i = 0; i < 1000; ++i) {
    side.give([&done, i] { done.push_back(i); });
    expected.push_back(i);
    if (i % 100 != 0) continue;
    side.finish();
    REQUIRE(done == expected);
  }
  side.finish();
  CHECK(done == expected);
}

TEST_CASE("side thread: what is left is done before it goes, and nothing of it is kept") {
  const auto counter = std::make_shared<int>(0);
  {
    SideThread side;
    for (int i = 0; i < 10; ++i) side.give([counter] { ++*counter; });
  }
  CHECK(*counter == 10);
  CHECK(counter.use_count() == 1);
}

TEST_CASE("side thread: one may wait for a work while later ones are still to be done") {
  SideThread side;
  std::promise<void> gate;
  int done = 0;
  side.give([&] { ++done; });
  const SideThread::Number second = side.give([&] { ++done; });
  const SideThread::Number third = side.give([&] {
    gate.get_future().wait();
    ++done;
  });
  side.finish(second);
  CHECK(done == 2);
  CHECK(side.has_done(second));
  CHECK_FALSE(side.has_done(third));
  gate.set_value();
  side.finish();
  CHECK(side.has_done(third));
  CHECK(done == 3);
}

TEST_CASE("side thread: signals are left to the thread that waits for them") {
  SideThread side;
  sigset_t blocked;
  sigemptyset(&blocked);
  side.give([&] { ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked); });
  side.finish();
  CHECK(sigismember(&blocked, SIGINT) == 1);
  CHECK(sigismember(&blocked, SIGTERM) == 1);
}
