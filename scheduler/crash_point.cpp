#include "scheduler/crash_point.h"

#include <unistd.h>

#include <cstdlib>

namespace tallymill {
namespace {

constexpr int kKilled = 137;

long long calls_left() {
  const char* text = std::getenv("TALLYMILL_CRASH_AT");
  return text ? std::atoll(text) : 0;
}

}  // namespace

void crash_point() {
  static long long left = calls_left();
  if (left > 0 && --left == 0) ::_exit(kKilled);
}

}  // namespace tallymill
