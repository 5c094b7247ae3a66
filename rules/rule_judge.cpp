#include "rules/rule_judge.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "rules/rule_value.h"

namespace tallymill {
namespace {

/// Lua cuts longer chunk names in its messages, and with them the file of every error.
constexpr std::size_t kLongestName = 48;

const std::vector<std::string>& type_words() {
  static const std::vector<std::string> words = {"text",  "integer", "money",     "decimal(p,s)",
                                                 "ratio", "date",    "timestamp", "boolean"};
  return words;
}

/// Judges what describe.lua made of one file.
class RuleJudge {
 public:
  RuleJudge(const RuleSource& source, int scale, const RuleOutline& outline,
            const ParamTables& tables, Diagnostics& diagnostics)
      : source_(source),
        scale_(scale),
        outline_(outline),
        tables_(tables),
        diagnostics_(diagnostics) {}

  std::unique_ptr<LoadedRule> judge(const json::object& description) {
    auto rule = std::make_unique<LoadedRule>();
    rule->source = source_;
    rule->info.name = source_.name;
    rule->info.file = source_.file;
    rule_ = rule.get();
    if (!description.contains("kind")) {
      diagnostics_.error(
          {source_.file, 1, 1, 1},
          "a rule file returns one rule, this one returns " + json_text(description, "got"),
          "write return t.check_rule { name = ..., needs = ..., check = ... }");
      return rule;
    }
    shape_ = find_rule_kind(json_text(description, "kind"));
    rule->info.kind = shape_->kind;
    fields_ = json_at(description, "fields").as_object();
    judge_field_names();
    judge_name();
    judge_doc();
    judge_function();
    judge_needs();
    judge_returns();
    judge_allowed();
    judge_many();
    judge_points();
    if (shape_->kind == RuleKind::group) {
      rule->key = judge_columns("key");
      rule->order = judge_columns("order");
    }
    judge_params(json_at(description, "param_types").as_object());
    judge_lookups(json_at(description, "param_tables").as_object());
    judge_rule_tests(field("tests"), outline_, *rule, diagnostics_);
    return rule;
  }

 private:
  const json::value* field(std::string_view name) const {
    const auto it = fields_.find(name);
    return it == fields_.end() ? nullptr : &it->value();
  }

  void report(std::string_view path, std::string message, std::string hint = {}) {
    diagnostics_.error(outline_.position(path), std::move(message), std::move(hint));
  }

