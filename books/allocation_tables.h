#pragma once

namespace tallymill::books {

/// Temporary tables of an Allocation, each with all columns of the one before.
inline constexpr const char* kPoolTable = "tm_alloc_pool";        ///< numbered, units and driver
inline constexpr const char* kWeighedTable = "tm_alloc_weighed";  ///< receivers, total, reason
inline constexpr const char* kReadyTable = "tm_alloc_ready";      ///< allocated ones, their cut
inline constexpr const char* kWinnerTable = "tm_alloc_winner";    ///< who gets a leftover unit

}  // namespace tallymill::books
