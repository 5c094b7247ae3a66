#include "rules/format_checksums.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "core/time/date.h"

namespace tallymill {
namespace {

int digit(char c) { return c - '0'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool are_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// 0..9, A = 10, ..., Z = 35; -1 for anything else.
int alphanumeric(char c) {
  if (is_digit(c)) return digit(c);
  return is_upper(c) ? c - 'A' + 10 : -1;
}

/// Remainder of the number that stands there when letters are two digits (A = 10); -1 if another
/// character stands there.
int mod_97(std::string_view text) {
  int rest = 0;
  for (char c : text) {
    const int value = alphanumeric(c);
    if (value < 0) return -1;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

struct IbanLength {
  char country[3];
  std::size_t length;
};

/// IBAN registry (SWIFT), countries and lengths.
constexpr IbanLength kIbanLengths[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27},
    {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
    {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20}, {"MR", 27},
    {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24}, {"PL", 28},
    {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24}, {"SC", 31},
    {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28},
    {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30}};

/// First two digits of GB/T 2260 codes: provinces, autonomous regions, municipalities, the two
/// special regions and Taiwan; 81 to 83 also stand for residence permits.
bool is_cn_province(int code) {
  constexpr std::array kProvinces{11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34,
                                  35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
                                  53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83};
  return std::find(kProvinces.begin(), kProvinces.end(), code) != kProvinces.end();
}

/// GB 32100: no I, O, S, V, Z, which look like digits.
constexpr std::string_view kUsccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

}  // namespace

bool has_luhn_digit(std::string_view digits) {
  if (!are_digits(digits) || digits.size() < 2) return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int value = digit(digits[digits.size() - 1 - i]);
    const int doubled = i % 2 == 1 ? 2 * value : value;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 == 0;
}

bool has_gs1_digit(std::string_view digits) {
  if (!are_digits(digits) || digits.size() < 2) return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i)
    sum += digit(digits[digits.size() - 1 - i]) * (i % 2 == 1 ? 3 : 1);
  return sum % 10 == 0;
}

bool is_isbn10(std::string_view text) {
  if (text.size() != 10 || !are_digits(text.substr(0, 9))) return false;
  if (!is_digit(text[9]) && text[9] != 'X') return false;
  int sum = text[9] == 'X' ? 10 : digit(text[9]);
  for (int i = 0; i < 9; ++i) sum += (10 - i) * digit(text[static_cast<std::size_t>(i)]);
  return sum % 11 == 0;
}

bool is_issn(std::string_view text) {
  std::string plain(text);
  if (plain.size() == 9 && plain[4] == '-') plain.erase(4, 1);
  if (plain.size() != 8 || !are_digits(plain.substr(0, 7))) return false;
  if (!is_digit(plain[7]) && plain[7] != 'X') return false;
  int sum = plain[7] == 'X' ? 10 : digit(plain[7]);
  for (int i = 0; i < 7; ++i) sum += (8 - i) * digit(plain[static_cast<std::size_t>(i)]);
  return sum % 11 == 0;
}

bool has_mod_11_2(std::string_view text) {
  if (text.size() < 2 || !are_digits(text.substr(0, text.size() - 1))) return false;
  int total = 0;
  for (char c : text.substr(0, text.size() - 1)) total = (total + digit(c)) * 2 % 11;
  const int check = (12 - total) % 11;
  return text.back() == (check == 10 ? 'X' : static_cast<char>('0' + check));
}

bool is_iban(std::string_view text) {
  if (text.size() < 5) return false;
  const auto country =
      std::find_if(std::begin(kIbanLengths), std::end(kIbanLengths), [&](const IbanLength& known) {
        return text.substr(0, 2) == std::string_view(known.country, 2);
      });
  if (country == std::end(kIbanLengths) || country->length != text.size()) return false;
  // 00, 01 and 99 can stand there by chance but are never computed.
  const std::string_view check = text.substr(2, 2);
  if (!are_digits(check) || check < "02" || check > "98") return false;
  return mod_97(std::string(text.substr(4)) + std::string(text.substr(0, 4))) == 1;
}

bool is_isin(std::string_view text) {
  if (text.size() != 12 || !is_upper(text[0]) || !is_upper(text[1]) || !is_digit(text[11]))
    return false;
  std::string digits;
  for (char c : text) {
    const int value = alphanumeric(c);
    if (value < 0) return false;
    digits += std::to_string(value);
  }
  return has_luhn_digit(digits);
}

bool is_lei(std::string_view text) {
  return text.size() == 20 && are_digits(text.substr(18)) && mod_97(text) == 1;
}

bool is_cn_id_card(std::string_view text) {
  if (text.size() != 18 || !are_digits(text.substr(0, 17))) return false;
  if (!is_cn_province(digit(text[0]) * 10 + digit(text[1]))) return false;
  const std::string day = std::string(text.substr(6, 4)) + "-" + std::string(text.substr(10, 2)) +
                          "-" + std::string(text.substr(12, 2));
  return parse_date(day) && has_mod_11_2(text);
}

bool is_cn_uscc(std::string_view text) {
  if (text.size() != 18 || !are_digits(text.substr(2, 6))) return false;
  int sum = 0;
  int weight = 1;
  for (char c : text.substr(0, 17)) {
    const std::size_t value = kUsccAlphabet.find(c);
    if (value == std::string_view::npos) return false;
    sum += static_cast<int>(value) * weight;
    weight = weight * 3 % 31;
  }
  return text[17] == kUsccAlphabet[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

bool is_cn_org_code(std::string_view text) {
  constexpr std::array kWeights{3, 7, 9, 10, 5, 8, 4, 2};
  std::string plain(text);
  if (plain.size() == 10 && plain[8] == '-') plain.erase(8, 1);
  if (plain.size() != 9) return false;
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i) {
    const int value = alphanumeric(plain[i]);
    if (value < 0) return false;
    sum += value * kWeights[i];
  }
  const int check = (11 - sum % 11) % 11;
  return plain[8] == (check == 10 ? 'X' : static_cast<char>('0' + check));
}

}  // namespace tallymill
