#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"
#include "verify/proof.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// Numbers of currencies, in the order in which they were seen. Amounts that are of none are of "".
class Currencies {
 public:
  std::uint32_t number_of(std::string_view name);
  const std::string& name(std::uint32_t number) const { return names_.at(number); }

 private:
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<std::string> names_;
};

/// Rows and sums of one class of a statement, currency by currency and side by side.
struct ClassSums {
  std::int64_t rows = 0;
  std::map<std::string, std::vector<Int128>> sums = {};

  /// `side`: one of `sides`.
  void add(const std::string& currency, std::size_t side, std::size_t sides, std::int64_t of_rows,
           Int128 amount);
};

/// What the books say of a class, "left_amount" or "left_amount CNY", against what was counted:
/// two texts that are equal where both are.
class ClassTexts {
 public:
  /// `sides`: their names. `scale`: of amounts.
  ClassTexts(std::vector<std::string> sides, int scale) : sides_(std::move(sides)), scale_(scale) {}

  /// One identity each of every class of the books, and of every counted one that is not there.
  void compare(const RecordedJob& job, std::map<std::string, ClassSums> classes,
               const std::string& identity, Proof& proof) const;
  /// Of one class that stands in the books as `entry`.
  void compare(const RecordedJob& job, const json::object& entry, const ClassSums& counted,
               const std::string& identity, Proof& proof) const;

 private:
  std::string text(const std::string& name, std::int64_t rows, const auto& amount_of,
                   const std::vector<std::string>& currencies) const;

  std::vector<std::string> sides_;
  int scale_;
};

}  // namespace tallymill::verify
