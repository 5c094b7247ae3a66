#include "datasets/ledger.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

using Entries = std::deque<Ledger::Entry>;

Ledger::Entry& entry_of(Entries& entries, std::string_view name) {
  const auto it = std::find_if(entries.begin(), entries.end(),
                               [&](const Ledger::Entry& entry) { return entry.name == name; });
  if (it != entries.end()) return *it;
  return entries.emplace_back(Ledger::Entry{.name = std::string(name)});
}

Int128 amount_of(const Ledger::Entry& entry, const std::string& column) {
  const auto it = entry.amounts.find(column);
  return it == entry.amounts.end() ? 0 : it->second;
}

Int128 checked_sum(Int128 a, Int128 b) {
  Int128 sum = 0;
  if (__builtin_add_overflow(a, b, &sum))
    throw Error(ErrorClass::data, "a sum of the ledger has more than 38 digits");
  return sum;
}

template <class Value>
Int128 total(const Entries& entries, Value value) {
  Int128 sum = 0;
  for (const Ledger::Entry& entry : entries) sum = checked_sum(sum, value(entry));
  return sum;
}

/// "in 10 + carried 2"
template <class Value>
std::string side(const Entries& entries, int scale, Value value) {
  std::vector<std::string> parts;
  for (const Ledger::Entry& entry : entries)
    parts.push_back(entry.name + " " + format_decimal(value(entry), scale));
  return parts.empty() ? "nothing" : join(parts, " + ");
}

std::string row_gap(Int128 gap) {
  const std::string count = format_decimal(gap < 0 ? -gap : gap, 0);
  const bool one = gap == 1 || gap == -1;
  if (gap < 0) return count + (one ? " row too many" : " rows too many");
  return count + (one ? " row is missing" : " rows are missing");
}

std::string amount_gap(Int128 gap, int scale) {
  return format_decimal(gap < 0 ? -gap : gap, scale) + (gap < 0 ? " too much" : " is missing");
}

Int128 rows_of(const Ledger::Entry& entry) { return entry.rows; }

/// The identities that fail, each as "rows in 10 = out 8, 2 rows are missing".
std::vector<std::string> failures(const Entries& debits, const Entries& credits,
                                  const std::map<std::string, int>& scales) {
  std::vector<std::string> failed;
  const auto compare = [&](const std::string& subject, int scale, auto value, auto gap_text) {
    const Int128 gap = checked_sum(total(debits, value), -total(credits, value));
    if (gap != 0)
      failed.push_back(subject + " " + side(debits, scale, value) + " = " +
                       side(credits, scale, value) + ", " + gap_text(gap));
  };
  compare("rows", 0, rows_of, row_gap);
  for (const auto& [column, scale] : scales)
    compare(
        column, scale,
        [&name = column](const Ledger::Entry& entry) { return amount_of(entry, name); },
        [digits = scale](Int128 gap) { return amount_gap(gap, digits); });
  return failed;
}

json::array entries_json(const Entries& entries, const std::map<std::string, int>& scales) {
  json::array list;
  for (const Ledger::Entry& entry : entries) {
    json::object amounts;
    for (const auto& [column, scale] : scales)
      amounts[column] = format_decimal(amount_of(entry, column), scale);
    list.push_back({{"name", entry.name}, {"rows", entry.rows}, {"amounts", std::move(amounts)}});
  }
  return list;
}

/// An amount nobody declared would be balanced by nobody.
void require_declared(const Entries& entries, const std::map<std::string, int>& scales) {
  for (const Ledger::Entry& entry : entries)
    for (const auto& [column, amount] : entry.amounts)
      if (!scales.contains(column))
        throw std::logic_error("ledger entry '" + entry.name + "' has an amount of column '" +
                               column + "', which the ledger does not balance");
}

}  // namespace

Ledger::Entry& Ledger::debit(std::string_view name) { return entry_of(debits_, name); }

Ledger::Entry& Ledger::credit(std::string_view name) { return entry_of(credits_, name); }

bool Ledger::balances() const {
  require_declared(debits_, scales_);
  require_declared(credits_, scales_);
  return failures(debits_, credits_, scales_).empty();
}

void Ledger::require_balance(std::string_view job) const {
  if (balances()) return;
  throw Error(ErrorClass::data, "the books of job '" + std::string(job) + "' do not close: " +
                                    join(failures(debits_, credits_, scales_), "; "));
}

json::object Ledger::to_json() const {
  return {{"in", entries_json(debits_, scales_)},
          {"out", entries_json(credits_, scales_)},
          {"balances", balances()}};
}

}  // namespace tallymill
