#include "jobs/parse_functions.h"

#include "connectors/value_parser.h"
#include "core/digest.h"
#include "core/text.h"
#include "core/time/date.h"
#include "core/time/written_date.h"
#include "jobs/text_functions.h"

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

/// `parse` takes a text and a ParsedValue of the parser's type, and gives a ParseProblem.
template <class Parse>
void parse_column(const ValueParser& parser, const Parse& parse, const ColumnView& texts,
                  std::size_t rows, ColumnWriter& result) {
  ColumnWriter values = result.field(0);
  ColumnWriter problems = result.field(1);
  for (std::size_t row = 0; row < rows; ++row) {
    ParsedValue value;
    const bool is_null = texts.is_null(row);
    const ParseProblem problem =
        is_null ? ParseProblem::none : parse(texts.as<StringRef>()[row].view(), value);
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

/// Registers `name` as a function from a text to STRUCT(value of `type`, problem) by what
/// `parse` reads.
template <class Parse>
std::string call_of(Engine& engine, const std::string& name, const Type& type, Parse parse,
                    const std::string& expression) {
  if (!engine.has_function(name))
    engine.add_function(
        {.name = name,
         .parameters = {Type::text()},
         .result = {{.name = "value", .type = type}, {.name = "problem", .type = Type::text()}},
         .result_is_struct = true,
         .evaluate = [parser = ValueParser(type), parse](std::span<const ColumnView> arguments,
                                                         std::size_t rows, ColumnWriter& result) {
           parse_column(parser, parse, arguments[0], rows, result);
         }});
  return name + "(" + expression + ")";
}

bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

}  // namespace

bool is_sound_format(const Type& type, const std::string& pattern, const SourcePosition& where,
                     Diagnostics& diagnostics) {
  if (type.kind != TypeKind::date && type.kind != TypeKind::timestamp) {
    diagnostics.error(where, "'format' belongs to a date or timestamp, not " + type.name());
    return false;
  }
  std::string problem = timestamp_pattern_problem(pattern);
  if (problem.empty()) return true;
  diagnostics.error(where, std::move(problem));
  return false;
}

std::string parse_sql(Engine& engine, const Type& type, const std::string& format,
                      const std::string& expression) {
  // Type and format are part of the function, so they are part of its name.
  const std::string name =
      "tm_parse_" + xxh3_128(type.name() + "|" + type.sql() + "|" + format).hex();
  return call_of(
      engine, name, type,
      [parser = ValueParser(type, format)](std::string_view text, ParsedValue& value) {
        return parser.parse(text, value);
      },
      expression);
}

std::string written_number_sql(Engine& engine, const Type& type, const NumberSigns& signs,
                               const std::string& expression) {
  const std::string settings = type.name() + "|" + type.sql() + "|" + signs.thousands +
                               signs.point + (signs.allows_percent ? "%" : "") + "|" +
                               join(signs.currencies, "|");
  return call_of(
      engine, "tm_number_" + xxh3_128(settings).hex(), type,
      [parser = ValueParser(type), signs](std::string_view text, ParsedValue& value) {
        const Parsed<std::string> plain = plain_number(
            is_ascii(text) ? std::string(text) : std::string(trim_blanks(to_half_width(text))),
            signs);
        return plain ? parser.parse(plain.value, value) : plain.problem;
      },
      expression);
}

std::string written_date_sql(Engine& engine, const std::vector<std::string>& forms,
                             bool takes_first, const std::string& expression) {
  const std::string settings = join(forms, "|") + (takes_first ? "|first" : "");
  return call_of(
      engine, "tm_date_" + xxh3_128(settings).hex(), Type::date(),
      [reader = WrittenDate(forms), takes_first](std::string_view text, ParsedValue& value) {
        const std::string_view trimmed = trim_blanks(text);
        const Parsed<Date> date =
            is_ascii(trimmed) ? reader.parse(trimmed, takes_first)
                              : reader.parse(fold_date(to_half_width(trimmed)), takes_first);
        value.number = date.value.days;
        return date.problem;
      },
      expression);
}

}  // namespace tallymill
