#include "rules/decision_reader.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "rules/decision_analysis.h"

namespace tallymill {
namespace {

const std::vector<std::string>& verdict_words() {
  static const std::vector<std::string> words{"fail", "warn", "pass", "not_applicable"};
  return words;
}

HitPolicy hit_from(std::string_view word) {
  if (word == "first") return HitPolicy::first;
  if (word == "any") return HitPolicy::any;
  return word == "collect" ? HitPolicy::collect : HitPolicy::unique;
}

TextCell cell_of(YamlNode node) {
  TextCell cell{.text = std::string(node.text()),
                .is_given = node.is_scalar() || node.is_sequence(),
                .is_quoted = node.is_quoted(),
                .where = node.position()};
  for (std::size_t i = 0; node.is_sequence() && i < node.size(); ++i)
    cell.items.push_back(cell_of(node[i]));
  return cell;
}

class DecisionReader {
 public:
  DecisionReader(DecisionTable& table, int scale, Diagnostics& diagnostics)
      : table_(table), scale_(scale), diagnostics_(diagnostics) {}

  void read(const TableText& text) {
    text_ = &text;
    if (!text.head.is_mapping())
      return report({table_.file, 1, 1, 1}, "the table says nothing about itself",
                    "begin with lines such as '# kind: classify' and '# inputs: ...'");
    Diagnostics found;
    validate_options(text.head, decision_table_options(), "decision table '" + table_.name + "'",
                     found);
    diagnostics_.add_all(found);
    if (found.has_errors()) return;
    read_head();
    if (diagnostics_.has_errors()) return;
    read_columns();
    if (diagnostics_.has_errors()) return;
    for (const TextRow& row : text.rows) read_row(row);
    if (text.rows.empty())
      report({table_.file, 1, 1, 1}, "the table has no rows", "write them under 'rows:'");
    read_otherwise();
    read_tests();
  }

 private:
  void report(const SourcePosition& where, std::string message, std::string hint = {}) {
    diagnostics_.error(where, std::move(message), std::move(hint));
  }

  YamlNode head(std::string_view key) const { return text_->head.find(key); }

  void read_head() {
    if (head("name").text() != table_.name)
      report(head("name").position(),
             "the rule is named '" + std::string(head("name").text()) + "', its file '" +
                 table_.name + table_.file.substr(table_.file.rfind('.')) + "'",
             "give both the same name");
    table_.kind = find_rule_kind(head("kind").text())->kind;
    if (head("doc")) table_.doc = std::string(head("doc").text());
    if (head("hit")) table_.hit = hit_from(head("hit").text());
    const bool has_one_value = table_.kind != RuleKind::check && table_.kind != RuleKind::classify;
    if (table_.hit == HitPolicy::collect && has_one_value)
      report(head("hit").position(),
             "a " + std::string(to_string(table_.kind)) +
                 " gives one answer a row, so it cannot "
                 "collect several",
             "write unique, first or any");
    read_inputs(head("inputs"));
    read_outputs(head("outputs"));
  }

  std::optional<Type> read_type(YamlNode node, std::string_view word) {
    auto type = type_from_word(word, scale_);
    if (type && type->kind != TypeKind::enumeration && has_typed_values(*type)) return type;
    report(node.position(), "'" + std::string(word) + "' is no type of a decision table",
           "text, integer, money, decimal(p,s) of up to 18 digits, ratio, date, timestamp and "
           "boolean are");
    return std::nullopt;
  }

  void read_inputs(YamlNode inputs) {
    if (inputs.size() == 0) report(inputs.position(), "the table has no inputs");
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      DecisionInput input;
      input.name = std::string(inputs.key(i).text());
      input.where = inputs.key(i).position();
      const YamlNode node = inputs[i].is_mapping() ? inputs[i].find("type") : inputs[i];
      std::string_view word = node.text();
      input.optional = word.ends_with('?');
      if (input.optional) word.remove_suffix(1);
      const auto type = read_type(node, word);
      if (!type) continue;
      input.type = *type;
      if (const YamlNode domain = inputs[i].is_mapping() ? inputs[i].find("domain") : YamlNode()) {
        input.domain =
            read_value_set(input.type, input.optional, input.name, cell_of(domain), diagnostics_);
        // A domain speaks of values; that null can occur is what the '?' says.
        if (input.domain && input.optional) input.domain->has_null = true;
      }
      table_.inputs.push_back(std::move(input));
    }
  }

  void read_outputs(YamlNode outputs) {
    const bool is_transform = table_.kind == RuleKind::transform;
    if (outputs && !is_transform)
      report(outputs.position(), "only a transform names its outputs",
             "those of a " + std::string(to_string(table_.kind)) + " are " +
                 join(names_of(decision_outputs(table_.kind)), ", "));
    if (!outputs && is_transform)
      report({table_.file, 1, 1, 1}, "the transform has no outputs",
             "write outputs: { column: type }");
    table_.outputs = decision_outputs(table_.kind);
    for (std::size_t i = 0; is_transform && outputs && i < outputs.size(); ++i)
      if (const auto type = read_type(outputs[i], outputs[i].text()))
        table_.outputs.push_back({.name = std::string(outputs.key(i).text()), .type = *type});
  }

