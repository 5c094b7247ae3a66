#include "rules/test_table.h"

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
    for (std::size_t i = 0; i < cases.size(); ++i) read_case(cases[i], i + 1);
    made_->info.tests = made_->cases.size();
    return made_;
  }

 private:
  using Types = std::map<std::string, Type, std::less<>>;

  void read_case(YamlNode node, std::size_t number) {
    const Options fields(node);
    RuleTestCase test;
    test.name = fields.text("name", "case " + std::to_string(number));
    test.where = node.position();
    json::object given = given_;
    json::object params = given_params_;
    read_values(fields.node("given"), columns_, "column", "needs", given);
    read_values(fields.node("params"), params_, "parameter", "params", params);
    test.body["given"] = std::move(given);
    test.body["params"] = std::move(params);
    read_expect(fields.node("expect"), test);
    if (fields.has("message")) test.body["message"] = json::string(fields.text("message"));
    made_->cases.push_back(std::move(test));
  }

  void read_expect(YamlNode expect, RuleTestCase& test) {
    if (expect.is_scalar()) {
      test.body["expect"] = json::string(expect.text());
    } else if (expect.is_mapping() && rule_.info.kind == RuleKind::transform) {
      json::object values;
      read_values(expect, returns_, "column", "returns", values, &test);
      test.body["expect"] = std::move(values);
    } else {
      diagnostics_.error(expect.position(),
                         test.name + " expects a " + std::string(expect.kind_name()) +
                             "; a text was expected" +
                             (rule_.info.kind == RuleKind::transform ? " or columns" : ""));
    }
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
  const OptionSpec given{.name = "given",
                         .kind = OptionKind::map,
                         .summary = "Values of columns; ~ is null.",
                         .fields = {value}};
  const OptionSpec params{.name = "params",
                          .kind = OptionKind::map,
                          .summary = "Values of parameters instead of their defaults.",
                          .fields = {value}};
  OptionSpec all_given = given;
  all_given.summary = "Values of columns where a case gives none.";
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
                                  given,
                                  params,
                                  {.name = "expect",
                                   .kind = OptionKind::any,
                                   .summary = "As in the rule's file: pass, a code, a label, "
                                              "nothing, not_applicable, error, or columns.",
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
