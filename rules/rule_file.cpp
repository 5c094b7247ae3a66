#include "rules/rule_file.h"

#include <charconv>

#include "core/error.h"
#include "core/text.h"
#include "rules/rule_judge.h"
#include "rules/rule_lint.h"
#include "rules/rule_outline.h"

namespace tallymill {
namespace {

/// The place of `text` in a line that Lua names, if it stands there once; else the line.
SourcePosition place_in_line(const RuleOutline& outline, int line, std::string_view text) {
  const LuaToken* found = nullptr;
  for (const LuaToken& token : outline.tokens()) {
    if (token.line != line || text.empty() || !token.is(text)) continue;
    if (found != nullptr) return {outline.file(), line, 0, 1};
    found = &token;
  }
  return found == nullptr ? SourcePosition{outline.file(), line, 0, 1}
                          : position_of(outline.file(), *found);
}

/// X of "... near 'X'", which ends messages about syntax.
std::string_view text_near(std::string_view message) {
  constexpr std::string_view kNear = " near '";
  const std::size_t at = message.rfind(kNear);
  if (at == message.npos || !message.ends_with('\'')) return {};
  message.remove_prefix(at + kNear.size());
  message.remove_suffix(1);
  return message;
}

/// "rules/x.lua:3: message" as a diagnostic at its line.
void report_lua_error(const RuleOutline& outline, std::string message, Diagnostics& diagnostics) {
  const std::string& file = outline.file();
  SourcePosition where{file, 1, 1, 1};
  if (message.starts_with(file + ":")) {
    const char* begin = message.data() + file.size() + 1;
    const auto [end, error] = std::from_chars(begin, message.data() + message.size(), where.line);
    if (error == std::errc{} && end[0] == ':' && end[1] == ' ')
      message.erase(0, static_cast<std::size_t>(end + 2 - message.data()));
    where = place_in_line(outline, where.line, text_near(message));
  }
  diagnostics.error(where, message);
}

void report_problems(const RuleOutline& outline, const json::array& problems,
                     Diagnostics& diagnostics) {
  for (const json::value& item : problems) {
    const json::object& problem = item.as_object();
    std::string hint = json_text_or(problem, "hint", "");
    if (const json::value* among_names = problem.if_contains("among");
        among_names != nullptr && among_names->is_array()) {
      std::vector<std::string> among;
      for (const json::value& name : among_names->get_array()) among.emplace_back(name.as_string());
      hint = did_you_mean(json_text(problem, "name"), among);
    }
    diagnostics.error(place_in_line(outline, static_cast<int>(json_integer(problem, "line")),
                                    json_text_or(problem, "name", "")),
                      json_text(problem, "message"), hint);
  }
}

std::string seconds_text(int milliseconds) {
  return milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + " s"
                                  : std::to_string(milliseconds) + " ms";
}

/// Calls the engine with the rules' limits; empty (and reported) if Lua raised.
json::object call_limited(LuaState& state, const char* function, const RuleSource& source,
                          const RuleOutline& outline, int cpu_milliseconds,
                          Diagnostics& diagnostics) {
  json::object argument{{"name", source.key()}, {"file", source.file}, {"text", source.text}};
  state.begin_rules(cpu_milliseconds);
  try {
    json::object answer = state.call(function, argument).as_object();
    state.end_rules();
    return answer;
  } catch (const Error& error) {
    state.end_rules();
    if (state.is_expired())
      diagnostics.error({source.file, state.last_line().load(), 0, 1},
                        "the file did not finish loading within " + seconds_text(cpu_milliseconds) +
                            " of CPU; this line was seen last");
    else
      report_lua_error(outline, error.message(), diagnostics);
    state.collect_garbage();
    return {};
  }
}

LintNames lint_names(const LoadedRule& rule, int scale) {
  LintNames names;
  for (const RuleNeed& need : rule.info.needs) names.needs.emplace(need.column, need.type);
  for (const Column& column : rule.info.returns) names.returns.emplace(column.name, column.type);
  for (const auto& [param, value] : rule.info.params) {
    const auto type = rule.param_types.find(param);
    names.params.emplace(param, type == rule.param_types.end() ? Type::text() : type->second);
  }
  names.currency_scale = scale;
  return names;
}

}  // namespace

std::unique_ptr<LoadedRule> load_rule_file(LuaState& state, const RuleSource& source,
                                           int currency_scale, int cpu_milliseconds,
                                           Diagnostics& diagnostics) {
  diagnostics.add_source(source.file, std::make_shared<const std::string>(source.text));
  const RuleOutline outline(source.file, source.text);
  Diagnostics own;
  const json::object answer = call_limited(state, "load", source, outline, cpu_milliseconds, own);
  std::unique_ptr<LoadedRule> rule;
  if (answer.contains("error")) {
    report_lua_error(outline, json_text(answer, "error"), own);
  } else if (answer.contains("problems")) {
    report_problems(outline, answer.at("problems").as_array(), own);
  } else if (answer.contains("description")) {
    rule = judge_rule(source, answer.at("description").as_object(), outline,
                      read_param_tables(source.files, currency_scale, own), currency_scale, own);
    if (answer.at("description").as_object().contains("kind")) {
      const json::object found =
          call_limited(state, "inspect", source, outline, cpu_milliseconds, own);
      if (found.contains("problems") && found.at("problems").is_array())
        report_problems(outline, found.at("problems").get_array(), own);
      const LintNames names = lint_names(*rule, currency_scale);
      lint_rule(outline, names, own);
      if (!own.has_errors()) warn_of_unread_columns(outline, names, own);
    }
  }
  diagnostics.add_all(own);
  return own.has_errors() ? nullptr : std::move(rule);
}

}  // namespace tallymill
