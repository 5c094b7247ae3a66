#include "rules/test_table.h"

#include <algorithm>

#include "core/text.h"
#include "rules/rule_value.h"

namespace tallymill {
namespace {

/// What a value of a type is written as.
std::string written(const Type& type) {
  switch (type.kind) {
    case TypeKind::integer:
      return "a whole number";
    case TypeKind::money:
    case TypeKind::decimal:
      return "an amount with at most " + std::to_string(type.scale) + " fraction digits";
    case TypeKind::ratio:
      return "a number such as 0.05";
    case TypeKind::date:
      return "a day as YYYY-MM-DD";
    case TypeKind::timestamp:
      return "a time as YYYY-MM-DDTHH:MM:SSZ";
    case TypeKind::boolean:
      return "true or false";
    default:
      return "a text";
  }
}

class TestTable {
 public:
  TestTable(const LoadedRule& rule, Diagnostics& diagnostics)
      : rule_(rule), made_(std::make_shared<LoadedRule>(rule)), diagnostics_(diagnostics) {
    for (const RuleNeed& need : rule.info.needs) columns_.emplace(need.column, need.type);
    for (const Column& column : rule.info.returns) returns_.emplace(column.name, column.type);
    for (const auto& [name, value] : rule.info.params) {
      const auto type = rule.param_types.find(name);
      params_.emplace(name, type == rule.param_types.end() ? Type::ratio() : type->second);
    }
  }

  std::shared_ptr<const LoadedRule> read(YamlNode root) {
    const Options table(root);
    read_values(table.node("given"), columns_, "column", "needs", given_);
    read_values(table.node("params"), params_, "parameter", "params", given_params_);
    const std::vector<YamlNode> cases = table.list("cases");
    std::vector<RuleTestCase> tests;
    for (std::size_t i = 0; i < cases.size(); ++i) tests.push_back(read_case(cases[i], i + 1));
    made_->info.tests += tests.size();
    if (rule_.table != nullptr)
      add_to_table(tests);
    else
      made_->cases.insert(made_->cases.end(), tests.begin(), tests.end());
    return made_;
  }

 private:
  using Types = std::map<std::string, Type, std::less<>>;

  bool sees_groups() const { return rule_.info.kind == RuleKind::group; }

  RuleTestCase read_case(YamlNode node, std::size_t number) {
    const Options fields(node);
    RuleTestCase test;
    test.name = fields.text("name", "case " + std::to_string(number));
    test.where = node.position();
    json::object params = given_params_;
    test.body["given"] = read_given(fields.node("given"), test);
    read_values(fields.node("params"), params_, "parameter", "params", params);
    test.body["params"] = std::move(params);
    read_expect(fields.node("expect"), test);
    if (fields.has("message")) {
      test.body["message"] = json::string(fields.text("message"));
      if (rule_.table != nullptr)
        diagnostics_.error(fields.node("message").position(),
                           test.name + " expects a message, which tests of a decision table do not",
                           "leave it out");
    }
    return test;
  }

  /// A row, or the rows of a group.
  json::value read_given(YamlNode node, const RuleTestCase& test) {
    if (!sees_groups()) return read_row(node, test.name);
    json::array rows;
    if (!node.is_sequence())
      diagnostics_.error(node ? node.position() : test.where, test.name + " gives no list of rows",
                         "write given: [{ column: value }]");
    for (std::size_t i = 0; node.is_sequence() && i < node.size(); ++i)
      rows.push_back(read_row(node[i], test.name));
    return rows;
  }

  json::object read_row(YamlNode node, const std::string& test) {
    json::object row = given_;
    if (node && !node.is_null() && !node.is_mapping())
      diagnostics_.error(node.position(), test + " gives a " + std::string(node.kind_name()) +
                                              "; columns were expected");
    else
      read_values(node, columns_, "column", "needs", row);
    return row;
  }

  void read_expect(YamlNode expect, RuleTestCase& test) {
    if (expect.is_scalar()) {
      test.body["expect"] = json::string(expect.text());
      // A score is written as any amount: 70 means 70.00 of money.
      if (rule_.info.kind == RuleKind::score && rule_.table == nullptr)
        if (auto points = lua_value_from_text(rule_.points, expect.text()))
          test.body["expect"] = std::move(*points);
    } else if (expect.is_sequence() && (sees_groups() || rule_.many)) {
      json::array words;
      for (std::size_t i = 0; i < expect.size(); ++i)
        words.push_back(json::string(expect[i].text()));
      test.body["expect"] = std::move(words);
    } else if (expect.is_mapping() && rule_.info.kind == RuleKind::transform) {
      json::object values;
      read_values(expect, returns_, "column", "returns", values, &test);
      test.body["expect"] = std::move(values);
    } else {
      diagnostics_.error(expect.position(),
                         test.name + " expects a " + std::string(expect.kind_name()) +
                             "; a text was expected" +
                             (rule_.info.kind == RuleKind::transform ? " or columns"
                              : sees_groups()                        ? " or a list, one a row"
                              : rule_.many                           ? " or a list of labels"
                                                                     : ""));
    }
  }

