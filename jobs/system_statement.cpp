#include "jobs/system_statement.h"

#include "jobs/job_books.h"
#include "jobs/two_sided_statement.h"

namespace tallymill {

using Role = books::MatchSystem::Role;

std::string SystemStatement::text(Int128 amount) const {
  return format_decimal(amount, plan_.amount.scale);
}

/// "crm_amount", or with currencies "crm_amount CNY".
std::string SystemStatement::ledger_name(std::size_t system, const std::string& currency) const {
  return plan_.systems[system].name + "_amount" + (currency.empty() ? currency : " " + currency);
}

void SystemStatement::state(JobContext& context) const {
  json::array systems;
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    json::object line{{"system", plan_.systems[i].name}};
    for (auto& each : side_line(totals_[i], plan_.amount.scale, plan_.currency.has_value()))
      line[each.key()] = std::move(each.value());
    systems.push_back(std::move(line));
  }
  json::array lines;
  for (const books::SystemClass& each : classes_) {
    json::object line;
    if (plan_.currency) line["currency"] = each.currency;
    line["class"] = each.name;
    line["keys"] = each.keys;
    json::object amounts;
    for (std::size_t i = 0; i < each.amounts.size(); ++i)
      amounts[plan_.systems[i].name] = text(each.amounts[i]);
    line["amounts"] = std::move(amounts);
    lines.push_back(std::move(line));
  }
  json::object statement{{"systems", std::move(systems)}, {"classes", std::move(lines)}};
  if (plan_.has_equation()) statement["equation"] = equations();
  context.result().report["statement"] = std::move(statement);
}

json::value SystemStatement::equations() const {
  if (!plan_.currency) return equation({});
  json::object all;
  for (const std::string& currency : currencies()) all[currency] = equation(currency);
  return all;
}

/// Of all systems together, by name.
std::set<std::string> SystemStatement::currencies() const {
  std::set<std::string> currencies;
  for (const auto& system : totals_)
    for (const books::MatchSideTotals& each : system) currencies.insert(each.currency);
  return currencies;
}

/// Opening and movements of all keys together; what is unexplained stands in breaks key by key.
json::object SystemStatement::equation(const std::string& currency) const {
  Int128 opening = 0;
  Int128 in = 0;
  Int128 out = 0;
  Int128 closing = 0;
  for (std::size_t i = 0; i < totals_.size(); ++i)
    for (const books::MatchSideTotals& each : totals_[i]) {
      if (each.currency != currency) continue;
      const Role role = plan_.systems[i].role;
      if (role == Role::opening) opening += each.amount;
      if (role == Role::in) in += each.amount;
      if (role == Role::out) out += each.amount;
      if (role == Role::closing) closing += each.amount;
    }
  return {{"opening", text(opening)},
          {"in", text(in)},
          {"out", text(out)},
          {"closing", text(closing)},
          {"residual", text(opening + in - out - closing)}};
}

void SystemStatement::close(JobContext& context) const {
  std::map<std::string, int> scales;
  for (const std::string& currency : currencies())
    for (std::size_t i = 0; i < totals_.size(); ++i)
      scales[ledger_name(i, currency)] = plan_.amount.scale;
  Ledger ledger(scales);
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    Ledger::Entry& debit = ledger.debit(plan_.systems[i].name);
    for (const books::MatchSideTotals& each : totals_[i]) {
      debit.rows += each.rows;
      debit.amounts[ledger_name(i, each.currency)] = each.amount;
    }
  }
  for (const books::SystemClass& each : classes_) {
    Ledger::Entry& credit = ledger.credit(each.name);
    for (std::size_t i = 0; i < totals_.size(); ++i) {
      credit.rows += each.rows[i];
      credit.amounts[ledger_name(i, each.currency)] = each.amounts[i];
    }
  }
  close_books(context, ledger);
}

}  // namespace tallymill
