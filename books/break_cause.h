#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/money.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// What the built-in causes are decided by. Amounts are units of one scale.
struct BreakFacts {
  std::string_view class_name = {};
  std::optional<Int128> left = {};
  std::optional<Int128> right = {};
  std::int64_t left_rows = 0;
  std::int64_t right_rows = 0;
  bool has_whole_key = true;  ///< no part of it is missing
};

/// Why a break is there, by the first line of a decision table that holds; docs/jobs/reconcile.md
/// prints the table.
std::string_view cause_of(const BreakFacts& facts);

/// SQL of the cause over the columns of a break; `whole_key` is a condition.
std::string cause_sql(Engine& engine, const Type& amount, const std::string& whole_key);

}  // namespace tallymill::books
