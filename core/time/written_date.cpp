#include "core/time/written_date.h"

#include <algorithm>
#include <optional>

#include "core/ascii.h"
#include "core/chinese_number.h"
#include "core/money.h"
#include "core/utf8.h"

namespace tallymill {
namespace {

constexpr std::string_view kExcel = "excel";
constexpr std::string_view kSeconds = "epoch_s";
constexpr std::string_view kMilliseconds = "epoch_ms";
constexpr std::int64_t kSecondsADay = 86'400;
/// Spreadsheets have a 29 February 1900, so days before 1 March 1900 have two numbers.
constexpr std::int64_t kFirstSheetDay = 61;
constexpr std::int64_t kSheetEpoch = 25'569;  ///< the number of 1970-01-01

std::int64_t floor_division(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

Parsed<Date> date_of_day(std::int64_t day) {
  static const std::int64_t first = Date::from_civil(1, 1, 1).days;
  static const std::int64_t last = Date::from_civil(9999, 12, 31).days;
  if (day < first || day > last) return {{}, ParseProblem::out_of_range};
  return {Date{static_cast<std::int32_t>(day)}, ParseProblem::none};
}

Parsed<Date> parse_count(std::string_view text, std::string_view form) {
  const Parsed<std::int64_t> count = parse_integer(text);
  if (!count) return {{}, ParseProblem::not_a_date};
  if (form == kExcel) {
    if (count.value < kFirstSheetDay) return {{}, ParseProblem::not_a_date};
    return date_of_day(count.value - kSheetEpoch);
  }
  return date_of_day(
      floor_division(count.value, form == kSeconds ? kSecondsADay : kSecondsADay * 1000));
}

bool is_count(std::string_view form) {
  return form == kExcel || form == kSeconds || form == kMilliseconds;
}

bool is_tens(char32_t code) { return code == U'十' || code == U'廿' || code == U'卅'; }

/// 三, 十二, 二十三, 廿三 or 二〇二四 in ASCII digits; nothing if it is no number of a date.
std::optional<std::string> number_of(const std::u32string& numerals) {
  const auto tens = std::find_if(numerals.begin(), numerals.end(), is_tens);
  const auto digit = [](char32_t code) { return static_cast<char>('0' + chinese_digit(code)); };
  std::string text;
  if (tens == numerals.end()) {
    for (const char32_t code : numerals) text += digit(code);
    return text;
  }
  const auto before = tens - numerals.begin();
  const auto after = numerals.end() - tens - 1;
  const bool is_sound = before <= (*tens == U'十' ? 1 : 0) && after <= 1 &&
                        (before == 0 || chinese_digit(numerals.front()) > 0) &&
                        (after == 0 || chinese_digit(numerals.back()) > 0);
  if (!is_sound) return std::nullopt;
  if (before == 1)
    text += digit(numerals.front());
  else
    text += *tens == U'十' ? '1' : *tens == U'廿' ? '2' : '3';
  text += after == 1 ? digit(numerals.back()) : '0';
  return text;
}

/// 民国113年 as 2024年; 1 is 1912.
std::string without_era(std::string text) {
  for (const std::string_view era : {"中华民国", "中華民國", "民国", "民國"}) {
    if (!text.starts_with(era)) continue;
    const std::size_t end = text.find_first_not_of("0123456789", era.size());
    const std::string year = text.substr(era.size(), end - era.size());
    if (end == text.npos || year.empty() || year.size() > 3) return text;
    constexpr int kBeforeEra = 1911;
    return std::to_string(std::stoi(year) + kBeforeEra) + text.substr(end);
  }
  return text;
}

}  // namespace

std::string fold_date(std::string_view utf8) {
  std::string text;
  std::u32string numerals;
  std::string_view written;  // of the numerals
  const auto flush = [&] {
    if (!numerals.empty()) text += number_of(numerals).value_or(std::string(written));
    numerals.clear();
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Character character = decode_utf8(utf8, at);
    const std::string_view bytes = utf8.substr(at, character.bytes);
    at += character.bytes;
    if (chinese_digit(character.code) >= 0 || is_tens(character.code)) {
      written = numerals.empty() ? bytes
                                 : std::string_view(written.data(), written.size() + bytes.size());
      numerals += character.code;
      continue;
    }
    flush();
    if (character.code == U'号' || character.code == U'號')
      text += "日";
    else if (character.code == U'元' && utf8.substr(at).starts_with("月"))
      text += "1";
    else
      text += bytes;
  }
  flush();
  return without_era(std::move(text));
}

std::string WrittenDate::form_problem(std::string_view form) {
  return is_count(form) ? std::string() : timestamp_pattern_problem(form);
}

WrittenDate::WrittenDate(const std::vector<std::string>& forms) {
  for (const std::string& form : forms) {
    if (is_count(form))
      forms_.push_back({form, std::nullopt});
    else
      forms_.push_back({{}, TimestampPattern(form)});
  }
}

Parsed<Date> WrittenDate::parse(std::string_view text, bool takes_first) const {
  if (text.empty()) return {{}, ParseProblem::empty};
  std::optional<Date> found;
  for (const Form& form : forms_) {
    const Parsed<Date> date =
        form.pattern ? form.pattern->date_of(text) : parse_count(text, form.count);
    if (!date) continue;
    if (found && *found != date.value) return {{}, ParseProblem::ambiguous};
    found = date.value;
    if (takes_first) break;
  }
  if (!found) return {{}, ParseProblem::not_a_date};
  return {*found, ParseProblem::none};
}

}  // namespace tallymill
