#include "core/written_number.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/ascii.h"
#include "core/chinese_number.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::size_t kLongest = 128;  ///< bytes

struct Unit {
  std::string_view name;
  int exponent;
};
/// Longer names first where one ends in another.
constexpr std::array kUnits{Unit{"百万", 6},  Unit{"百萬", 6},  Unit{"千万", 7}, Unit{"千萬", 7},
                            Unit{"万亿", 12}, Unit{"萬億", 12}, Unit{"万", 4},   Unit{"萬", 4},
                            Unit{"亿", 8},    Unit{"億", 8},    Unit{"千", 3},   Unit{"k", 3},
                            Unit{"K", 3}};
constexpr std::array kPercents{Unit{"%", -2}, Unit{"‰", -3}};

bool skip(std::string_view& text, std::string_view prefix) {
  if (prefix.empty() || !text.starts_with(prefix)) return false;
  text = trim(text.substr(prefix.size()));
  return true;
}

bool cut(std::string_view& text, std::string_view suffix) {
  if (suffix.empty() || !text.ends_with(suffix)) return false;
  text = trim(text.substr(0, text.size() - suffix.size()));
  return true;
}

/// "1,234.50" as "1234.50"; empty if it is no such thing.
std::string ungrouped(std::string_view text, const NumberSigns& signs) {
  const std::size_t point = std::min(text.find(signs.point), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string plain;
  std::size_t group = 0;
  bool is_grouped = false;
  for (const char c : whole) {
    if (is_digit(c)) {
      plain += c;
      ++group;
      continue;
    }
    const bool is_full = is_grouped ? group == 3 : group >= 1 && group <= 3;
    if (c != signs.thousands || !is_full) return {};
    is_grouped = true;
    group = 0;
  }
  if (group == 0 || (is_grouped && group != 3)) return {};
  if (point == text.size()) return plain;
  const std::string_view fraction = text.substr(point + 1);
  if (fraction.empty() || !std::all_of(fraction.begin(), fraction.end(), is_digit)) return {};
  return plain + "." + std::string(fraction);
}

/// Takes the signs off both sides of a number; false if two of them contradict.
struct Surroundings {
  bool is_negative = false;
  int exponent = 0;

  bool take_off(std::string_view& text, const NumberSigns& signs) {
    int minus_signs = 0;
    int plus_signs = 0;
    const auto take_sign = [&] {
      if (skip(text, "-") || skip(text, "\xE2\x88\x92"))
        ++minus_signs;
      else if (skip(text, "+"))
        ++plus_signs;
    };
    if (text.starts_with('(') && text.ends_with(')') && text.size() > 2) {
      text = trim(text.substr(1, text.size() - 2));
      ++minus_signs;
    }
    take_sign();
    int currencies = 0;
    if (std::any_of(signs.currencies.begin(), signs.currencies.end(),
                    [&](const std::string& sign) { return skip(text, sign); }))
      ++currencies;
    if (minus_signs + plus_signs == 0 && currencies > 0) take_sign();
    if (minus_signs + plus_signs == 0 && cut(text, "-")) ++minus_signs;
    if (std::any_of(signs.currencies.begin(), signs.currencies.end(), [&](const std::string& sign) {
          return cut(text, sign + "整") || cut(text, sign);
        }))
      ++currencies;
    take_unit(text, signs);
    is_negative = minus_signs > 0;
    return minus_signs + plus_signs <= 1 && currencies <= 2;
  }

 private:
  void take_unit(std::string_view& text, const NumberSigns& signs) {
    const auto take = [&](const auto& units) {
      for (const Unit& unit : units)
        if (cut(text, unit.name)) {
          exponent = unit.exponent;
          return true;
        }
      return false;
    };
    if (!signs.allows_percent || !take(kPercents)) take(kUnits);
  }
};

}  // namespace

std::string shift_point(std::string_view digits, int exponent) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string all(digits.substr(0, point));
  if (point < digits.size()) all += digits.substr(point + 1);
  std::ptrdiff_t place = static_cast<std::ptrdiff_t>(point) + exponent;
  if (place < 0) {
    all.insert(0, static_cast<std::size_t>(-place), '0');
    place = 0;
  }
  if (place > static_cast<std::ptrdiff_t>(all.size()))
    all.append(static_cast<std::size_t>(place) - all.size(), '0');
  std::string whole = all.substr(0, static_cast<std::size_t>(place));
  std::string fraction = all.substr(static_cast<std::size_t>(place));
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (whole.empty()) whole = "0";
  return fraction.empty() ? whole : whole + "." + fraction;
}

Parsed<std::string> plain_number(std::string_view utf8, const NumberSigns& signs) {
  std::string_view text = trim(utf8);
  if (text.empty()) return {"", ParseProblem::empty};
  if (text.size() > kLongest) return {"", ParseProblem::not_a_number};
  if (has_chinese_numeral(text)) {
    for (const std::string& sign : signs.currencies)
      if (skip(text, sign)) break;
    if (!signs.allows_percent && text.find("百分之") != text.npos)
      return {"", ParseProblem::not_a_number};
    return plain_chinese_number(text);
  }
  Surroundings around;
  if (!around.take_off(text, signs)) return {"", ParseProblem::not_a_number};
  const std::string plain = ungrouped(text, signs);
  if (plain.empty()) return {"", ParseProblem::not_a_number};
  std::string value = shift_point(plain, around.exponent);
  if (around.is_negative && value != "0") value.insert(0, "-");
  // What a unit makes too long to be read again is no number to begin with.
  if (value.size() > kLongest) return {"", ParseProblem::out_of_range};
  return {std::move(value), ParseProblem::none};
}

}  // namespace tallymill
