#include "courier/mail_text.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace tallymill {
namespace {

constexpr std::size_t kLongestLine = 76;
constexpr std::string_view kHex = "0123456789ABCDEF";

std::string escaped(unsigned char byte) { return {'=', kHex[byte >> 4], kHex[byte & 15]}; }

bool is_plain(unsigned char c) { return c >= ' ' && c <= '~'; }

bool starts_character(unsigned char c) { return (c & 0xC0) != 0x80; }

}  // namespace

std::string quoted_printable(std::string_view text) {
  std::string result;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n') {
      result += "\r\n";
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    // A blank at the end of a line would be lost; a lone dot at its start means the end in SMTP.
    const bool is_kept =
        is_plain(c) && c != '=' && !(c == ' ' && ends_line) && !(c == '.' && column == 0);
    const std::string part = is_kept ? std::string(1, text[i]) : escaped(c);
    if (column + part.size() > kLongestLine - 1) {
      result += "=\r\n";
      column = 0;
    }
    result += part;
    column += part.size();
  }
  return result;
}

std::string header_text(std::string_view text) {
  if (std::all_of(text.begin(), text.end(),
                  [](char c) { return is_plain(static_cast<unsigned char>(c)); }))
    return std::string(text);
  constexpr std::string_view kOpen = "=?UTF-8?Q?";
  constexpr std::size_t kRoom =
      kLongestLine - kOpen.size() - 2 - 16;  // a character's bytes stay together
  std::string result(kOpen);
  std::size_t used = 0;
  for (const char letter : text) {
    const auto c = static_cast<unsigned char>(letter);
    if (used > kRoom && starts_character(c)) {
      result += "?=\r\n ";
      result += kOpen;
      used = 0;
    }
    const bool is_kept = is_plain(c) && c != '=' && c != '?' && c != '_' && c != ' ';
    const std::string part = c == ' ' ? "_" : is_kept ? std::string(1, letter) : escaped(c);
    result += part;
    used += part.size();
  }
  return result + "?=";
}

std::string mail_date() {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> rest{};
  std::string day = std::to_string(parts.tm_mday);
  std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S +0000", &parts);
  return std::string(kDays[static_cast<std::size_t>(parts.tm_wday)]) + ", " + day + " " +
         kMonths[static_cast<std::size_t>(parts.tm_mon)] + rest.data();
}

}  // namespace tallymill
