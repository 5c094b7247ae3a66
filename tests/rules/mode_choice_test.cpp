#include "rules/mode_choice.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

constexpr std::size_t kRows = 1000;

/// Chunks whose rows take so many nanoseconds in each mode; the modes that were chosen.
struct Trial {
  int compiled = 0;
  int interpreted = 0;
};
Trial run(ModeChoice& choice, std::int64_t compiled_ns, std::int64_t interpreted_ns, int chunks) {
  Trial trial;
  for (int i = 0; i < chunks; ++i) {
    const LuaMode mode = choice.next();
    const bool compiled = mode == LuaMode::compiled;
    ++(compiled ? trial.compiled : trial.interpreted);
    choice.took(mode, kRows, (compiled ? compiled_ns : interpreted_ns) * 1000);
  }
  return trial;
}

}  // namespace

TEST_CASE("mode choice: rules that are fast compiled are never tried otherwise") {
  ModeChoice choice({});
  const Trial trial = run(choice, 50, 1, 100);
  CHECK(trial.interpreted == 0);
  CHECK(choice.is_decided());
  CHECK(choice.mode() == LuaMode::compiled);
}

TEST_CASE("mode choice: slow rules are tried interpreted for a few chunks, and the faster stays") {
  ModeChoice choice({});
  CHECK(run(choice, 400, 100, 16).interpreted == 0);
  CHECK_FALSE(choice.is_decided());
  CHECK(run(choice, 400, 100, 4).interpreted == 4);
  CHECK(choice.is_decided());
  CHECK(choice.mode() == LuaMode::interpreted);
  CHECK(run(choice, 400, 100, 50).compiled == 0);

  ModeChoice other({});
  CHECK(run(other, 400, 390, 16).interpreted == 0);
  CHECK(run(other, 400, 390, 4).interpreted == 4);
  CHECK(other.mode() == LuaMode::compiled);  // not clearly faster
  CHECK(run(other, 400, 390, 50).interpreted == 0);
}

TEST_CASE("mode choice: the first chunks of a mode, while it warms up, do not count") {
  ModeChoice choice({});
  for (int i = 0; i < 4; ++i) {
    REQUIRE(choice.next() == LuaMode::compiled);
    choice.took(LuaMode::compiled, kRows, 1'000'000'000);
  }
  run(choice, 50, 1, 12);
  CHECK(choice.is_decided());
  CHECK(choice.mode() == LuaMode::compiled);
}

TEST_CASE("mode choice: other threads go on compiled while one chunk is on trial") {
  ModeChoice choice({});
  run(choice, 400, 100, 16);
  CHECK(choice.next() == LuaMode::interpreted);
  CHECK(choice.next() == LuaMode::compiled);
  CHECK(choice.next() == LuaMode::compiled);
  choice.took(LuaMode::compiled, kRows, 400'000);
  choice.took(LuaMode::interpreted, kRows, 100'000);
  CHECK(choice.next() == LuaMode::interpreted);
}

TEST_CASE("mode choice: a mode that is given is kept") {
  for (const LuaMode mode : {LuaMode::compiled, LuaMode::interpreted, LuaMode::traced}) {
    ModeChoice choice(mode);
    CHECK(choice.is_decided());
    for (int i = 0; i < 40; ++i) {
      CHECK(choice.next() == mode);
      choice.took(mode, kRows, 400'000);
    }
  }
}
