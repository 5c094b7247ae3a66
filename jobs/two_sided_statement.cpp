#include "jobs/two_sided_statement.h"

#include "jobs/job_books.h"

namespace tallymill {

/// The statement: what both sides have, what became of it, and that nothing is left unexplained.
void state_two_sides(JobContext& context, const std::vector<StatementLine>& lines_of,
                     const books::MatchSideTotals& left, const books::MatchSideTotals& right,
                     int scale) {
  const auto side = [&](const books::MatchSideTotals& totals) {
    json::object line{{"rows", totals.rows}, {"amount", format_decimal(totals.amount, scale)}};
    if (totals.missing_keys > 0) line["missing_keys"] = totals.missing_keys;
    return line;
  };
  json::array lines;
  Int128 explained = 0;
  for (const StatementLine& line : lines_of) {
    const books::MatchClass& each = line.rows;
    const Int128 difference = each.left_amount - each.right_amount;
    explained += difference;
    json::object told{{"class", each.name},
                      {"keys", each.keys},
                      {"left_rows", each.left_rows},
                      {"right_rows", each.right_rows},
                      {"left_amount", format_decimal(each.left_amount, scale)},
                      {"right_amount", format_decimal(each.right_amount, scale)},
                      {"difference", format_decimal(difference, scale)}};
    if (line.ambiguous) told["ambiguous"] = *line.ambiguous;
    lines.push_back(std::move(told));
  }
  const Int128 gap = left.amount - right.amount;
  context.result().report["statement"] = {{"left", side(left)},
                                          {"right", side(right)},
                                          {"difference", format_decimal(gap, scale)},
                                          {"classes", std::move(lines)},
                                          {"residual", format_decimal(gap - explained, scale)}};
}

/// Every row of both sides is in exactly one class, with its amount.
void close_two_sides(JobContext& context, const std::vector<StatementLine>& lines,
                     const books::MatchSideTotals& left, const books::MatchSideTotals& right,
                     int scale) {
  Ledger ledger({{"left_amount", scale}, {"right_amount", scale}});
  ledger.debit("left").rows = left.rows;
  ledger.debit("left").amounts["left_amount"] = left.amount;
  ledger.debit("right").rows = right.rows;
  ledger.debit("right").amounts["right_amount"] = right.amount;
  for (const StatementLine& line : lines) {
    const books::MatchClass& each = line.rows;
    Ledger::Entry& credit = ledger.credit(each.name);
    credit.rows = each.left_rows + each.right_rows;
    credit.amounts["left_amount"] = each.left_amount;
    credit.amounts["right_amount"] = each.right_amount;
  }
  close_books(context, ledger);
}

}  // namespace tallymill
