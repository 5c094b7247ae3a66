#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tallymill {

/// A plain decimal of any size, compared exactly: 1.50 equals 1.5, and no double is near.
class ExactNumber {
 public:
  ExactNumber() = default;
  explicit ExactNumber(std::int64_t value);
  /// "-12.30", "5"; empty for anything else.
  static std::optional<ExactNumber> parse(std::string_view text);

  std::string text() const;  ///< without needless zeros
  friend bool operator==(const ExactNumber&, const ExactNumber&) = default;
  friend std::strong_ordering operator<=>(const ExactNumber& a, const ExactNumber& b);

 private:
  bool is_negative_ = false;
  std::string whole_;     ///< no leading zeros; empty: 0
  std::string fraction_;  ///< no trailing zeros
};

enum class ConditionKind : std::uint8_t { boolean, number, text, date };
using ConditionValue = std::variant<bool, ExactNumber, std::string>;
enum class Comparison : std::uint8_t { equal, unequal, less, at_most, greater, at_least };

std::string_view kind_name(ConditionKind kind);  ///< "a number"
std::string text_of(const ConditionValue& value);
/// Both of one kind.
bool holds(Comparison comparison, const ConditionValue& left, const ConditionValue& right);

/// Of a parameter's type: text, integer, money, ...
ConditionKind condition_kind_of(std::string_view param_type);
/// A parameter's text as a value; its type was checked before.
ConditionValue condition_value_of(ConditionKind kind, std::string_view text);

}  // namespace tallymill
