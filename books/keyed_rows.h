#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/money.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// Inner names of key parts: tm_k1, tm_k2, ...
std::string inner_key_name(std::size_t i);

/// Rows of one side as they come, before anything is added up or matched.
struct KeyedRows {
  std::string relation = {};                 ///< has tm_k1, tm_k2, ... and the amount
  std::vector<Column> key = {};              ///< its parts, as the side calls them
  std::optional<std::size_t> currency = {};  ///< the part of the key that is one
  std::string amount = {};                   ///< a column of the relation
  int scale = 0;                             ///< fraction digits of amounts
};

struct MatchSideTotals {
  std::string currency = {};  ///< empty: none is declared
  std::int64_t rows = 0;
  Int128 amount = 0;  ///< units; missing amounts count as nothing. Number of rows with `count`
  std::int64_t missing_keys = 0;  ///< rows with a missing part of the key
};

/// One of each currency, by its name; without currencies one, even of no rows. `may_miss_keys`:
/// false where no part of a key is missing for sure.
std::vector<MatchSideTotals> side_totals(Engine& engine, const KeyedRows& rows,
                                         bool may_miss_keys = true);

/// Throws Error(data) with examples where a row has no currency; with `minor_units` also where they
/// do not name it, or the amount has more fraction digits than it has there. `name` is for
/// messages: "left side (bank)"; `row_id` a column that tells rows of a key apart, or empty.
void require_sound_currency(Engine& engine, const std::string& name, const KeyedRows& rows,
                            const std::map<std::string, int>& minor_units,
                            const std::string& row_id = {});

}  // namespace tallymill::books
