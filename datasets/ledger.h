#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/money.h"

namespace tallymill {

/// A job's books in rows and declared amounts (promise 1): one side must equal the other, or
/// nothing of the job is published. Amounts are exact integers of 10^-scale units.
class Ledger {
 public:
  /// Rows and amounts of one class, e.g. ("in") = ("out") + ("rejected") + ("merged").
  struct Entry {
    std::string name = {};
    std::int64_t rows = 0;
    std::map<std::string, Int128> amounts = {};  ///< by column
  };

  /// `amount_scales`: the balanced columns and their scales.
  explicit Ledger(std::map<std::string, int> amount_scales = {})
      : scales_(std::move(amount_scales)) {}

  /// What came in, and where it went. A new name adds an entry, a known one gives it again; the
  /// reference stays good. An entry that balances amounts but counts no rows (`adjusted`), or the
  /// other way round, is simply zero there.
  Entry& debit(std::string_view name);
  Entry& credit(std::string_view name);

  bool balances() const;
  /// Throws Error(data) "the books of job 'x' do not close: rows in 10 = out 8 + rejected 1, 1 row
  /// is missing; amount ..." naming every identity that fails.
  void require_balance(std::string_view job) const;

  /// {"in":[{"name","rows","amounts":{..}}],"out":[...],"balances":true}
  json::object to_json() const;

 private:
  std::map<std::string, int> scales_;
  std::deque<Entry> debits_;
  std::deque<Entry> credits_;
};

}  // namespace tallymill
