#include "core/time/zone_module.h"

#include <cctz/time_zone.h>

#include <map>
#include <mutex>
#include <string>

namespace {

using tallymill::ZoneModule;
using TimePoint = cctz::time_point<cctz::seconds>;

TimePoint point(std::int64_t instant) { return TimePoint(cctz::seconds(instant)); }
std::int64_t instant_of(TimePoint time) { return time.time_since_epoch().count(); }

const cctz::civil_second& civil_epoch() {
  static const cctz::civil_second epoch(1970, 1, 1, 0, 0, 0);
  return epoch;
}
std::int64_t local_of(const cctz::civil_second& time) { return time - civil_epoch(); }

const cctz::time_zone& zone_of(ZoneModule::Handle handle) {
  return *static_cast<const cctz::time_zone*>(handle);
}

/// By name; a few at most, and cctz keeps what it has read anyway.
ZoneModule::Handle find(const char* name) {
  static std::mutex mutex;
  static std::map<std::string, cctz::time_zone> zones;
  const std::lock_guard guard(mutex);
  const auto known = zones.find(name);
  if (known != zones.end()) return &known->second;
  cctz::time_zone zone;
  if (!cctz::load_time_zone(name, &zone)) return nullptr;
  return &zones.emplace(name, zone).first->second;
}

ZoneModule::Moment moment(ZoneModule::Handle zone, std::int64_t instant) {
  const auto found = zone_of(zone).lookup(point(instant));
  return {local_of(found.cs), found.offset, found.abbr};
}

int instants(ZoneModule::Handle zone, std::int64_t local, std::int64_t* found) {
  const auto times = zone_of(zone).lookup(civil_epoch() + local);
  using Lookup = cctz::time_zone::civil_lookup;
  if (times.kind == Lookup::SKIPPED) return 0;
  found[0] = instant_of(times.pre);
  found[1] = instant_of(times.post);
  return times.kind == Lookup::UNIQUE ? 1 : 2;
}

/// Changes of the zone's abbreviation alone do not count.
bool next_change(ZoneModule::Handle zone, std::int64_t instant, ZoneModule::Change* found) {
  cctz::time_zone::civil_transition change;
  TimePoint from = point(instant);
  while (zone_of(zone).next_transition(from, &change)) {
    from = zone_of(zone).lookup(change.to).trans;
    if (change.from == change.to) continue;
    *found = {instant_of(from), local_of(change.from), local_of(change.to)};
    return true;
  }
  return false;
}

}  // namespace

extern "C" const ZoneModule* tallymill_zone_module() {
  static const ZoneModule module{&find, &moment, &instants, &next_change};
  return &module;
}
