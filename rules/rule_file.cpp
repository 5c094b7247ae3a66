#include "rules/rule_file.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "core/error.h"
#include "core/text.h"
#include "rules/rule_lint.h"
#include "rules/rule_outline.h"
#include "rules/rule_value.h"

namespace tallymill {
namespace {

struct KindShape {
  RuleKind kind;
  std::string_view name;
  std::string_view function;
  std::string_view allowed;  ///< field that lists what may come back; empty: none
};
constexpr std::array<KindShape, 5> kKinds = {
    {{RuleKind::check, "check", "check", ""},
     {RuleKind::transform, "transform", "transform", ""},
     {RuleKind::classify, "classify", "classify", "labels"},
     {RuleKind::driver, "driver", "driver", "drivers"},
     {RuleKind::threshold, "threshold", "band", "bands"}}};

/// Lua cuts longer chunk names in its messages, and with them the file of every error.
constexpr std::size_t kLongestName = 48;

const KindShape& shape_of(RuleKind kind) {
  for (const KindShape& shape : kKinds)
    if (shape.kind == kind) return shape;
  return kKinds.front();
}

const std::vector<std::string>& type_words() {
  static const std::vector<std::string> words = {"text",  "integer", "money",     "decimal(p,s)",
                                                 "ratio", "date",    "timestamp", "boolean"};
  return words;
}

std::string kind_of(const json::value& value) {
  if (value.is_object() && value.get_object().contains("$function")) return "a function";
  if (value.is_object() || value.is_array()) return "a table";
  if (value.is_string()) return "the text '" + std::string(value.get_string()) + "'";
  if (value.is_null()) return "nothing";
  if (value.is_double()) return fmt::format("{:.14g}", value.get_double());
  return json::serialize(value);
}

bool is_empty_table(const json::value& value) {
  return value.is_object() && value.get_object().empty();
}

/// Judges what describe.lua made of one file.
class RuleJudge {
 public:
  RuleJudge(const RuleSource& source, int scale, Diagnostics& diagnostics)
      : source_(source),
        scale_(scale),
        diagnostics_(diagnostics),
        outline_(source.file, source.text) {}

  bool has_errors() const { return own_.has_errors(); }
  Diagnostics& own() { return own_; }
  const RuleOutline& outline() const { return outline_; }
  void hand_over() { diagnostics_.add_all(own_); }

  std::unique_ptr<LoadedRule> judge(const json::object& description) {
    auto rule = std::make_unique<LoadedRule>();
    rule->source = source_;
    rule->info.name = source_.name;
    rule->info.file = source_.file;
    rule_ = rule.get();
    if (!description.contains("kind")) {
      own_.error({source_.file, 1, 1, 1},
                 "a rule file returns one rule, this one returns " + json_text(description, "got"),
                 "write return t.check_rule { name = ..., needs = ..., check = ... }");
      return rule;
    }
    for (const KindShape& shape : kKinds)
      if (shape.name == json_text(description, "kind")) shape_ = &shape;
    rule->info.kind = shape_->kind;
    fields_ = json_at(description, "fields").as_object();
    judge_field_names();
    judge_name();
    judge_doc();
    judge_function();
    judge_needs();
    judge_returns();
    judge_allowed();
    judge_params(json_at(description, "param_types").as_object());
    judge_tests();
    return rule;
  }

 private:
  const json::value* field(std::string_view name) const {
    const auto it = fields_.find(name);
    return it == fields_.end() ? nullptr : &it->value();
  }

  void report(std::string_view path, std::string message, std::string hint = {}) {
    own_.error(outline_.position(path), std::move(message), std::move(hint));
  }

  void judge_field_names() {
    std::vector<std::string> known = {"name",   "doc",   "needs",
                                      "params", "tests", std::string(shape_->function)};
    if (!shape_->allowed.empty()) known.emplace_back(shape_->allowed);
    if (shape_->kind == RuleKind::transform) known.emplace_back("returns");
    for (const auto& entry : fields_) {
      const std::string name(entry.key());
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      std::string hint = did_you_mean(name, known);
      if (hint.empty()) hint = "known fields: " + join(known, ", ");
      report(name, "unknown field '" + name + "' of a " + std::string(shape_->name) + " rule",
             hint);
    }
  }

