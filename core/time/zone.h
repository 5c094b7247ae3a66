#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time/local_time.h"

namespace tallymill {

/// A moment at which a zone's clocks are put forward or back.
struct ClockChange {
  Instant at;
  LocalTime from;  ///< what the clock would have shown
  LocalTime to;    ///< what it shows instead

  bool is_gap() const { return from < to; }      ///< times in [from, to) are shown by no instant
  bool is_overlap() const { return to < from; }  ///< times in [to, from) are shown twice
};

/// The rules by which clocks of a region show the time: the IANA data of this machine
/// (/usr/share/zoneinfo, or $TZDIR). Cheap to copy.
class Zone {
 public:
  /// The last year for which changes of the clock are known.
  static constexpr int kLastYear = 2400;

  Zone();  ///< UTC
  /// By IANA name: "Asia/Shanghai", "UTC". Empty if this machine knows no such zone.
  static std::optional<Zone> find(std::string_view name);
  /// What a name that find() does not know gets to hear: the nearest known one, or that this
  /// machine has no zone data at all.
  static std::string hint(std::string_view name);

  const std::string& name() const;
  LocalTime local(Instant instant) const;
  int offset_seconds(Instant instant) const;        ///< east of UTC
  std::string abbreviation(Instant instant) const;  ///< CST
  /// "2026-01-31T08:05:00+08:00"; the offset with seconds where it has any.
  std::string text(Instant instant) const;

  /// The instants that show `time`, in order: one, two in an overlap, none in a gap.
  std::vector<Instant> instants(LocalTime time) const;
  /// The first change after `instant`; changes of the zone's abbreviation alone do not count.
  std::optional<ClockChange> next_change(Instant instant) const;

 private:
  struct Rules;
  explicit Zone(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}
  std::shared_ptr<const Rules> rules_;
};

}  // namespace tallymill
