#include "jobs/two_sided_statement.h"

#include "jobs/job_books.h"

namespace tallymill {
namespace {

using Totals = std::vector<books::MatchSideTotals>;

/// "left_amount", or with currencies "left_amount CNY".
std::string ledger_name(const char* amount, const std::string& currency) {
  return currency.empty() ? amount : std::string(amount) + " " + currency;
}

json::object told(const StatementLine& line, const TwoSides& sides) {
  const books::MatchClass& each = line.rows;
  json::object told;
  if (sides.has_currencies) told["currency"] = each.currency;
  told["class"] = each.name;
  told["keys"] = each.keys;
  told["left_rows"] = each.left_rows;
  told["right_rows"] = each.right_rows;
  told["left_amount"] = format_decimal(each.left_amount, sides.scale);
  told["right_amount"] = format_decimal(each.right_amount, sides.scale);
  told["difference"] = format_decimal(each.left_amount - each.right_amount, sides.scale);
  if (line.ambiguous) told["ambiguous"] = *line.ambiguous;
  return told;
}

}  // namespace

json::object side_line(const std::vector<books::MatchSideTotals>& totals, int scale,
                       bool has_currencies) {
  std::int64_t rows = 0;
  std::int64_t missing_keys = 0;
  json::object amounts;
  for (const books::MatchSideTotals& each : totals) {
    rows += each.rows;
    missing_keys += each.missing_keys;
    amounts[each.currency] = format_decimal(each.amount, scale);
  }
  json::object line{{"rows", rows}};
  if (has_currencies)
    line["amounts"] = std::move(amounts);
  else
    line["amount"] = amounts.begin()->value();
  if (missing_keys > 0) line["missing_keys"] = missing_keys;
  return line;
}

std::int64_t TwoSides::rows() const {
  std::int64_t rows = 0;
  for (const Totals* side : {&left, &right})
    for (const books::MatchSideTotals& each : *side) rows += each.rows;
  return rows;
}

void state_two_sides(JobContext& context, const TwoSides& sides) {
  std::map<std::string, Int128> gaps;
  for (const books::MatchSideTotals& each : sides.left) gaps[each.currency] += each.amount;
  for (const books::MatchSideTotals& each : sides.right) gaps[each.currency] -= each.amount;
  std::map<std::string, Int128> unexplained = gaps;
  json::array lines;
  for (const StatementLine& line : sides.lines) {
    unexplained[line.rows.currency] -= line.rows.left_amount - line.rows.right_amount;
    lines.push_back(told(line, sides));
  }
  const auto amounts = [&](const std::map<std::string, Int128>& of) -> json::value {
    if (!sides.has_currencies) return format_decimal(of.begin()->second, sides.scale).c_str();
    json::object each;
    for (const auto& [currency, amount] : of) each[currency] = format_decimal(amount, sides.scale);
    return each;
  };
  context.result().report["statement"] = {
      {"left", side_line(sides.left, sides.scale, sides.has_currencies)},
      {"right", side_line(sides.right, sides.scale, sides.has_currencies)},
      {"difference", amounts(gaps)},
      {"classes", std::move(lines)},
      {"residual", amounts(unexplained)}};
}

void close_two_sides(JobContext& context, const TwoSides& sides) {
  std::map<std::string, int> scales;
  for (const Totals* side : {&sides.left, &sides.right})
    for (const books::MatchSideTotals& each : *side)
      for (const char* amount : {"left_amount", "right_amount"})
        scales[ledger_name(amount, each.currency)] = sides.scale;
  Ledger ledger(scales);
  const auto add_side = [&](const char* name, const char* amount, const Totals& totals) {
    Ledger::Entry& debit = ledger.debit(name);
    for (const books::MatchSideTotals& each : totals) {
      debit.rows += each.rows;
      debit.amounts[ledger_name(amount, each.currency)] = each.amount;
    }
  };
  add_side("left", "left_amount", sides.left);
  add_side("right", "right_amount", sides.right);
  for (const StatementLine& line : sides.lines) {
    const books::MatchClass& each = line.rows;
    Ledger::Entry& credit = ledger.credit(each.name);
    credit.rows += each.left_rows + each.right_rows;
    credit.amounts[ledger_name("left_amount", each.currency)] = each.left_amount;
    credit.amounts[ledger_name("right_amount", each.currency)] = each.right_amount;
  }
  close_books(context, ledger);
}

}  // namespace tallymill
