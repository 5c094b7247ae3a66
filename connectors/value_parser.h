#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/money.h"
#include "core/time/date.h"
#include "datasets/type.h"

namespace tallymill {

/// A parsed value. Which member counts follows from the type: `text` for text and enumerations,
/// `wide` for decimals beyond 18 digits, `number` for everything else (a date is days, a timestamp
/// microseconds, a boolean 0 or 1, money minor units).
struct ParsedValue {
  std::string_view text;
  std::int64_t number = 0;
  Int128 wide = 0;
};

/// The one door from source text to a typed value: strict, exact, never through a double. The
/// common forms take a short path; everything else goes to the parsers of core/, which decide.
class ValueParser {
 public:
  enum class Layout { text, number, wide };

  /// `pattern`: of dates and timestamps that are not ISO, see parse_timestamp(). `values` of an
  /// enumeration are copied.
  explicit ValueParser(Type type, std::string_view pattern = {});

  /// ParseProblem::none if `text` is a value of the type; `value` is set only then and points into
  /// `text` where it is text.
  ParseProblem parse(std::string_view text, ParsedValue& value) const;

  const Type& type() const { return type_; }
  Layout layout() const { return layout_; }

 private:
  ParseProblem parse_number(std::string_view text, int precision, ParsedValue& value) const;
  ParseProblem parse_timestamp_text(std::string_view text, ParsedValue& value) const;

  Type type_;
  std::optional<TimestampPattern> pattern_;
  Layout layout_;
};

/// The value a parsed number stands for, whatever its layout; 0 for text.
inline Int128 exact_number(const ValueParser& parser, const ParsedValue& value) {
  return parser.layout() == ValueParser::Layout::wide ? value.wide : Int128{value.number};
}

}  // namespace tallymill
