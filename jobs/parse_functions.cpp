#include "jobs/parse_functions.h"

#include "connectors/value_parser.h"
#include "core/digest.h"

namespace tallymill {
namespace {

/// Puts a parsed value where DuckDB keeps values of the parser's type.
void put(const ValueParser& parser, const ParsedValue& value, std::size_t row, ColumnWriter& to) {
  switch (parser.layout()) {
    case ValueParser::Layout::text:
      to.set_text(row, value.text);
      return;
    case ValueParser::Layout::wide:
      to.as<Int128>()[row] = value.wide;
      return;
    case ValueParser::Layout::number:
      break;
  }
  if (parser.type().kind == TypeKind::date)
    to.as<std::int32_t>()[row] = static_cast<std::int32_t>(value.number);
  else if (parser.type().kind == TypeKind::boolean)
    to.as<bool>()[row] = value.number != 0;
  else
    to.as<std::int64_t>()[row] = value.number;
}

void parse_column(const ValueParser& parser, const ColumnView& texts, std::size_t rows,
                  ColumnWriter& result) {
  ColumnWriter values = result.field(0);
  ColumnWriter problems = result.field(1);
  for (std::size_t row = 0; row < rows; ++row) {
    ParsedValue value;
    const bool is_null = texts.is_null(row);
    const ParseProblem problem =
        is_null ? ParseProblem::none : parser.parse(texts.as<StringRef>()[row].view(), value);
    if (problem == ParseProblem::none)
      problems.set_null(row);
    else
      problems.set_text(row, to_string(problem));
    if (is_null || problem != ParseProblem::none)
      values.set_null(row);
    else
      put(parser, value, row, values);
  }
}

}  // namespace

std::string parse_sql(Engine& engine, const Type& type, const std::string& format,
                      const std::string& expression) {
  // Type and format are part of the function, so they are part of its name.
  const std::string name =
      "tm_parse_" + xxh3_128(type.name() + "|" + type.sql() + "|" + format).hex();
  if (!engine.has_function(name))
    engine.add_function(
        {.name = name,
         .parameters = {Type::text()},
         .result = {{.name = "value", .type = type}, {.name = "problem", .type = Type::text()}},
         .result_is_struct = true,
         .evaluate = [parser = ValueParser(type, format)](std::span<const ColumnView> arguments,
                                                          std::size_t rows, ColumnWriter& result) {
           parse_column(parser, arguments[0], rows, result);
         }});
  return name + "(" + expression + ")";
}

}  // namespace tallymill
