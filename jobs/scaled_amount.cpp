#include "jobs/scaled_amount.h"

#include <algorithm>

#include "core/text.h"
#include "jobs/step_values.h"

namespace tallymill {

std::vector<OptionSpec> scale_options(const std::string& what) {
  return {{.name = "factor",
           .kind = OptionKind::text,
           .summary = "What " + what +
                      " are multiplied by, for other units: \"0.01\" of fen gives "
                      "yuan; or param(name).",
           .default_text = "1"},
          {.name = "negate",
           .kind = OptionKind::boolean,
           .summary = "Whether " + what + " have the other sign.",
           .default_text = "false"}};
}

ScaledAmount scale_amount(JobContext& context, const Options& options, const std::string& sql,
                          const Type& type) {
  ScaledAmount scaled{sql, type};
  if (options.has("factor")) {
    const SourcePosition where = options.position("factor");
    const auto text = value_text(context, options.text("factor"), where);
    const std::size_t point = text ? text->find('.') : std::string::npos;
    const int digits =
        text && point != std::string::npos ? static_cast<int>(text->size() - point - 1) : 0;
    if (text && (digits > 9 || !parse_decimal(*text, 18, digits) ||
                 parse_decimal(*text, 18, digits).value <= 0))
      context.diagnostics().error(where, "factor '" + *text +
                                             "' is no positive number of up to 18 digits, 9 of "
                                             "them behind the point");
    else if (text) {
      scaled.type = Type::decimal(38, type.scale + digits);
      scaled.sql = "CAST(CAST(" + sql + " AS DECIMAL(" + std::to_string(38 - 18) + "," +
                   std::to_string(type.scale) + ")) * CAST(" + quote_literal(*text) +
                   " AS DECIMAL(18," + std::to_string(digits) + ")) AS " + scaled.type.sql() + ")";
    }
  }
  if (options.boolean("negate")) scaled.sql = "-(" + scaled.sql + ")";
  return scaled;
}

Type common_amount(const Type& a, const Type& b) {
  return a == b ? a : Type::decimal(38, std::max(a.scale, b.scale));
}

}  // namespace tallymill