  void judge_field_names() {
    std::vector<std::string> known;
    for (const OptionSpec& field : rule_fields(*shape_)) known.push_back(field.name);
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
      report("name",
             name == nullptr ? "the rule has no name"
                             : "name must be a text, got " + lua_value_kind(*name),
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
      report("doc", "doc must be a text, got " + lua_value_kind(*doc));
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
                               : key + " must be a function, got " + lua_value_kind(*function),
           "write " + key + " = function(" + (shape_->kind == RuleKind::group ? "rows" : "row") +
               ", p) ... end");
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
    if (columns == nullptr || is_empty_lua_table(*columns)) {
      if (is_required)
        report(field_name, "the rule has no " + field_name,
               "write " + field_name + " = { amount = \"money\" }");
      return;
    }
    if (!columns->is_object() || columns->get_object().contains("$function")) {
      report(field_name, field_name + " must be a table such as { amount = \"money\" }, got " +
                             (columns->is_array() ? "a list" : lua_value_kind(*columns)));
      return;
    }
    for (const auto& entry : columns->get_object()) {
      const std::string name(entry.key());
      const std::string path = field_name + "." + name;
      if (entry.value().is_string())
        use(path, name, std::string_view(entry.value().get_string()));
      else
        report(path, "the type of column '" + name + "' must be a text, got " +
                         lua_value_kind(entry.value()));
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
      return report(key, key + " must be a list of texts, got " + lua_value_kind(*list));
    for (const json::value& item : list->get_array()) {
      if (!item.is_string())
        return report(key, key + " must be a list of texts, it holds " + lua_value_kind(item));
      rule_->allowed.emplace_back(item.get_string());
    }
  }

  /// A list of columns of needs.
  std::vector<std::string> judge_columns(const std::string& key) {
    std::vector<std::string> names;
    std::vector<std::string> known;
    for (const RuleNeed& need : rule_->info.needs) known.push_back(need.column);
    const json::value* list = field(key);
    if (list == nullptr || !list->is_array()) {
      report(list == nullptr ? "name" : key,
             list == nullptr ? "the rule has no " + key
                             : key + " must be a list of columns, got " + lua_value_kind(*list),
             "write " + key + " = { \"" + (known.empty() ? "user_id" : known.front()) + "\" }");
      return names;
    }
    for (const json::value& item : list->get_array()) {
      if (!item.is_string()) {
        report(key, key + " must be a list of columns, it holds " + lua_value_kind(item));
        continue;
      }
      const std::string name(item.get_string());
      if (std::find(known.begin(), known.end(), name) == known.end())
        report(key, key + " names column '" + name + "', which is not in needs",
               did_you_mean(name, known));
      names.push_back(name);
    }
    return names;
  }

  void judge_many() {
    const json::value* many = shape_->kind == RuleKind::classify ? field("many") : nullptr;
    if (many == nullptr) return;
    if (!many->is_bool())
      return report("many", "many must be true or false, got " + lua_value_kind(*many));
    rule_->many = many->get_bool();
    for (const std::string& label : rule_->allowed)
      if (rule_->many && label.find(';') != label.npos)
        report("labels", "label '" + label + "' holds a ';', which stands between several labels");
  }

  void judge_points() {
    const json::value* points = shape_->kind == RuleKind::score ? field("points") : nullptr;
    if (points == nullptr) return;
    const auto type = points->is_string()
                          ? type_from_word(std::string_view(points->get_string()), scale_)
                          : std::nullopt;
    if (type && (type->kind == TypeKind::integer || type->is_decimal()) &&
        type->kind != TypeKind::ratio)
      rule_->points = *type;
    else
      report("points", "points must be integer, money or decimal(p,s)");
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
                                     lua_value_kind(entry.value()));
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

  void judge_lookups(const json::object& lookups) {
    for (const auto& entry : lookups) {
      const std::string name(entry.key());
      const auto type = rule_->param_types.find(name);
      if (type == rule_->param_types.end()) continue;  // reported
      judge_lookup(name, type->second, entry.value().as_object());
    }
  }

  void judge_lookup(const std::string& name, const Type& type, const json::object& written) {
    const std::string path = "params." + name;
    const std::string table_name = json_text(written, "table");
    ParamLookup lookup;
    lookup.param = name;
    lookup.type = type;
    lookup.by = json_text(written, "by");
    lookup.rule_file = source_.file;
    judge_org_column(path, lookup);
    judge_org_of_group(path, lookup);
    const auto table = tables_.find(table_name);
    if (table == tables_.end())
      return report(path, "there is no parameter table '" + table_name + "'",
                    "it would stand in params/" + table_name + ".csv, named by a plain text here");
    lookup.table = table->second;
    if (lookup.table == nullptr) return;  // its own problems were reported
    const auto column = value_column(path, *lookup.table, json_text_or(written, "column", ""));
    if (!column) return;
    lookup.column = *column;
    const Column& of = lookup.table->columns()[*column];
    if (of.type != type)
      return report(path,
                    "parameter '" + name + "' is " + type.name() + ", but '" + of.name + "' of " +
                        lookup.table->file() + " is " + of.type.name(),
                    "give both the same type");
    if (json_boolean(written, "has_default")) {
      const json::value& value = rule_->info.params[name];
      const auto parsed = parse_typed(
          type, value.is_string() ? std::string(value.get_string()) : lua_value_text(type, value));
      if (parsed) lookup.otherwise = parsed.value;
    }
    rule_->info.lookups.push_back(std::move(lookup));
  }

  /// The org comes from a column the rule needs: so it is known what a null there means.
  void judge_org_column(const std::string& path, const ParamLookup& lookup) {
    std::vector<std::string> known;
    for (const RuleNeed& need : rule_->info.needs) {
      if (need.column == lookup.by && is_text(need.type)) return;
      if (need.column == lookup.by)
        return report(path,
                      "parameter '" + lookup.param + "' is looked up by '" + lookup.by +
                          "', which is " + need.type.name(),
                      "orgs are text");
      known.push_back(need.column);
    }
    const std::string meant = did_you_mean(lookup.by, known);
    report(path,
           "parameter '" + lookup.param + "' is looked up by '" + lookup.by +
               "', which is not in needs",
           meant.empty() ? "add " + lookup.by + " = \"text\"" : meant);
  }

  /// One function call sees all rows of a group, so they have one value.
  void judge_org_of_group(const std::string& path, const ParamLookup& lookup) {
    const auto& key = rule_->key;
    if (shape_->kind != RuleKind::group ||
        std::find(key.begin(), key.end(), lookup.by) != key.end())
      return;
    report(path,
           "parameter '" + lookup.param + "' of a group rule is looked up by '" + lookup.by +
               "', which is not in its key",
           "the rows of a group share one value: add '" + lookup.by + "' to key");
  }

  std::optional<std::size_t> value_column(const std::string& path, const ParamTable& table,
                                          const std::string& wanted) {
    std::vector<std::string> names;
    for (const Column& column : table.columns()) names.push_back(column.name);
    if (wanted.empty() && names.size() == 1) return 0;
    const auto found = std::find(names.begin(), names.end(), wanted);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    const std::string meant = did_you_mean(wanted, names);
    report(path,
           wanted.empty() ? table.file() + " has several columns of values"
                          : table.file() + " has no column '" + wanted + "'",
           meant.empty() ? "write column = one of: " + join(names, ", ") : meant);
    return std::nullopt;
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

  const RuleSource& source_;
  int scale_;
  const RuleOutline& outline_;
  const ParamTables& tables_;
  Diagnostics& diagnostics_;
  const RuleKindShape* shape_ = nullptr;
  json::object fields_;
  LoadedRule* rule_ = nullptr;
};

}  // namespace

std::unique_ptr<LoadedRule> judge_rule(const RuleSource& source, const json::object& description,
                                       const RuleOutline& outline, const ParamTables& tables,
                                       int currency_scale, Diagnostics& diagnostics) {
  return RuleJudge(source, currency_scale, outline, tables, diagnostics).judge(description);
}

}  // namespace tallymill
