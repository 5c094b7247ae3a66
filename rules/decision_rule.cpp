#include "rules/decision_rule.h"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>

#include "core/text.h"
#include "rules/decision_reader.h"
#include "rules/rule_value.h"
#include "rules/verdict_codec.h"

namespace tallymill {
namespace {

/// What a fact came to; otherwise the number of the row that counts.
enum Mark : std::int32_t { kNone = -1, kNotApplicable = -2, kOutside = -3, kAmbiguous = -4 };

/// Parts of a message: a text, or the number of an input whose value stands there.
struct MessagePart {
  std::string text;
  std::optional<std::size_t> input;
};

std::vector<MessagePart> message_parts(const DecisionTable& table, const std::string& message) {
  std::vector<MessagePart> parts;
  std::string text;
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t end = message[at] == '{' ? message.find('}', at) : std::string::npos;
    const std::string name =
        end == std::string::npos ? std::string() : message.substr(at + 1, end - at - 1);
    const auto input = std::find_if(table.inputs.begin(), table.inputs.end(),
                                    [&](const DecisionInput& one) { return one.name == name; });
    if (name.empty() || input == table.inputs.end()) {
      text += message[at++];
      continue;
    }
    parts.push_back({std::move(text), std::nullopt});
    parts.push_back({{}, static_cast<std::size_t>(input - table.inputs.begin())});
    text.clear();
    at = end + 1;
  }
  parts.push_back({std::move(text), std::nullopt});
  return parts;
}

/// What a row of a check says, ready to be put together.
struct RowVerdict {
  bool passes = false;
  Verdict::State state = Verdict::State::fail;
  std::string code;
  std::vector<MessagePart> message;
};

std::optional<TypedValue> output_of(const DecisionTable& table,
                                    const std::vector<std::optional<TypedValue>>& outputs,
                                    std::string_view name) {
  const auto index = table.output(name);
  return index ? outputs[*index] : std::nullopt;
}

RowVerdict verdict_of(const DecisionTable& table,
                      const std::vector<std::optional<TypedValue>>& outputs) {
  RowVerdict verdict;
  const std::string word =
      output_of(table, outputs, "verdict").value_or(TypedValue{0, "fail"}).text;
  verdict.passes = word == "pass";
  if (word == "warn") verdict.state = Verdict::State::warn;
  if (word == "not_applicable") verdict.state = Verdict::State::not_applicable;
  verdict.code = output_of(table, outputs, "code").value_or(TypedValue{}).text;
  verdict.message =
      message_parts(table, output_of(table, outputs, "message").value_or(TypedValue{}).text);
  return verdict;
}

/// Matches the facts of chunks with a table's rows. Used by one thread at a time.
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const RulePlan> plan)
      : plan_(std::move(plan)), table_(*plan_->rules.front().rule->table) {
    for (const DecisionInput& input : table_.inputs) {
      Reader& reader = readers_.emplace_back();
      for (std::size_t i = 0; i < plan_->columns.size(); ++i)
        if (plan_->columns[i].name == input.name) reader.column = i;
      reader.atoms.resize(kChunkRows);
    }
    marks_.resize(kChunkRows);
  }

  const DecisionTable& table() const { return table_; }

  /// Fills marks(): a row number, or a Mark.
  void match(std::span<const ColumnView> arguments, std::size_t rows) {
    arguments_ = arguments;
    for (std::size_t i = 0; i < readers_.size(); ++i) read(i, rows);
    for (std::size_t row = 0; row < rows; ++row) marks_[row] = first_hit(row);
    for (std::size_t i = 0; i < readers_.size(); ++i) mark_special(i, rows);
  }
  const std::vector<std::int32_t>& marks() const { return marks_; }

  /// All rows that apply to the fact, in order.
  void all_hits(std::size_t row, std::vector<std::size_t>& hits) const {
    hits.clear();
    for (std::size_t word = 0; word < table_.words(); ++word)
      for (std::uint64_t bits = word_of(row, word); bits != 0; bits &= bits - 1)
        hits.push_back(word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
  }

  /// The fact's value of an input as people read it.
  std::string value_text(std::size_t input, std::size_t row) const {
    const PlanColumn& column = plan_->columns[readers_[input].column];
    const ColumnView& view = arguments_[column.argument];
    if (is_text(column.type)) {
      const std::int64_t code = view.as<std::int64_t>()[row];
      if (code == TextCodes::kNull) return "null";
      if (column.sensitive) return std::string(kMaskedValue);
      if (code == TextCodes::kUnknown)
        return std::string(arguments_[column.argument + 1].as<StringRef>()[row].view());
      return std::string(text_of(readers_[input], code));
    }
    if (view.is_null(row)) return "null";
    if (column.sensitive) return std::string(kMaskedValue);
    return typed_text(table_.inputs[input].type, {number_of(column.type, view, row), {}});
  }

  std::string error_text(std::size_t row) const {
    const std::string place = table_.file + ": ";
    if (marks_[row] == kAmbiguous) {
      std::vector<std::size_t> hits;
      all_hits(row, hits);
      return place + "rows " + std::to_string(hits[0] + 1) + " and " + std::to_string(hits[1] + 1) +
             " both apply";
    }
    for (std::size_t i = 0; marks_[row] == kOutside && i < readers_.size(); ++i)
      if (table_.axes[i].is_outside(readers_[i].atoms[row]))
        return place + "'" + table_.inputs[i].name + "' is " + value_text(i, row) +
               ", which is outside its domain";
    return place + "no row applies";
  }

 private:
  struct Reader {
    std::size_t column = 0;
    std::vector<std::uint32_t> atoms;    ///< by row of the chunk
    std::vector<std::uint32_t> by_code;  ///< of texts: atoms by number
    std::vector<std::string_view> texts;
  };

  static std::int64_t number_of(const Type& type, const ColumnView& view, std::size_t row) {
    if (type.kind == TypeKind::date) return view.as<std::int32_t>()[row];
    if (type.kind == TypeKind::boolean) return view.as<bool>()[row] ? 1 : 0;
    return view.as<std::int64_t>()[row];
  }

  std::string_view text_of(const Reader& reader, std::int64_t code) const {
    const auto first = plan_->columns[reader.column].codes->first();
    return code == 0 ? std::string_view()
                     : reader.texts[static_cast<std::size_t>(code - first - 1)];
  }

  void read(std::size_t input, std::size_t rows) {
    Reader& reader = readers_[input];
    const PlanColumn& column = plan_->columns[reader.column];
    const ColumnView& view = arguments_[column.argument];
    if (is_text(column.type)) {
      read_texts(input, view.as<std::int64_t>(), rows);
      return;
    }
    const DecisionAxis& axis = table_.axes[input];
    for (std::size_t row = 0; row < rows; ++row)
      reader.atoms[row] =
          static_cast<std::uint32_t>(axis.atom_of(number_of(column.type, view, row)));
    if (view.validity == nullptr) return;
    for (std::size_t row = 0; row < rows; ++row)
      if (view.is_null(row)) reader.atoms[row] = static_cast<std::uint32_t>(axis.atom_of_null());
  }

  void read_texts(std::size_t input, const std::int64_t* codes, std::size_t rows) {
    Reader& reader = readers_[input];
    const DecisionAxis& axis = table_.axes[input];
    const PlanColumn& column = plan_->columns[reader.column];
    const std::int64_t first = column.codes->first();
    for (std::size_t known = reader.texts.size(); known < column.codes->size();
         known = reader.texts.size()) {
      column.codes->read(known, reader.texts);
      for (std::size_t i = known; i < reader.texts.size(); ++i)
        reader.by_code.push_back(static_cast<std::uint32_t>(axis.atom_of(reader.texts[i])));
    }
    for (std::size_t row = 0; row < rows; ++row) {
      const std::int64_t code = codes[row];
      if (code > first)
        reader.atoms[row] = reader.by_code[static_cast<std::size_t>(code - first - 1)];
      else if (code == TextCodes::kNull)
        reader.atoms[row] = static_cast<std::uint32_t>(axis.atom_of_null());
      else if (code == TextCodes::kUnknown)
        reader.atoms[row] = static_cast<std::uint32_t>(
            axis.atom_of(arguments_[column.argument + 1].as<StringRef>()[row].view()));
      else
        reader.atoms[row] = static_cast<std::uint32_t>(axis.atom_of(std::string_view()));
    }
  }

  std::uint64_t word_of(std::size_t row, std::size_t word) const {
    std::uint64_t bits = ~std::uint64_t{0};
    for (std::size_t i = 0; i < readers_.size(); ++i)
      bits &= table_.axes[i].rows(readers_[i].atoms[row])[word];
    return bits;
  }

  std::int32_t first_hit(std::size_t row) const {
    const bool must_be_one = table_.hit == HitPolicy::unique && !table_.is_proved;
    for (std::size_t word = 0; word < table_.words(); ++word) {
      const std::uint64_t bits = word_of(row, word);
      if (bits == 0) continue;
      if (must_be_one && has_more(row, word, bits)) return kAmbiguous;
      return static_cast<std::int32_t>(word * 64) + std::countr_zero(bits);
    }
    return kNone;
  }

  bool has_more(std::size_t row, std::size_t word, std::uint64_t bits) const {
    if ((bits & (bits - 1)) != 0) return true;
    for (++word; word < table_.words(); ++word)
      if (word_of(row, word) != 0) return true;
    return false;
  }

  /// Nulls where the rule needs a value, and values that cannot be.
  void mark_special(std::size_t input, std::size_t rows) {
    const DecisionAxis& axis = table_.axes[input];
    const bool optional = table_.inputs[input].optional;
    const auto null = static_cast<std::uint32_t>(axis.atom_of_null());
    if (table_.inputs[input].domain)
      for (std::size_t row = 0; row < rows; ++row)
        if (marks_[row] == kNone && axis.is_outside(readers_[input].atoms[row]))
          marks_[row] = kOutside;
    if (optional) return;
    for (std::size_t row = 0; row < rows; ++row)
      if (readers_[input].atoms[row] == null) marks_[row] = kNotApplicable;
  }

  std::shared_ptr<const RulePlan> plan_;
  const DecisionTable& table_;
  std::span<const ColumnView> arguments_;
  std::vector<Reader> readers_;
  std::vector<std::int32_t> marks_;
};