  static std::vector<std::string> names_of(const std::vector<Column>& columns) {
    std::vector<std::string> names;
    for (const Column& column : columns) names.push_back(column.name);
    return names;
  }

  /// An output that is an input as well is written "=> name".
  std::string written_output(const Column& output) const {
    const bool is_input =
        std::any_of(table_.inputs.begin(), table_.inputs.end(),
                    [&](const DecisionInput& input) { return input.name == output.name; });
    return is_input ? "=> " + output.name : output.name;
  }

  void read_columns() {
    std::vector<std::string> known;
    for (const DecisionInput& input : table_.inputs) {
      known.push_back(input.name);
      input_columns_.push_back(text_->column(input.name));
    }
    for (const Column& output : table_.outputs) {
      known.push_back(written_output(output));
      output_columns_.push_back(text_->column(known.back()));
    }
    for (const TextCell& column : text_->columns) {
      if (std::find(known.begin(), known.end(), column.text) != known.end()) continue;
      const std::string meant = did_you_mean(column.text, known);
      report(column.where, "'" + column.text + "' is neither an input nor an output",
             meant.empty() ? "the table has " + join(known, ", ") : meant);
    }
    if (!table_.outputs.empty() && !text_->rows.empty() && !output_columns_.front())
      report(text_->rows.front().where,
             "the rows have no '" + written_output(table_.outputs.front()) + "'");
  }

  static const TextCell& cell(const TextRow& row, const std::optional<std::size_t>& column) {
    static const TextCell none;
    return column && *column < row.cells.size() ? row.cells[*column] : none;
  }

  void read_row(const TextRow& row) {
    DecisionRow read{row.where, {}, {}};
    for (std::size_t i = 0; i < table_.inputs.size(); ++i) {
      const DecisionInput& input = table_.inputs[i];
      auto set = read_value_set(input.type, input.optional, input.name,
                                cell(row, input_columns_[i]), diagnostics_);
      read.conditions.push_back(set ? std::move(*set) : ValueSet{});
    }
    for (std::size_t i = 0; i < table_.outputs.size(); ++i)
      read.outputs.push_back(read_output(i, cell(row, output_columns_[i]), row.where));
    table_.rows.push_back(std::move(read));
  }

  std::optional<TypedValue> read_output(std::size_t index, const TextCell& written,
                                        const SourcePosition& row) {
    const Column& output = table_.outputs[index];
    const bool is_name = index == 0 && table_.kind != RuleKind::transform;
    if (!written.is_given || (written.text.empty() && is_name)) {
      if (is_name)
        report(written.where.is_known() ? written.where : row, "the row says no " + output.name);
      return std::nullopt;
    }
    if (!written.items.empty()) {
      report(written.where, "'" + output.name + "' is one value, not a list");
      return std::nullopt;
    }
    const auto parsed = parse_typed(output.type, written.text);
    if (!parsed)
      report(written.where,
             "'" + output.name + "' is " + output.type.name() + ", got '" + written.text + "' (" +
                 std::string(to_string(parsed.problem)) + ")",
             "write " + typed_example(output.type));
    if (table_.kind == RuleKind::check && output.name == "verdict" &&
        std::find(verdict_words().begin(), verdict_words().end(), written.text) ==
            verdict_words().end())
      report(written.where, "'" + written.text + "' is no verdict",
             "the verdicts are " + join(verdict_words(), ", "));
    if (output.name == "message") check_message(written);
    return parsed.value;
  }

  /// `{name}` of a message is an input.
  void check_message(const TextCell& written) {
    std::vector<std::string> known;
    for (const DecisionInput& input : table_.inputs) known.push_back(input.name);
    for (std::size_t at = written.text.find('{'); at != std::string::npos;
         at = written.text.find('{', at + 1)) {
      const std::size_t end = written.text.find('}', at);
      if (end == std::string::npos) return;
      const std::string name = written.text.substr(at + 1, end - at - 1);
      if (is_identifier(name) && std::find(known.begin(), known.end(), name) == known.end())
        report(written.where, "the message names {" + name + "}, which is no input",
               did_you_mean(name, known));
    }
  }