  /// A decision table judges its tests itself, by the values that files have.
  void add_to_table(const std::vector<RuleTestCase>& tests) {
    if (diagnostics_.has_errors()) return;
    auto table = std::make_shared<DecisionTable>(*rule_.table);
    for (const RuleTestCase& test : tests) {
      const json::object& given = json_at(test.body, "given").as_object();
      DecisionTest made{
          .name = test.name, .where = test.where, .given = {}, .expect = {}, .outputs = {}};
      for (const DecisionInput& input : table->inputs)
        made.given.push_back(typed(input.type, given.if_contains(input.name)));
      const json::value& expect = json_at(test.body, "expect");
      if (expect.is_string()) made.expect = expect.get_string();
      made.expects_outputs = expect.is_object();
      const json::value* nulls = test.body.if_contains("expect_null");
      for (std::size_t i = 0; made.expects_outputs && i < table->outputs.size(); ++i) {
        const Column& output = table->outputs[i];
        const json::value* value = expect.get_object().if_contains(output.name);
        if (value != nullptr || (nulls != nullptr && holds(nulls->as_array(), output.name)))
          made.outputs.emplace_back(i, typed(output.type, value));
      }
      table->tests.push_back(std::move(made));
    }
    made_->table = std::move(table);
  }

  static std::optional<TypedValue> typed(const Type& type, const json::value* value) {
    if (value == nullptr) return std::nullopt;
    return typed_from_lua(type, *value);
  }

  static bool holds(const json::array& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(),
                       [&](const json::value& item) { return item.as_string() == name; });
  }

  /// Reads a mapping of typed values into `values`; a null takes the name out.
  void read_values(YamlNode node, const Types& types, const std::string& what,
                   const std::string& where, json::object& values,
                   RuleTestCase* expects = nullptr) {
    if (!node || node.is_null()) return;
    for (std::size_t i = 0; i < node.size(); ++i) {
      const std::string name(node.key(i).text());
      const auto type = types.find(name);
      if (type == types.end()) {
        std::vector<std::string> known;
        for (const auto& [other, ignored] : types) known.push_back(other);
        diagnostics_.error(node.key(i).position(),
                           what + " '" + name + "' is not in " + where + " of " + rule_.source.file,
                           did_you_mean(name, known));
      } else if (node[i].is_null()) {
        values.erase(name);
        if (expects != nullptr) add_null(*expects, name);
      } else {
        read_value(node[i], name, what, type->second, values);
      }
    }
  }

  static void add_null(RuleTestCase& test, const std::string& name) {
    if (!test.body.contains("expect_null")) test.body["expect_null"] = json::array();
    test.body["expect_null"].as_array().push_back(json::string(name));
  }

  void read_value(YamlNode node, const std::string& name, const std::string& what, const Type& type,
                  json::object& values) {
    std::optional<json::value> value;
    if (node.is_scalar()) value = lua_value_from_text(type, node.text());
    if (value)
      values[name] = std::move(*value);
    else
      diagnostics_.error(node.position(),
                         what + " '" + name + "' is " + type.name() + " and must be " +
                             written(type) + ", got " +
                             (node.is_scalar() ? "'" + std::string(node.text()) + "'"
                                               : "a " + std::string(node.kind_name())));
  }

  const LoadedRule& rule_;
  std::shared_ptr<LoadedRule> made_;
  Diagnostics& diagnostics_;
  Types columns_, params_, returns_;
  json::object given_, given_params_;
};

}  // namespace

std::vector<OptionSpec> test_table_options() {
  const OptionSpec value{.name = "value", .kind = OptionKind::any};
  const OptionSpec params{.name = "params",
                          .kind = OptionKind::map,
                          .summary = "Values of parameters instead of their defaults.",
                          .fields = {value}};
  const OptionSpec all_given{.name = "given",
                             .kind = OptionKind::map,
                             .summary = "Values of columns where a case gives none.",
                             .fields = {value}};
  OptionSpec all_params = params;
  all_params.summary = "Values of parameters in all cases.";
  return {all_given,
          all_params,
          {.name = "cases",
           .kind = OptionKind::list,
           .summary = "The cases.",
           .required = true,
           .fields = {{.name = "case",
                       .kind = OptionKind::object,
                       .fields = {{.name = "name",
                                   .kind = OptionKind::text,
                                   .summary = "What the case shows; default: its number."},
                                  {.name = "given",
                                   .kind = OptionKind::any,
                                   .summary = "Values of columns; ~ is null. Of a group rule a "
                                              "list of rows."},
                                  params,
                                  {.name = "expect",
                                   .kind = OptionKind::any,
                                   .summary = "As in the rule's file: pass, a code, a label, a "
                                              "score, nothing, not_applicable, error, columns, or "
                                              "a list.",
                                   .required = true},
                                  {.name = "message",
                                   .kind = OptionKind::text,
                                   .summary = "The whole message the rule must give."}}}}}};
}

std::shared_ptr<const LoadedRule> with_test_table(const LoadedRule& rule, const std::string& file,
                                                  const std::string& text,
                                                  Diagnostics& diagnostics) {
  Diagnostics own;
  std::shared_ptr<const LoadedRule> made;
  if (const auto document = YamlDocument::parse(file, text, own)) {
    validate_options(document->root(), test_table_options(), "a table of tests", own);
    if (!own.has_errors()) made = TestTable(rule, own).read(document->root());
  }
  const bool is_sound = !own.has_errors();
  diagnostics.add_all(own);
  return is_sound ? made : std::make_shared<LoadedRule>(rule);
}

}  // namespace tallymill
