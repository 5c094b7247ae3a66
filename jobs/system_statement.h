#pragma once

#include <set>
#include <string>
#include <vector>

#include "books/system_matching.h"
#include "jobs/job.h"

namespace tallymill {

/// What several systems have and what became of it, in rows and amounts of each. Amounts of several
/// currencies stand beside each other.
class SystemStatement {
 public:
  /// `totals`: of each system, of each currency.
  SystemStatement(const books::SystemPlan& plan, const std::vector<books::SystemClass>& classes,
                  const std::vector<std::vector<books::MatchSideTotals>>& totals)
      : plan_(plan), classes_(classes), totals_(totals) {}

  /// Writes the report's statement.
  void state(JobContext& context) const;
  /// Requires every row of every system to be in exactly one class, with its amount.
  void close(JobContext& context) const;

 private:
  json::value equations() const;
  std::set<std::string> currencies() const;
  json::object equation(const std::string& currency) const;
  std::string text(Int128 amount) const;
  std::string ledger_name(std::size_t system, const std::string& currency) const;

  const books::SystemPlan& plan_;
  const std::vector<books::SystemClass>& classes_;
  const std::vector<std::vector<books::MatchSideTotals>>& totals_;
};

}  // namespace tallymill
