#include "core/sheet_cell.h"

#include <algorithm>
#include <array>

namespace tallymill {
namespace {

using std::string_view_literals::operator""sv;

constexpr char kGuard = '\'';

/// What a formula begins with. Programs for Chinese and Japanese take the wide forms, too.
constexpr std::array kStarts{"="sv,  "+"sv,  "-"sv,  "@"sv,  "\t"sv, "\r"sv,
                             "\n"sv, "＝"sv, "＋"sv, "－"sv, "＠"sv};

/// Apostrophes in front count for nothing: one more or less then never makes another text of it.
bool may_be_formula(std::string_view text) {
  const std::size_t at = text.find_first_not_of(kGuard);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = text.substr(at);
  return std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return rest.starts_with(start); });
}

}  // namespace

std::string guarded_cell(std::string_view text) {
  return may_be_formula(text) ? kGuard + std::string(text) : std::string(text);
}

std::string_view unguarded_cell(std::string_view cell) {
  return cell.starts_with(kGuard) && may_be_formula(cell) ? cell.substr(1) : cell;
}

}  // namespace tallymill
