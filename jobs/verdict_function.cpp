#include "jobs/verdict_function.h"

#include "core/text.h"
#include "rules/rule_runtime.h"

namespace tallymill {
namespace {

struct Findings {
  std::vector<std::string> codes;
  std::vector<std::string> messages;
  bool warned = false;
};

Findings findings_of(std::string_view encoded) {
  Findings findings;
  for (const Verdict& verdict : decode_verdicts(encoded)) {
    if (verdict.state == Verdict::State::warn) findings.warned = true;
    const bool is_error = verdict.state == Verdict::State::error;
    if (!is_error && verdict.state != Verdict::State::fail) continue;
    findings.codes.push_back(is_error ? "rule_error" : verdict.code);
    findings.messages.push_back(verdict.message);
  }
  return findings;
}

void evaluate(std::span<const ColumnView> arguments, std::size_t rows, ColumnWriter& result) {
  ColumnWriter reason = result.field(0);
  ColumnWriter reasons = result.field(1);
  ColumnWriter message = result.field(2);
  ColumnWriter warned = result.field(3);
  for (std::size_t row = 0; row < rows; ++row) {
    // Nearly all rows pass, and a row that passes has no verdict at all.
    Findings findings;
    if (!arguments[0].is_null(row))
      findings = findings_of(arguments[0].as<StringRef>()[row].view());
    warned.as<bool>()[row] = findings.warned;
    if (findings.codes.empty()) {
      reason.set_null(row);
      reasons.set_null(row);
      message.set_null(row);
    } else {
      reason.set_text(row, findings.codes.front());
      reasons.set_text(row, join(findings.codes, ";"));
      message.set_text(row, join(findings.messages, "; "));
    }
  }
}

}  // namespace

std::string verdict_sql(Engine& engine, const std::string& verdicts) {
  if (!engine.has_function("tm_verdict"))
    engine.add_function({.name = "tm_verdict",
                         .parameters = {Type::text()},
                         .result = {{.name = "reason", .type = Type::text()},
                                    {.name = "reasons", .type = Type::text()},
                                    {.name = "message", .type = Type::text()},
                                    {.name = "warned", .type = Type::boolean()}},
                         .result_is_struct = true,
                         .evaluate = &evaluate});
  return "tm_verdict(" + verdicts + ")";
}

}  // namespace tallymill
