#include "rules/check_verdicts.h"

#include "rules/rule_runtime.h"

namespace tallymill {
namespace {

constexpr const char* kBitsFunction = "tm_verdict_bits";
constexpr const char* kFindingFunction = "tm_verdict_finding";

std::int64_t bit_of(Verdict::State state) {
  switch (state) {
    case Verdict::State::fail:
      return kRuleFailed;
    case Verdict::State::warn:
      return kRuleWarned;
    case Verdict::State::error:
      return kRuleRaised;
    case Verdict::State::not_applicable:
      break;
  }
  return kRuleNotApplicable;
}

std::int64_t bits_of(std::string_view verdicts, std::size_t word) {
  std::int64_t bits = 0;
  for (const Verdict& verdict : decode_verdicts(verdicts)) {
    if (verdict.rule / kRulesPerWord != word) continue;
    bits |= bit_of(verdict.state) << (verdict.rule % kRulesPerWord * kBitsPerRule);
  }
  return bits;
}

void evaluate_bits(std::span<const ColumnView> arguments, std::size_t rows, ColumnWriter& result) {
  const ColumnView& verdicts = arguments[0];
  const auto* words = arguments[1].as<std::int64_t>();
  auto* bits = result.as<std::int64_t>();
  for (std::size_t row = 0; row < rows; ++row)
    bits[row] = verdicts.is_null(row) ? 0
                                      : bits_of(verdicts.as<StringRef>()[row].view(),
                                                static_cast<std::size_t>(words[row]));
}

/// What one rule found on one row. Several findings become one: a row fails a check once.
struct Finding {
  bool found = false;
  bool is_warning = true;
  std::string code;
  std::string message;

  void add(const Verdict& verdict) {
    if (verdict.state == Verdict::State::not_applicable) return;
    const bool raised = verdict.state == Verdict::State::error;
    if (!found) code = raised ? "rule_error" : verdict.code;
    if (found) message += "; ";
    message += verdict.message;
    is_warning = is_warning && verdict.state == Verdict::State::warn;
    found = true;
  }
};

void evaluate_finding(std::span<const ColumnView> arguments, std::size_t rows,
                      ColumnWriter& result) {
  const ColumnView& verdicts = arguments[0];
  const auto* slots = arguments[1].as<std::int64_t>();
  ColumnWriter codes = result.field(0);
  ColumnWriter messages = result.field(1);
  ColumnWriter warnings = result.field(2);
  for (std::size_t row = 0; row < rows; ++row) {
    Finding finding;
    if (!verdicts.is_null(row))
      for (const Verdict& verdict : decode_verdicts(verdicts.as<StringRef>()[row].view()))
        if (verdict.rule == static_cast<std::size_t>(slots[row])) finding.add(verdict);
    if (!finding.found) {
      codes.set_null(row);
      messages.set_null(row);
      warnings.set_null(row);
      continue;
    }
    codes.set_text(row, finding.code);
    messages.set_text(row, finding.message);
    warnings.as<bool>()[row] = finding.is_warning;
  }
}

std::string call(const char* function, const std::string& verdicts, std::size_t number) {
  return std::string(function) + "(" + verdicts + ", " + std::to_string(number) + "::BIGINT)";
}

}  // namespace

void register_verdict_functions(Engine& engine) {
  engine.add_function({.name = kBitsFunction,
                       .parameters = {Type::text(), Type::integer()},
                       .result = {{"bits", Type::integer()}},
                       .result_is_struct = false,
                       .evaluate = evaluate_bits});
  engine.add_function({.name = kFindingFunction,
                       .parameters = {Type::text(), Type::integer()},
                       .result = {{"code", Type::text()},
                                  {"message", Type::text()},
                                  {"is_warning", Type::boolean()}},
                       .result_is_struct = true,
                       .evaluate = evaluate_finding});
}

std::string verdict_bits(const std::string& verdicts, std::size_t word) {
  return call(kBitsFunction, verdicts, word);
}

std::string verdict_finding(const std::string& verdicts, std::size_t slot) {
  return call(kFindingFunction, verdicts, slot);
}

}  // namespace tallymill