/// A matcher per thread that asks at the same time.
class Matchers {
 public:
  explicit Matchers(std::shared_ptr<const RulePlan> plan) : plan_(std::move(plan)) {}

  template <class Use>
  void match(std::span<const ColumnView> arguments, std::size_t rows, const Use& use) {
    std::unique_ptr<Matcher> matcher = take();
    matcher->match(arguments, rows);
    use(*matcher);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(matcher));
  }

 private:
  std::unique_ptr<Matcher> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Matcher>(plan_);
    auto matcher = std::move(idle_.back());
    idle_.pop_back();
    return matcher;
  }

  std::shared_ptr<const RulePlan> plan_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Matcher>> idle_;
};

std::string message_text(const Matcher& matcher, std::size_t row,
                         const std::vector<MessagePart>& parts) {
  std::string text;
  for (const MessagePart& part : parts)
    text += part.input ? matcher.value_text(*part.input, row) : part.text;
  return text;
}

/// Writes what a check says: findings of each row, null where there are none.
class VerdictWriter {
 public:
  VerdictWriter(const DecisionTable& table, std::size_t number) : table_(table), number_(number) {
    for (const DecisionRow& row : table.rows) rows_.push_back(verdict_of(table, row.outputs));
    if (table.otherwise) otherwise_ = verdict_of(table, *table.otherwise);
  }

