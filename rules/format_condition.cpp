#include "core/text.h"
#include "rules/formats.h"

namespace tallymill {

const NamedFormat* find_format(std::string_view name) {
  for (const NamedFormat& format : named_formats())
    if (format.name == name) return &format;
  return nullptr;
}

std::string format_condition(Engine& engine, const NamedFormat& format,
                             const std::string& expression) {
  std::string sql;
  if (!format.pattern.empty())
    sql = "regexp_full_match(" + expression + ", " + quote_literal(format.pattern) + ")";
  if (!format.holds) return sql;
  const std::string function = "tm_is_" + format.name;
  if (!engine.has_function(function))
    engine.add_function(
        {.name = function,
         .parameters = {Type::text()},
         .result = {{"holds", Type::boolean()}},
         .evaluate = [holds = format.holds](std::span<const ColumnView> arguments, std::size_t rows,
                                            ColumnWriter& result) {
           const ColumnView& texts = arguments[0];
           for (std::size_t row = 0; row < rows; ++row) {
             if (texts.is_null(row))
               result.set_null(row);
             else
               result.as<bool>()[row] = holds(texts.as<StringRef>()[row].view());
           }
         }});
  const std::string call = function + "(" + expression + ")";
  // The pattern guards the function, which may rely on lengths.
  return sql.empty() ? call : "case when " + sql + " then " + call + " else " + sql + " end";
}

}  // namespace tallymill