  void read_otherwise() {
    const YamlNode node = head("otherwise");
    if (!node) {
      table_.says_nothing_otherwise =
          table_.kind == RuleKind::check || table_.hit == HitPolicy::collect;
      return;
    }
    if (node.is_scalar() &&
        (node.text() == "nothing" || (node.text() == "pass" && table_.kind == RuleKind::check))) {
      table_.says_nothing_otherwise = true;
      return;
    }
    if (!node.is_mapping())
      return report(node.position(), "'otherwise' is a row of outputs, or 'nothing'",
                    "write otherwise: { " + table_.outputs.front().name + ": ... }");
    std::vector<std::string> known;
    for (const Column& output : table_.outputs) known.push_back(output.name);
    for (std::size_t i = 0; i < node.size(); ++i)
      if (!table_.output(node.key(i).text()))
        report(node.key(i).position(), "'" + std::string(node.key(i).text()) + "' is no output",
               did_you_mean(node.key(i).text(), known));
    std::vector<std::optional<TypedValue>> values;
    for (std::size_t i = 0; i < table_.outputs.size(); ++i) {
      const YamlNode value = node.find(table_.outputs[i].name);
      values.push_back(read_output(i, value ? cell_of(value) : TextCell{}, node.position()));
    }
    table_.otherwise = std::move(values);
  }

  void read_tests() {
    const YamlNode tests = head("tests");
    for (std::size_t i = 0; tests && i < tests.size(); ++i)
      read_test(tests[i], "test " + std::to_string(i + 1));
  }

  void read_test(YamlNode node, const std::string& name) {
    static const std::vector<OptionSpec> kFields{
        {.name = "name", .kind = OptionKind::text, .summary = "What the test is about."},
        {.name = "given",
         .kind = OptionKind::map,
         .summary = "The fact, by input.",
         .required = true,
         .fields = {{.name = "value", .kind = OptionKind::any}}},
        {.name = "expect", .kind = OptionKind::any, .summary = "What follows.", .required = true}};
    Diagnostics found;
    validate_options(node, kFields, name, found);
    diagnostics_.add_all(found);
    if (found.has_errors()) return;
    DecisionTest test;
    test.name = node.find("name") ? std::string(node.find("name").text()) : name;
    test.where = node.position();
    read_given(node.find("given"), test);
    read_expected(node.find("expect"), test);
    table_.tests.push_back(std::move(test));
  }

  void read_given(YamlNode given, DecisionTest& test) {
    std::vector<std::string> known;
    for (const DecisionInput& input : table_.inputs) known.push_back(input.name);
    for (std::size_t i = 0; i < given.size(); ++i)
      if (std::find(known.begin(), known.end(), given.key(i).text()) == known.end())
        report(given.key(i).position(), "'" + std::string(given.key(i).text()) + "' is no input",
               did_you_mean(given.key(i).text(), known));
    for (const DecisionInput& input : table_.inputs)
      test.given.push_back(typed(given.find(input.name), input.name, input.type));
  }

  std::optional<TypedValue> typed(YamlNode node, const std::string& name, const Type& type) {
    if (!node || node.is_null()) return std::nullopt;
    const auto parsed = parse_typed(type, node.text());
    if (parsed) return parsed.value;
    report(node.position(),
           "'" + name + "' is " + type.name() + ", got '" + std::string(node.text()) + "' (" +
               std::string(to_string(parsed.problem)) + ")",
           "write " + typed_example(type));
    return std::nullopt;
  }

  void read_expected(YamlNode expect, DecisionTest& test) {
    if (!expect.is_mapping()) {
      test.expect = std::string(expect.text());
      return;
    }
    test.expects_outputs = true;
    std::vector<std::string> known;
    for (const Column& output : table_.outputs) known.push_back(output.name);
    for (std::size_t i = 0; i < expect.size(); ++i) {
      const auto output = table_.output(expect.key(i).text());
      if (!output)
        report(expect.key(i).position(), "'" + std::string(expect.key(i).text()) + "' is no output",
               did_you_mean(expect.key(i).text(), known));
      else
        test.outputs.emplace_back(
            *output, typed(expect[i], table_.outputs[*output].name, table_.outputs[*output].type));
    }
  }

  DecisionTable& table_;
  int scale_;
  Diagnostics& diagnostics_;
  const TableText* text_ = nullptr;
  std::vector<std::optional<std::size_t>> input_columns_;
  std::vector<std::optional<std::size_t>> output_columns_;
};

}  // namespace

std::shared_ptr<const DecisionTable> read_decision_table(const std::string& name,
                                                         const std::string& file,
                                                         const std::string& text,
                                                         int currency_scale,
                                                         Diagnostics& diagnostics) {
  auto table = std::make_shared<DecisionTable>();
  table->name = name;
  table->file = file;
  Diagnostics found;
  found.add_source(file, std::make_shared<const std::string>(text));
  const auto read = read_table_text(file, text, found);
  if (read && !found.has_errors()) DecisionReader(*table, currency_scale, found).read(*read);
  if (read && !found.has_errors()) {
    table->cut_axes();
    analyse(*table, found);
  }
  diagnostics.add_all(found);
  return found.has_errors() ? nullptr : table;
}

}  // namespace tallymill
