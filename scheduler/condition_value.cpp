#include "scheduler/condition_value.h"

#include <algorithm>

namespace tallymill {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Digits without leading zeros: the longer one is larger.
std::strong_ordering compare_whole(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

std::strong_ordering compare(const ConditionValue& left, const ConditionValue& right) {
  if (const auto* a = std::get_if<bool>(&left)) return *a <=> std::get<bool>(right);
  if (const auto* a = std::get_if<ExactNumber>(&left)) return *a <=> std::get<ExactNumber>(right);
  return std::get<std::string>(left) <=> std::get<std::string>(right);
}

}  // namespace

ExactNumber::ExactNumber(std::int64_t value) { *this = parse(std::to_string(value)).value(); }

std::optional<ExactNumber> ExactNumber::parse(std::string_view text) {
  ExactNumber number;
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (!is_digits(whole) || (point != std::string_view::npos && !is_digits(fraction)))
    return std::nullopt;
  number.whole_ = whole.substr(std::min(whole.find_first_not_of('0'), whole.size()));
  number.fraction_ = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  number.is_negative_ = is_negative && !(number.whole_.empty() && number.fraction_.empty());
  return number;
}

std::string ExactNumber::text() const {
  return (is_negative_ ? "-" : "") + (whole_.empty() ? std::string("0") : whole_) +
         (fraction_.empty() ? "" : "." + fraction_);
}

std::strong_ordering operator<=>(const ExactNumber& a, const ExactNumber& b) {
  if (a.is_negative_ != b.is_negative_)
    return a.is_negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  const ExactNumber& low = a.is_negative_ ? b : a;
  const ExactNumber& high = a.is_negative_ ? a : b;
  const auto whole = compare_whole(low.whole_, high.whole_);
  return whole != std::strong_ordering::equal ? whole : low.fraction_ <=> high.fraction_;
}

std::string_view kind_name(ConditionKind kind) {
  switch (kind) {
    case ConditionKind::boolean:
      return "true or false";
    case ConditionKind::number:
      return "a number";
    case ConditionKind::text:
      return "a text";
    case ConditionKind::date:
      break;
  }
  return "a date";
}

std::string text_of(const ConditionValue& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* number = std::get_if<ExactNumber>(&value)) return number->text();
  return "'" + std::get<std::string>(value) + "'";
}

bool holds(Comparison comparison, const ConditionValue& left, const ConditionValue& right) {
  const std::strong_ordering order = compare(left, right);
  switch (comparison) {
    case Comparison::equal:
      return std::is_eq(order);
    case Comparison::unequal:
      return std::is_neq(order);
    case Comparison::less:
      return std::is_lt(order);
    case Comparison::at_most:
      return std::is_lteq(order);
    case Comparison::greater:
      return std::is_gt(order);
    case Comparison::at_least:
      break;
  }
  return std::is_gteq(order);
}

ConditionKind condition_kind_of(std::string_view param_type) {
  if (param_type == "text") return ConditionKind::text;
  if (param_type == "date") return ConditionKind::date;
  return param_type == "boolean" ? ConditionKind::boolean : ConditionKind::number;
}

ConditionValue condition_value_of(ConditionKind kind, std::string_view text) {
  if (kind == ConditionKind::boolean) return text == "true";
  if (kind == ConditionKind::number) return ExactNumber::parse(text).value_or(ExactNumber());
  return std::string(text);
}

}  // namespace tallymill