  void judge_name() {
    const json::value* name = field("name");
    if (name == nullptr || !name->is_string()) {
      report(
          "name",
          name == nullptr ? "the rule has no name" : "name must be a text, got " + kind_of(*name),
          "write name = \"" + source_.name + "\"");
    } else if (name->get_string() != source_.name) {
      report("name",
             "the rule is named '" + std::string(name->get_string()) + "', its file '" +
                 source_.name + ".lua'",
             "give both the same name");
    }
    if (source_.name.size() > kLongestName)
      report("name", "the name of a rule has at most " + std::to_string(kLongestName) + " letters");
  }

  void judge_doc() {
    const json::value* doc = field("doc");
    if (doc != nullptr && !doc->is_string())
      report("doc", "doc must be a text, got " + kind_of(*doc));
    else if (doc != nullptr)
      rule_->info.doc = doc->get_string();
  }

  void judge_function() {
    const std::string key(shape_->function);
    const json::value* function = field(key);
    const bool is_function = function != nullptr && function->is_object() &&
                             function->get_object().contains("$function");
    if (is_function) {
      rule_->function_line = static_cast<int>(json_integer(function->get_object(), "$function"));
      return;
    }
    report(key,
           function == nullptr ? "the rule has no function '" + key + "'"
                               : key + " must be a function, got " + kind_of(*function),
           "write " + key + " = function(row, p) ... end");
  }

  /// Reads a type word; reports and gives empty if it is none.
  std::optional<Type> type_at(const std::string& path, const std::string& column,
                              std::string_view word) {
    auto type = type_from_word(word, scale_);
    if (type && type->kind != TypeKind::enumeration) return type;
    std::string hint = type ? "write text" : did_you_mean(word, type_words());
    if (hint.empty()) hint = "known types: " + join(type_words(), ", ");
    report(path, "column '" + column + "' has the unknown type '" + std::string(word) + "'", hint);
    return std::nullopt;
  }

  /// The entries of a field that maps columns to type words.
  template <class Use>
  void each_column(const std::string& field_name, bool is_required, const Use& use) {
    const json::value* columns = field(field_name);
    if (columns == nullptr || is_empty_table(*columns)) {
      if (is_required)
        report(field_name, "the rule has no " + field_name,
               "write " + field_name + " = { amount = \"money\" }");
      return;
    }
    if (!columns->is_object() || columns->get_object().contains("$function")) {
      report(field_name, field_name + " must be a table such as { amount = \"money\" }, got " +
                             (columns->is_array() ? "a list" : kind_of(*columns)));
      return;
    }
    for (const auto& entry : columns->get_object()) {
      const std::string name(entry.key());
      const std::string path = field_name + "." + name;
      if (entry.value().is_string())
        use(path, name, std::string_view(entry.value().get_string()));
      else
        report(path,
               "the type of column '" + name + "' must be a text, got " + kind_of(entry.value()));
    }
  }

  void judge_needs() {
    each_column("needs", true,
                [&](const std::string& path, const std::string& name, std::string_view word) {
                  const bool optional = word.ends_with('?');
                  if (optional) word.remove_suffix(1);
                  if (auto type = type_at(path, name, word))
                    rule_->info.needs.push_back({name, *type, optional});
                });
  }

  void judge_returns() {
    if (shape_->kind != RuleKind::transform) return;
    each_column("returns", true,
                [&](const std::string& path, const std::string& name, std::string_view word) {
                  if (auto type = type_at(path, name, word))
                    rule_->info.returns.push_back({.name = name, .type = *type});
                });
  }

  void judge_allowed() {
    const std::string key(shape_->allowed);
    const json::value* list = key.empty() ? nullptr : field(key);
    if (list == nullptr) return;
    if (!list->is_array())
      return report(key, key + " must be a list of texts, got " + kind_of(*list));
    for (const json::value& item : list->get_array()) {
      if (!item.is_string())
        return report(key, key + " must be a list of texts, it holds " + kind_of(item));
      rule_->allowed.emplace_back(item.get_string());
    }
  }

