#pragma once

#include <string>

#include "scheduler/store_view.h"

namespace tallymill {

/// Why a visible version is stale: one of its inputs, directly or through others, has been
/// superseded by other content since it was made. Empty if it is fresh. Computed, never stored.
std::string stale_cause(StoreView& view, const VersionRecord& version);

}  // namespace tallymill