  void write(const Matcher& matcher, std::size_t rows, ColumnWriter& writer) const {
    ColumnWriter verdicts = writer.field(0);
    verdicts.set_all_null(rows);
    std::vector<std::size_t> hits;
    std::vector<Finding> findings;
    std::vector<std::string> messages;
    std::string encoded;
    for (std::size_t row = 0; row < rows; ++row) {
      findings.clear();
      messages.clear();
      messages.reserve(table_.rows.size() + 1);
      collect(matcher, row, hits, messages, findings);
      if (findings.empty()) continue;
      encode_verdicts(findings, encoded);
      verdicts.set_valid(row);
      verdicts.set_text(row, encoded);
    }
  }

 private:
  void collect(const Matcher& matcher, std::size_t row, std::vector<std::size_t>& hits,
               std::vector<std::string>& messages, std::vector<Finding>& findings) const {
    const std::int32_t mark = matcher.marks()[row];
    const auto add = [&](Verdict::State state, std::string_view code, std::string message) {
      messages.push_back(std::move(message));
      findings.push_back({static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(number_),
                          state, code, messages.back()});
    };
    if (mark == kNotApplicable) return add(Verdict::State::not_applicable, "", "");
    const bool is_open = mark == kNone && !table_.otherwise && !table_.says_nothing_otherwise;
    if (mark == kOutside || mark == kAmbiguous || is_open)
      return add(Verdict::State::error, "rule_error", matcher.error_text(row));
    const auto say = [&](const RowVerdict& verdict) {
      if (!verdict.passes)
        add(verdict.state, verdict.code, message_text(matcher, row, verdict.message));
    };
    if (mark == kNone) {
      if (otherwise_) say(*otherwise_);
    } else if (table_.hit != HitPolicy::collect) {
      say(rows_[static_cast<std::size_t>(mark)]);
    } else {
      matcher.all_hits(row, hits);
      for (const std::size_t hit : hits) say(rows_[hit]);
    }
  }