  void judge_params(const json::object& declared) {
    const json::value* params = field("params");
    if (params == nullptr) return;
    if (!params->is_object())
      return report("params", "params must be a table such as { tolerance = t.money \"0.00\" }");
    for (const auto& entry : params->get_object()) {
      const std::string name(entry.key());
      if (!entry.value().is_string() && !entry.value().is_number() && !entry.value().is_bool()) {
        report("params." + name, "parameter '" + name +
                                     "' must be a number, a text or a boolean, got " +
                                     kind_of(entry.value()));
        continue;
      }
      judge_param(name, entry.value(), declared);
    }
  }

  void judge_param(const std::string& name, const json::value& value,
                   const json::object& declared) {
    std::optional<Type> type;
    if (const auto it = declared.find(name); it != declared.end()) {
      type = type_at("params." + name, name, it->value().as_string());
    } else {
      type = literal_type(outline_.param_literal(name), value);
    }
    rule_->info.params[name] = value;
    if (!type) return;
    rule_->param_types[name] = *type;
    if (const std::string expected = lua_value_problem(*type, value); !expected.empty())
      report("params." + name,
             "parameter '" + name + "' is " + type->name() + ", its default must be " + expected);
    else if (value.is_number())
      rule_->info.params[name] = json::string(lua_value_text(*type, value));
  }

  std::optional<Type> literal_type(const std::string& literal, const json::value& value) const {
    if (value.is_string()) return Type::text();
    if (value.is_bool()) return Type::boolean();
    if (literal == "money") return Type::money(scale_);
    if (literal == "percent" || literal == "ratio") return Type::ratio();
    if (literal == "date") return Type::date();
    if (literal == "timestamp") return Type::timestamp();
    int scale = 0;
    if (literal.starts_with("decimal(")) {
      std::from_chars(literal.data() + 8, literal.data() + literal.size(), scale);
      return Type::decimal(18, scale);
    }
    return std::nullopt;
  }

  void judge_tests() {
    const json::value* tests = field("tests");
    if (tests == nullptr || is_empty_table(*tests)) return;
    if (!tests->is_array())
      return report("tests",
                    "tests must be a list such as { { given = {...}, expect = \"pass\" } }");
    std::size_t number = 0;
    for (const json::value& test : tests->get_array()) {
      const std::string path = "tests[" + std::to_string(++number) + "]";
      std::string name = "test " + std::to_string(number);
      if (test.is_object())
        judge_test(path, test.get_object(), name);
      else
        report(path, name + " must be a table with given and expect, got " + kind_of(test));
      rule_->test_names.push_back(name);
    }
    rule_->info.tests = number;
  }

  void judge_test(const std::string& path, const json::object& test, std::string& name) {
    static const std::vector<std::string> kFields = {"name", "given", "expect", "message",
                                                     "params"};
    for (const auto& entry : test) {
      const std::string key(entry.key());
      if (std::find(kFields.begin(), kFields.end(), key) == kFields.end())
        report(path + "." + key, name + " has the unknown field '" + key + "'",
               did_you_mean(key, kFields));
    }
    const auto given = test.find("given");
    if (given == test.end() || !given->value().is_object())
      report(path, name + " has no table given", "write given = { column = value }");
    else
      judge_given(path, name, given->value().get_object());
    const auto expect = test.find("expect");
    const bool may_be_table = shape_->kind == RuleKind::transform;
    if (expect == test.end())
      report(path, name + " has no expect", "write expect = \"pass\"");
    else if (!expect->value().is_string() && !(may_be_table && expect->value().is_object()))
      report(path + ".expect", name + " expects " + kind_of(expect->value()) +
                                   "; a text was expected" +
                                   (may_be_table ? " or a table of columns" : ""));
    const auto title = test.find("name");
    if (title != test.end() && title->value().is_string()) name = title->value().get_string();
  }

