#include "connectors/xlsx/sheet.h"

#include <algorithm>

namespace tallymill::xlsx {

const Cell* Row::at(std::size_t column) const {
  const auto found =
      std::lower_bound(cells.begin(), cells.end(), column,
                       [](const Cell& cell, std::size_t wanted) { return cell.column < wanted; });
  return found != cells.end() && found->column == column ? &*found : nullptr;
}

std::string cell_name(std::size_t column, std::int64_t row) {
  constexpr std::size_t kLetters = 26;
  std::string letters;
  for (std::size_t rest = column + 1; rest > 0; rest = (rest - 1) / kLetters)
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % kLetters));
  return letters + std::to_string(row);
}

}  // namespace tallymill::xlsx
