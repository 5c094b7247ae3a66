#include "core/chinese_number.h"

#include <array>
#include <optional>

#include "core/utf8.h"
#include "core/written_number.h"

namespace tallymill {
namespace {

constexpr std::size_t kLongest = 64;  ///< characters; nobody writes a longer number
constexpr std::int64_t kTenThousand = 10'000;
constexpr std::int64_t kHundredMillion = 100'000'000;

using Characters = std::u32string;

Characters characters_of(std::string_view utf8) {
  Characters characters;
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Character character = decode_utf8(utf8, at);
    characters += character.code;
    at += character.bytes;
  }
  return characters;
}

bool is_one_of(char32_t code, std::u32string_view set) { return set.find(code) != set.npos; }

/// 十, 百 or 千 as a number; 0 if it is none.
std::int64_t small_unit(char32_t code) {
  if (is_one_of(code, U"十拾")) return 10;
  if (is_one_of(code, U"百佰")) return 100;
  return is_one_of(code, U"千仟") ? 1000 : 0;
}

/// Reads a number with units from left to right.
class Reader {
 public:
  explicit Reader(std::u32string_view text) : text_(text) {}

  Parsed<std::int64_t> read() {
    std::int64_t value = below_hundred_million();
    if (take(U"亿億")) {
      if (value == 0) fail(ParseProblem::not_a_number);
      value *= kHundredMillion;
      value += rest(&Reader::below_hundred_million);
    }
    if (at_ != text_.size()) fail(ParseProblem::not_a_number);
    return {value, problem_};
  }

 private:
  bool take(std::u32string_view set) {
    if (at_ == text_.size() || !is_one_of(text_[at_], set)) return false;
    ++at_;
    return true;
  }
  void fail(ParseProblem problem) {
    if (problem_ == ParseProblem::none) problem_ = problem;
  }

  std::int64_t below_hundred_million() {
    std::int64_t value = section();
    if (take(U"万萬")) {
      if (value == 0) fail(ParseProblem::not_a_number);
      value *= kTenThousand;
      value += rest(&Reader::section);
    }
    return value;
  }

  /// What follows 万 or 亿: nothing, or a smaller number. A single digit without 零 is shorthand
  /// for the next unit to some.
  std::int64_t rest(std::int64_t (Reader::*part)()) {
    if (at_ == text_.size() || is_one_of(text_[at_], U"亿億")) return 0;
    const bool has_zero = is_one_of(text_[at_], U"零〇");
    const std::size_t from = at_;
    const std::int64_t value = (this->*part)();
    if (!has_zero && at_ - from == 1 && value < 10) fail(ParseProblem::ambiguous);
    if (value == 0) fail(ParseProblem::not_a_number);
    return value;
  }

  /// Up to 9999.
  std::int64_t section() {
    std::int64_t value = 0;
    std::int64_t unit = kTenThousand;
    bool after_zero = false;
    bool has_any = false;
    while (at_ < text_.size()) {
      if (!after_zero && take(U"零〇")) {
        after_zero = true;
        continue;
      }
      const int digit = chinese_digit(text_[at_]);
      if (digit == 0) break;
      const bool is_digit = digit > 0;
      const std::size_t unit_at = at_ + (is_digit ? 1 : 0);
      const std::int64_t next = unit_at < text_.size() ? small_unit(text_[unit_at]) : 0;
      if (next == 0 && !is_digit) break;
      // Only ten may stand without a digit in front.
      if (next != 0 && (next >= unit || (!is_digit && next != 10))) {
        fail(ParseProblem::not_a_number);
        break;
      }
      has_any = true;
      if (next == 0) {
        if (unit != kTenThousand && unit != 10 && !after_zero) fail(ParseProblem::ambiguous);
        value += digit;
        ++at_;
        after_zero = false;
        break;
      }
      value += (is_digit ? digit : 1) * next;
      unit = next;
      at_ = unit_at + 1;
      after_zero = false;
    }
    if (after_zero || !has_any) fail(ParseProblem::not_a_number);
    return value;
  }

