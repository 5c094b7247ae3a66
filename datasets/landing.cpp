#include "datasets/landing.h"

#include <algorithm>
#include <array>

namespace tallymill {
namespace {

constexpr std::array<std::string_view, 10> kIntegers{"TINYINT", "SMALLINT", "INTEGER",   "BIGINT",
                                                     "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
                                                     "UBIGINT", "UHUGEINT"};

bool is_double(std::string_view sql_type) { return sql_type == "DOUBLE" || sql_type == "FLOAT"; }

std::string double_problem(const Type& target) {
  return "a DOUBLE is not exact and cannot become " + target.name();
}

}  // namespace

std::optional<Type> type_from_sql(std::string_view sql_type) {
  if (std::find(kIntegers.begin(), kIntegers.end(), sql_type) != kIntegers.end())
    return Type::integer();
  if (sql_type == "VARCHAR" || sql_type == "ENUM") return Type::text();
  if (sql_type == "DATE") return Type::date();
  if (sql_type == "TIMESTAMP") return Type::timestamp();
  if (sql_type == "BOOLEAN") return Type::boolean();
  if (!sql_type.starts_with("DECIMAL(")) return std::nullopt;
  return type_from_word("decimal" + std::string(sql_type.substr(7)), 0);
}

std::string landing_problem(std::string_view sql_type, const Type& target) {
  // A bare NULL has no type of its own.
  if (sql_type == "NULL") return "";
  const bool to_number = target.is_decimal() || target.kind == TypeKind::integer;
  if (is_double(sql_type) && to_number) return double_problem(target);
  const std::optional<Type> type = type_from_sql(sql_type);
  const std::string mismatch = std::string(sql_type) + " cannot become " + target.name();
  if (!type) return mismatch;
  if (to_number) {
    if (type->kind == TypeKind::integer) return "";
    if (!type->is_decimal()) return mismatch;
    return type->scale <= target.scale
               ? ""
               : std::string(sql_type) + " has more fraction digits than " + target.name() +
                     "; narrow it with round_money(x, mode) or round(x, digits)";
  }
  const TypeKind wanted = target.kind == TypeKind::enumeration ? TypeKind::text : target.kind;
  return type->kind == wanted ? "" : mismatch;
}

}  // namespace tallymill