  const DecisionTable& table_;
  std::size_t number_;
  std::vector<RowVerdict> rows_;
  std::optional<RowVerdict> otherwise_;
};

/// The labels of all rows that apply, each once, in order.
std::string labels_text(const Matcher& matcher, std::size_t row, std::vector<std::size_t>& hits) {
  matcher.all_hits(row, hits);
  std::vector<std::string> labels;
  for (const std::size_t hit : hits)
    if (const auto& label = matcher.table().rows[hit].outputs.front();
        label && std::find(labels.begin(), labels.end(), label->text) == labels.end())
      labels.push_back(label->text);
  return join(labels, ";");
}

/// The messages of a threshold, split once instead of for every fact.
struct ThresholdMessages {
  explicit ThresholdMessages(const DecisionTable& table) {
    if (table.kind != RuleKind::threshold || table.outputs.size() < 2) return;
    const auto parts = [&](const std::vector<std::optional<TypedValue>>& outputs) {
      return message_parts(table, outputs[1] ? outputs[1]->text : std::string());
    };
    for (const DecisionRow& row : table.rows) by_row.push_back(parts(row.outputs));
    if (table.otherwise) otherwise = parts(*table.otherwise);
  }

  std::vector<std::vector<MessagePart>> by_row;  ///< empty: the table is of another kind
  std::vector<MessagePart> otherwise;
};

/// Writes the columns of a value kind, then error and not_applicable.
void write_outputs(const Matcher& matcher, const ThresholdMessages& messages, std::size_t rows,
                   ColumnWriter& writer) {
  const DecisionTable& table = matcher.table();
  const std::vector<std::int32_t>& marks = matcher.marks();
  const bool collects = table.hit == HitPolicy::collect;
  std::vector<std::size_t> hits;
  for (std::size_t i = 0; i < table.outputs.size(); ++i) {
    ColumnWriter column = writer.field(i);
    const bool is_message = i == 1 && !messages.by_row.empty();
    for (std::size_t row = 0; row < rows; ++row) {
      const std::int32_t mark = marks[row];
      const std::optional<TypedValue>* value = nullptr;
      if (mark >= 0)
        value = &table.rows[static_cast<std::size_t>(mark)].outputs[i];
      else if (mark == kNone && table.otherwise)
        value = &(*table.otherwise)[i];
      if (value == nullptr || !*value) {
        column.set_null(row);
      } else if (mark >= 0 && collects) {
        column.set_text(row, labels_text(matcher, row, hits));
      } else if (is_message) {
        column.set_text(row,
                        message_text(matcher, row,
                                     mark >= 0 ? messages.by_row[static_cast<std::size_t>(mark)]
                                               : messages.otherwise));
      } else {
        write_typed(table.outputs[i].type, **value, row, column);
      }
    }
  }
  ColumnWriter errors = writer.field(table.outputs.size());
  ColumnWriter not_applicable = writer.field(table.outputs.size() + 1);
  errors.set_all_null(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::int32_t mark = marks[row];
    not_applicable.as<bool>()[row] = mark == kNotApplicable;
    const bool is_open = mark == kNone && !table.otherwise && !table.says_nothing_otherwise;
    if (mark != kOutside && mark != kAmbiguous && !is_open) continue;
    errors.set_valid(row);
    errors.set_text(row, matcher.error_text(row));
  }
}

/// What a test sees of an outcome: "pass", a code, a label, "nothing".
std::string outcome_text(const DecisionTable& table, const DecisionOutcome& outcome) {
  using State = DecisionOutcome::State;
  std::string none = table.kind == RuleKind::check ? "pass" : "nothing";
  if (outcome.state == State::not_applicable) return "not_applicable";
  if (outcome.state == State::error) return "error";
  if (outcome.state == State::nothing) return none;
  std::vector<std::string> texts;
  const auto add = [&](const std::vector<std::optional<TypedValue>>& outputs) {
    if (table.kind == RuleKind::check && verdict_of(table, outputs).passes) return;
    const std::string text = outputs.front() ? outputs.front()->text : std::string();
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  };
  if (outcome.state == State::otherwise) add(*table.otherwise);
  for (const std::size_t row : outcome.rows) add(table.rows[row].outputs);
  return texts.empty() ? none : join(texts, ";");
}