  std::u32string_view text_;
  std::size_t at_ = 0;
  ParseProblem problem_ = ParseProblem::none;
};

std::optional<std::string> digits_one_by_one(std::u32string_view text) {
  std::string digits;
  for (const char32_t code : text) {
    const int digit = chinese_digit(code);
    if (digit < 0) return std::nullopt;
    digits += static_cast<char>('0' + digit);
  }
  if (digits.empty()) return std::nullopt;
  return digits;
}

Parsed<std::string> whole_number(std::u32string_view text) {
  if (auto digits = digits_one_by_one(text)) return {std::move(*digits), ParseProblem::none};
  const Parsed<std::int64_t> value = Reader(text).read();
  return {std::to_string(value.value), value.problem};
}

Parsed<std::string> number_with_point(std::u32string_view text) {
  const std::size_t point = text.find_first_of(U"点點");
  if (point == text.npos) return whole_number(text);
  Parsed<std::string> whole = whole_number(text.substr(0, point));
  const auto fraction = digits_one_by_one(text.substr(point + 1));
  if (!fraction) return {"", ParseProblem::not_a_number};
  whole.value += "." + *fraction;
  return whole;
}

/// 壹佰贰拾叁元零肆角伍分整, or a part of it. Hundredths are added as digits behind the point.
Parsed<std::string> amount(std::u32string_view text) {
  constexpr std::u32string_view kYuan = U"元圆圓块塊";
  if (is_one_of(text.back(), U"整正")) text.remove_suffix(1);
  std::string whole = "0";
  const std::size_t yuan = text.find_first_of(kYuan);
  if (yuan != text.npos) {
    Parsed<std::string> read = number_with_point(text.substr(0, yuan));
    if (!read) return read;
    if (read.value.find('.') != std::string::npos && yuan + 1 != text.size())
      return {"", ParseProblem::not_a_number};
    whole = std::move(read.value);
    text.remove_prefix(yuan + 1);
    if (text.empty()) return {std::move(whole), ParseProblem::none};
  }
  std::array<int, 2> parts{0, 0};
  bool has_any = false;
  for (const auto& [place, names] : {std::pair<std::size_t, std::u32string_view>(0, U"角毛"),
                                     std::pair<std::size_t, std::u32string_view>(1, U"分")}) {
    std::u32string_view rest = text;
    if (!rest.empty() && is_one_of(rest[0], U"零〇")) rest.remove_prefix(1);
    if (rest.size() < 2 || !is_one_of(rest[1], names) || chinese_digit(rest[0]) < 1) continue;
    parts[place] = chinese_digit(rest[0]);
    has_any = true;
    text = rest.substr(2);
  }
  // 三块五 leaves the reader to guess.
  if (text.size() == 1 && chinese_digit(text[0]) > 0) return {"", ParseProblem::ambiguous};
  if (!text.empty() || !has_any) return {"", ParseProblem::not_a_number};
  whole += "." + std::to_string(parts[0]) + std::to_string(parts[1]);
  return {std::move(whole), ParseProblem::none};
}

bool skip(std::u32string_view& text, std::u32string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

int chinese_digit(char32_t code) {
  constexpr std::array<std::u32string_view, 10> kDigits{
      U"零〇", U"一壹",   U"二贰貳两兩", U"三叁參叄", U"四肆",
      U"五伍", U"六陆陸", U"七柒",       U"八捌",     U"九玖"};
  for (std::size_t digit = 0; digit < kDigits.size(); ++digit)
    if (is_one_of(code, kDigits[digit])) return static_cast<int>(digit);
  return -1;
}

bool has_chinese_numeral(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Character character = decode_utf8(utf8, at);
    if (character.bytes > 1 &&
        (chinese_digit(character.code) >= 0 || small_unit(character.code) == 10))
      return true;
    at += character.bytes;
  }
  return false;
}

Parsed<std::string> plain_chinese_number(std::string_view utf8) {
  const Characters characters = characters_of(utf8);
  std::u32string_view text(characters);
  if (text.empty()) return {"", ParseProblem::empty};
  if (text.size() > kLongest) return {"", ParseProblem::not_a_number};
  skip(text, U"人民币") || skip(text, U"人民幣");
  const bool is_negative = skip(text, U"负") || skip(text, U"負");
  const bool is_percentage = skip(text, U"百分之");
  if (text.empty()) return {"", ParseProblem::not_a_number};
  const bool is_amount = text.find_first_of(U"元圆圓块塊角毛分整正") != text.npos;
  if (is_amount && is_percentage) return {"", ParseProblem::not_a_number};
  Parsed<std::string> plain = is_amount ? amount(text) : number_with_point(text);
  if (!plain) return {"", plain.problem};
  plain.value = shift_point(plain.value, is_percentage ? -2 : 0);
  if (is_negative && plain.value != "0") plain.value.insert(0, "-");
  return plain;
}

}  // namespace tallymill
