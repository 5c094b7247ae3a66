#pragma once

#include <map>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// Rows whose amounts are of a currency each.
struct CurrencyRows {
  std::string name = {};      ///< for messages, "left side (bank)"
  std::string relation = {};  ///< has the columns of `key`, currency and amount
  std::vector<Column> key = {};
  std::string column = {};  ///< what messages call the currency
  int scale = 0;            ///< fraction digits of amount
};

/// Throws Error(data) with examples where a row has no currency; with `minor_units` also where they
/// do not name it, or the amount has more fraction digits than it has there.
void require_sound_currency(Engine& engine, const CurrencyRows& rows,
                            const std::map<std::string, int>& minor_units);

}  // namespace tallymill::books
