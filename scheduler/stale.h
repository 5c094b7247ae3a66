#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "scheduler/store_view.h"

namespace tallymill {

/// Why a visible version is stale: one of its inputs, directly or through others, has been
/// superseded by other content since it was made. Empty if it is fresh. Computed, never stored.
std::string stale_cause(StoreView& view, const VersionRecord& version);

/// The same for many versions of one moment: what was found out about one is known for the next.
class StaleFinder {
 public:
  explicit StaleFinder(StoreView& view) : view_(view) {}
  const std::string& cause(const VersionRecord& version);

 private:
  using Maker = std::tuple<std::string, std::string, std::string, std::string>;
  struct Finding {
    bool is_known = false;
    std::string cause;
    std::vector<VersionRecord> inputs;  ///< visible ones, equal to what was read
  };
  static Maker maker_of(const VersionRecord& version);
  void look_at_inputs(const VersionRecord& version, Finding& finding);
  void conclude(Finding& finding);

  StoreView& view_;
  std::map<Maker, Finding> findings_;
};

}  // namespace tallymill
