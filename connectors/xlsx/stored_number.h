#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tallymill::xlsx {

/// A number as a sheet stores it, exactly: digits * 10^exponent.
struct StoredNumber {
  bool is_negative = false;
  std::string digits;  ///< significant ones: no zero at either end; empty: zero
  int exponent = 0;

  /// Empty if `text` is no number.
  static std::optional<StoredNumber> parse(std::string_view text);
  /// Without an exponent: "0.001", "-1200".
  std::string plain() const;
};

/// What a number cell says.
///
/// A sheet's numbers are binary fractions, written with up to 17 digits: the 1.1 somebody typed
/// may stand in the file as 1.1000000000000001. A number of at most 15 significant digits is taken
/// as it is written. One of more is taken for the binary fraction it stands for: if the shortest
/// decimal that reads back as the same fraction has at most 15 digits, it is the number meant, and
/// no other of so few digits can be. If not, it stays as written and is inexact: arithmetic left
/// it (0.30000000000000004), or a spreadsheet would already have lost its last digits.
struct NumberText {
  std::string text;
  bool is_inexact = false;
};
/// Empty if `text` is no number.
std::optional<NumberText> number_text(std::string_view text);

/// What a cell with a date format shows.
enum class DateStyle { none, date, time, date_time, elapsed };

/// The day and time a serial number stands for, to the millisecond, in exact arithmetic: an ISO
/// date, an ISO date and time, or for a time style below one day a time; hours of an elapsed time
/// may exceed 24. Empty if there is no such day in the spreadsheet's calendar (before 1900, after
/// 9999, or its 1900-02-29).
std::optional<std::string> date_text(const StoredNumber& serial, DateStyle style, bool is_1904);

/// By the number format of a cell: what a built-in format, or a format code, shows.
DateStyle built_in_date_style(int format_id);
DateStyle date_style_of(std::string_view format_code);

}  // namespace tallymill::xlsx
