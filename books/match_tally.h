#pragma once

#include <array>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "books/match_codes.h"
#include "books/matching.h"

namespace tallymill::books {

/// What came through the filter of Matching::run(), by currency and class. Chunks come from several
/// threads.
struct Matching::Tally {
  using Classes = std::array<MatchClass, kMatchCodes>;

  std::mutex mutex;
  std::map<std::string, Classes, std::less<>> by_currency = {};

  /// Columns: class, rows and amounts of both sides, and the currency where one is declared.
  template <class Amount>
  void add(std::span<const ColumnView> columns, std::size_t rows, bool* keeps) {
    const auto* codes = columns[0].as<std::int64_t>();
    const auto* left_rows = columns[1].as<std::int64_t>();
    const auto* right_rows = columns[2].as<std::int64_t>();
    const auto* left = columns[3].as<Amount>();
    const auto* right = columns[4].as<Amount>();
    std::map<std::string_view, Classes> added;
    auto into = added.try_emplace(std::string_view()).first;
    for (std::size_t row = 0; row < rows; ++row) {
      // A planner that asks what becomes of missing values is told nothing.
      keeps[row] = columns[0].is_null(row) || codes[row] > kWithinTolerance;
      if (columns[0].is_null(row)) continue;
      if (columns.size() > 5 && !columns[5].is_null(row)) {
        const std::string_view currency = columns[5].as<StringRef>()[row].view();
        if (into->first != currency) into = added.try_emplace(currency).first;
      }
      MatchClass& each = into->second[static_cast<std::size_t>(codes[row])];
      ++each.keys;
      each.left_rows += left_rows[row];
      each.right_rows += right_rows[row];
      if (!columns[3].is_null(row)) each.left_amount += left[row];
      if (!columns[4].is_null(row)) each.right_amount += right[row];
    }
    const std::lock_guard lock(mutex);
    for (const auto& [currency, classes] : added)
      for (std::size_t i = 0; i < kMatchCodes; ++i) add(currency, i, classes[i], 1);
  }

  /// Adds, or with -1 takes away.
  void add(std::string_view currency, std::size_t code, const MatchClass& what, int sign) {
    if (what.keys == 0 && what.left_rows == 0 && what.right_rows == 0) return;
    auto found = by_currency.find(currency);
    if (found == by_currency.end()) found = by_currency.try_emplace(std::string(currency)).first;
    MatchClass& each = found->second[code];
    each.keys += sign * what.keys;
    each.left_rows += sign * what.left_rows;
    each.right_rows += sign * what.right_rows;
    each.left_amount += sign * what.left_amount;
    each.right_amount += sign * what.right_amount;
  }

  /// Every class of every currency; without rows those of none.
  std::vector<MatchClass> named(bool has_currencies) const {
    std::vector<MatchClass> classes;
    const auto add_all = [&](const std::string& currency, const Classes& counted) {
      for (std::size_t i = 0; i < kMatchCodes; ++i) {
        classes.push_back(counted[i]);
        classes.back().name = kMatchClasses[i];
        classes.back().currency = currency;
      }
    };
    for (const auto& [currency, counted] : by_currency) add_all(currency, counted);
    if (classes.empty() && !has_currencies) add_all({}, {});
    return classes;
  }
};

}  // namespace tallymill::books
