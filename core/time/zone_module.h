#pragma once

#include <cstdint>

namespace tallymill {

/// What libtallymill-zones.so offers: cctz behind types of C. It stands in a library of its own,
/// opened by zone.cpp for the first zone that is not UTC, because cctz comes as a shared library
/// that needs the shared C++ runtime, and starting with that is most of what a job costs that does
/// nothing (docs/adr/0025-library-bound-at-build.md).
struct ZoneModule {
  struct Moment {
    std::int64_t local = 0;  ///< seconds the clock shows, since 1970-01-01T00:00:00
    int offset = 0;          ///< seconds east of UTC
    const char* abbreviation = "";
  };
  struct Change {
    std::int64_t at = 0;
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  using Handle = const void*;

  /// Null if this machine knows no such zone; else valid as long as the process lives.
  Handle (*find)(const char* name);
  Moment (*moment)(Handle zone, std::int64_t instant);
  /// How many instants (0 to 2) show the local time, written to `found` in order.
  int (*instants)(Handle zone, std::int64_t local, std::int64_t* found);
  /// False if there is no change after `instant`.
  bool (*next_change)(Handle zone, std::int64_t instant, Change* found);
};

}  // namespace tallymill

extern "C" const tallymill::ZoneModule* tallymill_zone_module();
