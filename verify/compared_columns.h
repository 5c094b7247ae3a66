#pragma once

#include <array>
#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/time/calendar.h"
#include "verify/published_rows.h"
#include "verify/sides.h"

namespace tallymill::verify {

/// A value of one side in the form in which both sides are compared. A missing one comes last.
struct ComparedValue {
  bool is_missing = true;
  /// Numbers: units of the results' scale. Dates: days. Timestamps: microseconds. Booleans: 0, 1.
  Int128 number = 0;
  std::string text = {};

  static ComparedValue of_number(std::optional<Int128> value) {
    return {.is_missing = !value, .number = value.value_or(0)};
  }
  std::optional<Int128> as_number() const {
    return is_missing ? std::nullopt : std::optional(number);
  }
  friend std::strong_ordering operator<=>(const ComparedValue&, const ComparedValue&) = default;
};

/// Appends the value so that equal ones give equal bytes.
void append_value(const ComparedValue& value, std::string& bytes);

/// An entry of `compare:`: two columns of rows of one key, and how far they may differ.
class ComparedColumn {
 public:
  enum class Kind { number, day, other };

  /// `breaks`: the shape of the job's breaks, which have both columns in the form they are compared
  /// in. Empty, and `unknown` says why, if what it takes is not at hand.
  static std::optional<ComparedColumn> read(const RecordedJob& job, const Options& entry,
                                            const Schema& breaks, std::string& unknown);

  const std::string& name() const { return name_; }
  Kind kind() const { return kind_; }
  /// What the column is called on the left (0) and on the right (1).
  const std::string& column(std::size_t side) const { return columns_[side]; }
  /// Why a column of this type cannot be compared; empty: it can.
  std::string misfit(const Type& type, std::size_t side) const;

  /// Of a row of a side, whose column at `place` is of `type`.
  ComparedValue value(const Row& row, std::size_t place, const Type& type, std::size_t side) const;
  /// Of a break, where it stands in its compared form.
  static ComparedValue told(const Row& row, std::size_t place, const Type& type);
  /// By more than they may.
  bool differs(const ComparedValue& left, const ComparedValue& right) const;
  /// By how much, as breaks tell it: "0.05", "3 days", "differs", "missing".
  std::string distance(const ComparedValue& left, const ComparedValue& right) const;
  /// For people: "***" where the column is sensitive.
  std::string shown(const ComparedValue& value) const;

 private:
  std::int64_t days_between(const ComparedValue& left, const ComparedValue& right) const;

  std::string name_;
  std::array<std::string, 2> columns_;
  Type type_;
  Kind kind_ = Kind::other;
  bool is_sensitive_ = false;
  Factor factor_;  ///< of the right side's numbers
  Tolerance tolerance_ = Tolerance::none();
  std::optional<std::int64_t> days_ = {};
  std::shared_ptr<const Calendar> calendar_ = {};  ///< days are its work days
  std::shared_ptr<const std::map<std::string, std::string, std::less<>>> meanings_ = {};
};

}  // namespace tallymill::verify