std::string shown(const Type& type, const std::optional<TypedValue>& value) {
  if (!value) return "null";
  return is_text(type) ? "'" + value->text + "'" : typed_text(type, *value);
}

}  // namespace

std::unique_ptr<LoadedRule> load_decision_rule(const RuleSource& source, int currency_scale,
                                               Diagnostics& diagnostics) {
  auto table =
      read_decision_table(source.name, source.file, source.text, currency_scale, diagnostics);
  if (table == nullptr) return nullptr;
  auto rule = std::make_unique<LoadedRule>();
  rule->source = source;
  rule->info.name = source.name;
  rule->info.file = source.file;
  rule->info.kind = table->kind;
  rule->info.doc = table->doc;
  for (const DecisionInput& input : table->inputs)
    rule->info.needs.push_back({input.name, input.type, input.optional});
  if (table->kind == RuleKind::transform) rule->info.returns = table->outputs;
  rule->info.tests = table->tests.size();
  rule->table = std::move(table);
  return rule;
}

namespace {

using Outputs = std::vector<std::optional<TypedValue>>;

RuleTest run_decision_test(const DecisionTable& table, const DecisionTest& test) {
  RuleTest result{table.name, test.name, false, "", test.where};
  const DecisionOutcome outcome = decide(table, test.given);
  const std::string got = outcome_text(table, outcome);
  if (!test.expects_outputs) {
    result.passed = got == test.expect;
    if (!result.passed)
      result.message = "expected " + test.expect + ", got " + got +
                       (outcome.error.empty() ? "" : ": " + outcome.error);
    return result;
  }
  const std::vector<std::optional<TypedValue>>* outputs = nullptr;
  if (outcome.state == DecisionOutcome::State::rows)
    outputs = &table.rows[outcome.rows.front()].outputs;
  if (outcome.state == DecisionOutcome::State::otherwise) outputs = &*table.otherwise;
  std::vector<std::string> differences;
  for (const auto& [output, expected] : test.outputs) {
    const Column& column = table.outputs[output];
    if (outputs != nullptr && (*outputs)[output] == expected) continue;
    differences.push_back("expected " + column.name + " = " + shown(column.type, expected) +
                          ", got " +
                          (outputs == nullptr ? got : shown(column.type, (*outputs)[output])));
  }
  result.passed = differences.empty() && outputs != nullptr;
  result.message =
      outputs == nullptr && differences.empty() ? "got " + got : join(differences, "; ");
  return result;
}

/// Puts together what `trace` tells of a fact.
class DecisionTracer {
 public:
  DecisionTracer(const DecisionTable& table, const json::object& given,
                 const std::set<std::string>& sensitive)
      : table_(table), sensitive_(sensitive) {
    for (const DecisionInput& input : table.inputs) {
      const json::value* value = given.if_contains(input.name);
      fact_.push_back(value == nullptr || value->is_null()
                          ? std::nullopt
                          : std::optional(typed_from_lua(input.type, *value)));
    }
  }

  DecisionTrace trace() {
    using State = DecisionOutcome::State;
    const DecisionOutcome outcome = decide(table_, fact_);
    DecisionTrace trace{
        .rows = {}, .verdict = outcome_text(table_, outcome), .message = {}, .values = {}};
    for (const std::size_t row : outcome.rows)
      trace.rows.push_back({row + 1, table_.rows[row].where});
    if (outcome.state == State::error) trace.message = error_text(outcome);
    if (outcome.state == State::rows)
      for (const std::size_t row : outcome.rows) say(table_.rows[row].outputs, trace);
    if (outcome.state == State::otherwise) say(*table_.otherwise, trace);
    if (!verdicts_.empty()) trace.verdict = join(verdicts_, "; ");
    if (!messages_.empty()) trace.message = join(messages_, "; ");
    return trace;
  }

 private:
  void say(const Outputs& outputs, DecisionTrace& trace) {
    if (table_.kind == RuleKind::check) {
      const RowVerdict verdict = verdict_of(table_, outputs);
      if (verdict.passes) return;
      verdicts_.push_back(verdict.state == Verdict::State::not_applicable
                              ? std::string("not_applicable")
                              : (verdict.state == Verdict::State::warn ? "warn " : "fail ") +
                                    verdict.code);
      add_message(verdict.message);
    } else if (table_.kind == RuleKind::transform) {
      verdicts_ = {"set"};
      for (std::size_t i = 0; i < outputs.size(); ++i)
        trace.values.emplace_back(table_.outputs[i].name,
                                  shown(table_.outputs[i].type, outputs[i]));
    } else if (const auto message = output_of(table_, outputs, "message")) {
      add_message(message_parts(table_, message->text));
    }
  }

