#pragma once

#include <string>
#include <vector>

#include "datasets/type.h"

namespace tallymill::books {

/// Temporary tables of an Allocation, each of the first three with all columns of the one before.
inline const std::string kPoolTable = "tm_alloc_pool";         ///< numbered, units and driver
inline const std::string kWeighedTable = "tm_alloc_weighed";   ///< receivers, total, reason
inline const std::string kReadyTable = "tm_alloc_ready";       ///< allocated ones, their cut
inline const std::string kWeightTable = "tm_alloc_weight";     ///< of every pool: sums
inline const std::string kGroupTable = "tm_alloc_group_";      ///< of every grain: groups, sums
inline const std::string kOrderedTable = "tm_alloc_ordered_";  ///< of every grain: receivers
inline const std::string kPathTable = "tm_alloc_path";         ///< places of a tree

/// What a pool's receivers are weighed by (column tm_weigh): the driver of that number, counted
/// from 1, or one of these.
inline constexpr int kEven = 0;
inline constexpr int kPrevious = -1;

std::string create_table(const std::string& table, const std::string& select);
/// Names `column` of what is aliased: r."user_id".
std::string column_of(const char* alias, const std::string& column);
/// Whether two aliased rows agree in all `columns`: p."a" = r."a" AND ...
std::string agree(const char* left, const char* right, const std::vector<Column>& columns);

}  // namespace tallymill::books
