#include "books/break_cause.h"

#include <algorithm>

namespace tallymill::books {
namespace {

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

/// a * n = b, false where the product needs more than 128 bits.
bool is_multiple(Int128 a, Int128 n, Int128 b) {
  Int128 product = 0;
  return !__builtin_mul_overflow(a, n, &product) && product == b;
}

bool has_amounts(const BreakFacts& facts) { return facts.left && facts.right; }

/// One is the other in units ten, a hundred or a thousand times as large.
bool is_other_unit(const BreakFacts& facts) {
  if (!has_amounts(facts) || *facts.left == 0) return false;
  return std::ranges::any_of(std::initializer_list<int>{10, 100, 1000}, [&](int factor) {
    return is_multiple(*facts.left, factor, *facts.right) ||
           is_multiple(*facts.right, factor, *facts.left);
  });
}

/// Added up, but one side added each of its rows several times.
bool is_repeated_sum(const BreakFacts& facts) {
  if (!has_amounts(facts) || *facts.left == 0 || facts.left_rows == facts.right_rows) return false;
  const bool left_has_more = facts.left_rows > facts.right_rows;
  const std::int64_t more = std::max(facts.left_rows, facts.right_rows);
  const std::int64_t fewer = std::min(facts.left_rows, facts.right_rows);
  if (fewer == 0 || more % fewer != 0) return false;
  return left_has_more ? is_multiple(*facts.right, more / fewer, *facts.left)
                       : is_multiple(*facts.left, more / fewer, *facts.right);
}

bool is_rounding(const BreakFacts& facts) {
  return has_amounts(facts) && magnitude(*facts.left - *facts.right) <=
                                   std::max<std::int64_t>({facts.left_rows, facts.right_rows, 1});
}

struct Line {
  const char* cause;
  bool (*holds)(const BreakFacts& facts);
};

constexpr Line kTable[] = {
    {"missing_key", [](const BreakFacts& facts) { return !facts.has_whole_key; }},
    {"missing_left", [](const BreakFacts& facts) { return facts.class_name == "right_only"; }},
    {"missing_right", [](const BreakFacts& facts) { return facts.class_name == "left_only"; }},
    {"no_amount",
     [](const BreakFacts& facts) { return facts.class_name == "amount" && !has_amounts(facts); }},
    {"sign",
     [](const BreakFacts& facts) {
       return facts.class_name == "amount" && *facts.left == -*facts.right;
     }},
    {"duplicate",
     [](const BreakFacts& facts) {
       return facts.class_name == "amount" && is_repeated_sum(facts);
     }},
    {"unit",
     [](const BreakFacts& facts) { return facts.class_name == "amount" && is_other_unit(facts); }},
    {"rounding",
     [](const BreakFacts& facts) { return facts.class_name == "amount" && is_rounding(facts); }},
};

}  // namespace

std::string_view cause_of(const BreakFacts& facts) {
  for (const Line& line : kTable)
    if (line.holds(facts)) return line.cause;
  return facts.class_name;
}

std::string cause_sql(Engine& engine, const Type& amount, const std::string& whole_key) {
  const std::string function = "tm_cause_" + std::to_string(amount.scale);
  const Type wide = Type::decimal(38, amount.scale);
  if (!engine.has_function(function))
    engine.add_function({.name = function,
                         .parameters = {Type::text(), wide, wide, Type::integer(), Type::integer(),
                                        Type::boolean()},
                         .result = {{.name = "value", .type = Type::text()}},
                         .evaluate = [](std::span<const ColumnView> columns, std::size_t rows,
                                        ColumnWriter& result) {
                           for (std::size_t row = 0; row < rows; ++row) {
                             if (columns[0].is_null(row)) {
                               result.set_null(row);
                               continue;
                             }
                             BreakFacts facts{.class_name = columns[0].as<StringRef>()[row].view(),
                                              .left_rows = columns[3].as<std::int64_t>()[row],
                                              .right_rows = columns[4].as<std::int64_t>()[row],
                                              .has_whole_key = columns[5].as<bool>()[row]};
                             if (!columns[1].is_null(row))
                               facts.left = columns[1].as<Int128>()[row];
                             if (!columns[2].is_null(row))
                               facts.right = columns[2].as<Int128>()[row];
                             result.set_text(row, cause_of(facts));
                           }
                         }});
  const std::string type = wide.sql();
  return function + "(class, CAST(left_amount AS " + type + "), CAST(right_amount AS " + type +
         "), left_rows, right_rows, " + whole_key + ")";
}

}  // namespace tallymill::books
