#pragma once

namespace tallymill {

/// Test hook: if the environment variable TALLYMILL_CRASH_AT is n, the n-th call of this function
/// in the process ends it on the spot with code 137, as kill -9 would. The calls stand around
/// every append and commit of an event, every spawn and every rename of a publish. Without the
/// variable a call costs one comparison.
void crash_point();

}  // namespace tallymill
