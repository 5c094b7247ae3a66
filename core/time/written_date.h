#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time/date.h"

namespace tallymill {

/// The date in `utf8` with ASCII digits: Chinese numerals as numbers (二〇二四年三月廿一日 is
/// 2024年3月21日), 元月 as 1月, 号 as 日, years of the Republic as years of our era (民国113年 is
/// 2024年). All else stays.
std::string fold_date(std::string_view utf8);

/// Reads dates that were written in one of several forms.
///
/// A form is a pattern of parse_date(), `excel` (days since 1899-12-30, as spreadsheets count from
/// 1900-03-01 on), `epoch_s` or `epoch_ms` (since 1970-01-01T00:00:00Z).
class WrittenDate {
 public:
  explicit WrittenDate(const std::vector<std::string>& forms);

  /// What is wrong with a form a user wrote; empty if nothing is.
  static std::string form_problem(std::string_view form);

  /// The day the first fitting form gives. Where another form gives another day the text is
  /// `ambiguous`, unless `takes_first`.
  Parsed<Date> parse(std::string_view text, bool takes_first) const;

 private:
  struct Form {
    std::string count;  ///< excel, epoch_s or epoch_ms; empty: a pattern
    std::optional<TimestampPattern> pattern;
  };

  std::vector<Form> forms_;
};

}  // namespace tallymill