  void judge_given(const std::string& path, const std::string& test, const json::object& given) {
    std::vector<std::string> known;
    for (const RuleNeed& need : rule_->info.needs) known.push_back(need.column);
    for (const auto& entry : given) {
      const std::string column(entry.key());
      const std::string place = path + ".given." + column;
      const RuleNeed* need = nullptr;
      for (const RuleNeed& candidate : rule_->info.needs)
        if (candidate.column == column) need = &candidate;
      if (need == nullptr) {
        report(place, test + " gives column '" + column + "', which is not in needs",
               did_you_mean(column, known));
      } else if (const std::string expected = lua_value_problem(need->type, entry.value());
                 !expected.empty()) {
        report(place, test + ": column '" + column + "' is " + need->type.name() + " and must be " +
                          expected + ", got " + kind_of(entry.value()));
      }
    }
  }

  const RuleSource& source_;
  int scale_;
  Diagnostics& diagnostics_;
  Diagnostics own_;
  RuleOutline outline_;
  const KindShape* shape_ = nullptr;
  json::object fields_;
  LoadedRule* rule_ = nullptr;
};

/// "rules/x.lua:3: message" as a diagnostic at its line.
void report_lua_error(const std::string& file, std::string message, Diagnostics& diagnostics) {
  SourcePosition where{file, 1, 1, 1};
  if (message.starts_with(file + ":")) {
    const char* begin = message.data() + file.size() + 1;
    const auto [end, error] = std::from_chars(begin, message.data() + message.size(), where.line);
    if (error == std::errc{} && end[0] == ':' && end[1] == ' ')
      message.erase(0, static_cast<std::size_t>(end + 2 - message.data()));
    where.column = 0;
  }
  diagnostics.error(where, message);
}

void report_problems(const std::string& file, const json::array& problems,
                     Diagnostics& diagnostics) {
  for (const json::value& item : problems) {
    const json::object& problem = item.as_object();
    std::string hint = json_text_or(problem, "hint", "");
    if (problem.contains("name") && problem.at("among").is_array()) {
      std::vector<std::string> among;
      for (const json::value& name : problem.at("among").get_array())
        among.emplace_back(name.as_string());
      hint = did_you_mean(json_text(problem, "name"), among);
    }
    diagnostics.error({file, static_cast<int>(json_integer(problem, "line")), 0, 1},
                      json_text(problem, "message"), hint);
  }
}

std::string seconds_text(int milliseconds) {
  return milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + " s"
                                  : std::to_string(milliseconds) + " ms";
}

/// Calls the engine with the rules' limits; empty (and reported) if Lua raised.
json::object call_limited(LuaState& state, const char* function, const RuleSource& source,
                          int cpu_milliseconds, Diagnostics& diagnostics) {
  json::object argument{{"name", source.name}, {"file", source.file}, {"text", source.text}};
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
      report_lua_error(source.file, error.message(), diagnostics);
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

std::string_view function_key(RuleKind kind) { return shape_of(kind).function; }

std::unique_ptr<LoadedRule> load_rule_file(LuaState& state, const RuleSource& source,
                                           int currency_scale, int cpu_milliseconds,
                                           Diagnostics& diagnostics) {
  diagnostics.add_source(source.file, std::make_shared<const std::string>(source.text));
  RuleJudge judge(source, currency_scale, diagnostics);
  Diagnostics& own = judge.own();
  const json::object answer = call_limited(state, "load", source, cpu_milliseconds, own);
  std::unique_ptr<LoadedRule> rule;
  if (answer.contains("error")) {
    report_lua_error(source.file, json_text(answer, "error"), own);
  } else if (answer.contains("problems")) {
    report_problems(source.file, answer.at("problems").as_array(), own);
  } else if (answer.contains("description")) {
    rule = judge.judge(answer.at("description").as_object());
    if (answer.at("description").as_object().contains("kind")) {
      const json::object found = call_limited(state, "inspect", source, cpu_milliseconds, own);
      if (found.contains("problems") && found.at("problems").is_array())
        report_problems(source.file, found.at("problems").get_array(), own);
      lint_rule(judge.outline(), lint_names(*rule, currency_scale), own);
    }
  }
  judge.hand_over();
  return judge.has_errors() ? nullptr : std::move(rule);
}

}  // namespace tallymill
