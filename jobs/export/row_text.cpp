#include "jobs/export/row_text.h"

#include "core/money.h"
#include "core/time/date.h"

namespace tallymill {

namespace {

constexpr int kNarrowPrecision = 18;

std::string text_of(const Type& type, const ColumnView& column, std::size_t row) {
  if (type.is_decimal())
    return format_decimal(type.precision > kNarrowPrecision
                              ? column.as<Int128>()[row]
                              : Int128{column.as<std::int64_t>()[row]},
                          type.scale);
  switch (type.kind) {
    case TypeKind::date:
      return Date{column.as<std::int32_t>()[row]}.text();
    case TypeKind::timestamp:
      return format_timestamp(column.as<std::int64_t>()[row]);
    case TypeKind::boolean:
      return column.as<bool>()[row] ? "true" : "false";
    default:
      return std::to_string(column.as<std::int64_t>()[row]);
  }
}

bool is_text(const Type& type) {
  return type.kind == TypeKind::text || type.kind == TypeKind::enumeration;
}

}  // namespace

RowText::RowText(std::vector<Type> types)
    : types_(std::move(types)), texts_(types_.size()), fields_(types_.size()) {}

std::span<const SourceField> RowText::row(std::span<const ColumnView> columns, std::size_t row) {
  for (std::size_t i = 0; i < types_.size(); ++i) {
    fields_[i] = {};
    fields_[i].is_null = columns[i].is_null(row);
    if (fields_[i].is_null) continue;
    if (is_text(types_[i])) {
      fields_[i].text = columns[i].as<StringRef>()[row].view();
      continue;
    }
    texts_[i] = text_of(types_[i], columns[i], row);
    fields_[i].text = texts_[i];
  }
  return fields_;
}

}  // namespace tallymill