  void add_message(const std::vector<MessagePart>& parts) {
    std::string text;
    for (const MessagePart& part : parts) text += part.input ? value_text(*part.input) : part.text;
    if (!text.empty()) messages_.push_back(std::move(text));
  }

  std::string value_text(std::size_t input) const {
    const DecisionInput& it = table_.inputs[input];
    if (!fact_[input]) return "null";
    if (sensitive_.contains(it.name)) return std::string(kMaskedValue);
    return is_text(it.type) ? fact_[input]->text : typed_text(it.type, *fact_[input]);
  }

  /// decide() names the value that is outside its domain, which may be a sensitive one.
  std::string error_text(const DecisionOutcome& outcome) const {
    const auto hidden =
        std::any_of(table_.inputs.begin(), table_.inputs.end(), [&](const DecisionInput& it) {
          return sensitive_.contains(it.name) && outcome.error.starts_with("'" + it.name + "' is ");
        });
    const std::string place = table_.file + ": ";
    if (!hidden) return place + outcome.error;
    return place + outcome.error.substr(0, outcome.error.find(" is ") + 4) +
           std::string(kMaskedValue) + ", which is outside its domain";
  }

  const DecisionTable& table_;
  const std::set<std::string>& sensitive_;
  Outputs fact_;
  std::vector<std::string> verdicts_, messages_;
};

}  // namespace

std::vector<RuleTest> run_decision_tests(const DecisionTable& table) {
  std::vector<RuleTest> results;
  for (const DecisionTest& test : table.tests) results.push_back(run_decision_test(table, test));
  return results;
}

DecisionTrace trace_decision(const DecisionTable& table, const json::object& given,
                             const std::set<std::string>& sensitive) {
  return DecisionTracer(table, given, sensitive).trace();
}

ScalarFunction decision_function(const std::string& name,
                                 const std::shared_ptr<const RulePlan>& plan, std::size_t number,
                                 const std::vector<Column>& fields) {
  ScalarFunction function{.name = name, .parameters = plan->argument_types()};
  function.result = fields;
  function.result_is_struct = true;
  const auto matchers = std::make_shared<Matchers>(plan);
  if (plan->kind == RuleKind::check) {
    const auto verdicts = std::make_shared<VerdictWriter>(*plan->rules.front().rule->table, number);
    function.evaluate = [plan, matchers, verdicts](std::span<const ColumnView> arguments,
                                                   std::size_t rows, ColumnWriter& writer) {
      matchers->match(arguments, rows,
                      [&](const Matcher& matcher) { verdicts->write(matcher, rows, writer); });
    };
    return function;
  }
  const auto messages = std::make_shared<const ThresholdMessages>(*plan->rules.front().rule->table);
  function.evaluate = [matchers, messages](std::span<const ColumnView> arguments, std::size_t rows,
                                           ColumnWriter& writer) {
    matchers->match(arguments, rows, [&](const Matcher& matcher) {
      write_outputs(matcher, *messages, rows, writer);
    });
  };
  return function;
}

ScalarFunction decision_hits_function(const std::string& name,
                                      std::shared_ptr<const RulePlan> plan) {
  ScalarFunction function{.name = name, .parameters = plan->argument_types()};
  function.result = {{.name = "hits", .type = Type::text()}};
  const auto matchers = std::make_shared<Matchers>(std::move(plan));
  function.evaluate = [matchers](std::span<const ColumnView> arguments, std::size_t rows,
                                 ColumnWriter& writer) {
    matchers->match(arguments, rows, [&](const Matcher& matcher) {
      std::vector<std::size_t> hits;
      for (std::size_t row = 0; row < rows; ++row) {
        matcher.all_hits(row, hits);
        std::vector<std::string> numbers;
        for (const std::size_t hit : hits) numbers.push_back(std::to_string(hit + 1));
        if (matcher.marks()[row] == kNotApplicable) numbers = {"not applicable"};
        numbers.empty() ? writer.set_null(row) : writer.set_text(row, join(numbers, ", "));
      }
    });
  };
  return function;
}

}  // namespace tallymill
