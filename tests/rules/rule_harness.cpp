#include "tests/rules/rule_harness.h"

#include "core/files.h"
#include "tests/folders.h"

namespace tallymill {
namespace {

EngineSettings settings(int threads) {
  EngineSettings result;
  result.threads = threads;
  return result;
}

std::string state_text(Verdict::State state) {
  switch (state) {
    case Verdict::State::fail:
      return "fail";
    case Verdict::State::warn:
      return "warn";
    case Verdict::State::not_applicable:
      return "not_applicable";
    case Verdict::State::error:
      return "error";
  }
  return "?";
}

}  // namespace

RuleHarness::RuleHarness(RuleLimits limits, int threads)
    : engine_(settings(threads)), runtime_(&engine_, limits, 2) {}

const RuleInfo* RuleHarness::load(const std::string& name, const std::string& text,
                                  const FileTexts& files) {
  return runtime_.load({name, "rules/" + name + ".lua", text, files}, diagnostics_);
}

std::string RuleHarness::problems() const {
  std::string result;
  for (const Diagnostic& item : diagnostics_.sorted()) {
    result += item.where.text() + ": " + item.message;
    if (!item.hint.empty()) result += "; " + item.hint;
    result += "\n";
  }
  return result;
}

void RuleHarness::rows(const std::string& select, std::vector<Column> columns,
                       bool has_provenance) {
  schema_.columns = std::move(columns);
  schema_.has_provenance = has_provenance;
  engine_.execute("create or replace table rows as select * from (" + select + ")");
}

std::optional<RuleCall> RuleHarness::bind(const std::vector<std::string>& rules,
                                          const std::map<std::string, std::string>& params) {
  return runtime_.bind(rules, schema_, params, {"graph.yaml", 7, 9}, diagnostics_);
}

std::vector<std::string> RuleHarness::check(const std::vector<std::string>& rules,
                                            const std::map<std::string, std::string>& params) {
  const auto call = bind(rules, params);
  if (!call) return {"not bound: " + problems()};
  const Rows found = engine_.query("select rowid, v from (select rowid, (" + call->expression +
                                   ").verdicts as v from rows) where v is not null order by rowid");
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < found.cells.size(); ++i) {
    for (const Verdict& verdict : decode_verdicts(found.text(i, 1))) {
      std::string line = found.text(i, 0) + " " + rules[verdict.rule];
      line += " " + state_text(verdict.state);
      if (!verdict.code.empty()) line += " " + verdict.code + ": " + verdict.message;
      lines.push_back(line);
    }
  }
  return lines;
}

std::vector<std::string> RuleHarness::values(const std::vector<std::string>& rules,
                                             const std::map<std::string, std::string>& params) {
  const auto call = bind(rules, params);
  if (!call) return {"not bound: " + problems()};
  const Rows found = engine_.query("select unnest(s) from (select rowid, " + call->expression +
                                   " as s from rows order by rowid)");
  std::vector<std::string> lines;
  for (const auto& cells : found.cells) {
    std::string line;
    for (const auto& cell : cells) line += (line.empty() ? "" : " | ") + cell.value_or("-");
    lines.push_back(line);
  }
  return lines;
}

std::string check_rule_text(const std::string& name, const std::string& needs,
                            const std::string& body, const std::string& more) {
  return "local t = require \"tallymill\"\n"
         "return t.check_rule {\n"
         "  name = \"" +
         name +
         "\",\n"
         "  needs = { " +
         needs +
         " },\n"
         "  check = function(row, p)\n" +
         body +
         "\n"
         "  end,\n" +
         more + "}\n";
}

std::string rule_problems(const std::string& text) {
  RuleHarness harness;
  const bool is_sound = harness.load("probe", text) != nullptr;
  CHECK(is_sound == harness.problems().empty());
  return harness.problems();
}

std::string gift_rule_text() {
  return read_file(std::string(kSourceFolder) +
                   "/tests/cases/quick_start/rules/gift_within_declaration.lua");
}

Column column(const std::string& name, const Type& type) { return {.name = name, .type = type}; }

}  // namespace tallymill
