#include "rules/decision_table.h"

#include <algorithm>
#include <limits>
#include <set>

namespace tallymill {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

}  // namespace

DecisionAxis::DecisionAxis(const DecisionInput& input, std::size_t number,
                           const std::vector<DecisionRow>& rows)
    : words_((rows.size() + 63) / 64) {
  Atom null;
  null.kind = input.optional && (!input.domain || input.domain->has_null) ? Atom::Kind::null
                                                                          : Atom::Kind::outside;
  null_ = 0;
  add(null, input, number, rows);
  if (is_text(input.type))
    cut_texts(input, number, rows);
  else
    cut_numbers(input, number, rows);
}

void DecisionAxis::add(Atom atom, const DecisionInput& input, std::size_t number,
                       const std::vector<DecisionRow>& rows) {
  const std::size_t first = bits_.size();
  bits_.resize(first + words_);
  const auto admits = [&](const ValueSet& set) {
    switch (atom.kind) {
      case Atom::Kind::null:
        return set.has_null;
      case Atom::Kind::interval:
        return set.admits(input.type, {atom.interval.low, {}});
      case Atom::Kind::text:
        return set.admits(input.type, {0, atom.text});
      case Atom::Kind::other_text:
        return set.all_but;
      case Atom::Kind::outside:
        return false;
    }
    return false;
  };
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (admits(rows[row].conditions[number]))
      bits_[first + row / 64] |= std::uint64_t{1} << (row % 64);
  atoms_.push_back(std::move(atom));
}

void DecisionAxis::cut_numbers(const DecisionInput& input, std::size_t number,
                               const std::vector<DecisionRow>& rows) {
  std::set<std::int64_t> starts{kLowest};
  const auto cut = [&](const ValueSet& set) {
    for (const Interval& part : set.intervals) {
      starts.insert(part.low);
      if (part.high < kHighest) starts.insert(part.high + 1);
    }
  };
  for (const DecisionRow& row : rows) cut(row.conditions[number]);
  if (input.domain) cut(*input.domain);
  if (input.type.kind == TypeKind::boolean) starts.insert({0, 1, 2});
  starts_.assign(starts.begin(), starts.end());
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    Atom atom;
    atom.interval = {starts_[i], i + 1 < starts_.size() ? starts_[i + 1] - 1 : kHighest};
    const bool can_occur =
        input.domain ? input.domain->admits(input.type, {starts_[i], {}})
                     : input.type.kind != TypeKind::boolean || starts_[i] == 0 || starts_[i] == 1;
    atom.kind = can_occur ? Atom::Kind::interval : Atom::Kind::outside;
    atoms_by_start_.push_back(atoms_.size());
    add(atom, input, number, rows);
  }
}

void DecisionAxis::cut_texts(const DecisionInput& input, std::size_t number,
                             const std::vector<DecisionRow>& rows) {
  std::set<std::string> texts;
  for (const DecisionRow& row : rows)
    texts.insert(row.conditions[number].texts.begin(), row.conditions[number].texts.end());
  if (input.domain) texts.insert(input.domain->texts.begin(), input.domain->texts.end());
  Atom other;
  other.kind =
      !input.domain || input.domain->all_but ? Atom::Kind::other_text : Atom::Kind::outside;
  other_ = atoms_.size();
  add(other, input, number, rows);
  for (const std::string& text : texts) {
    const bool can_occur = !input.domain || input.domain->admits(input.type, {0, text});
    by_text_[text] = atoms_.size();
    Atom atom;
    atom.kind = can_occur ? Atom::Kind::text : Atom::Kind::outside;
    atom.text = text;
    add(atom, input, number, rows);
  }
}

std::size_t DecisionAxis::atom_of(std::string_view text) const {
  const auto found = by_text_.find(std::string(text));
  return found == by_text_.end() ? other_ : found->second;
}

std::string DecisionAxis::text(std::size_t atom, const Type& type) const {
  const Atom& of = atoms_[atom];
  switch (of.kind) {
    case Atom::Kind::interval:
      return interval_text(type, of.interval);
    case Atom::Kind::text:
      return "'" + of.text + "'";
    case Atom::Kind::null:
      return "null";
    case Atom::Kind::other_text:
      return "any other text";
    case Atom::Kind::outside:
      return "outside the domain";
  }
  return {};
}

void DecisionTable::cut_axes() {
  axes.clear();
  for (std::size_t i = 0; i < inputs.size(); ++i) axes.emplace_back(inputs[i], i, rows);
}

std::optional<std::size_t> DecisionTable::output(std::string_view output_name) const {
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].name == output_name) return i;
  return std::nullopt;
}

DecisionOutcome decide(const DecisionTable& table,
                       const std::vector<std::optional<TypedValue>>& fact) {
  DecisionOutcome outcome;
  RowBits hits(table.words(), ~std::uint64_t{0});
  std::string outside;
  for (std::size_t i = 0; i < table.inputs.size(); ++i) {
    const DecisionInput& input = table.inputs[i];
    const DecisionAxis& axis = table.axes[i];
    if (!fact[i] && !input.optional) {
      outcome.state = DecisionOutcome::State::not_applicable;
      return outcome;
    }
    const std::size_t atom = !fact[i]              ? axis.atom_of_null()
                             : is_text(input.type) ? axis.atom_of(fact[i]->text)
                                                   : axis.atom_of(fact[i]->number);
    if (axis.is_outside(atom) && outside.empty())
      outside = "'" + input.name + "' is " +
                (fact[i] ? typed_text(input.type, *fact[i]) : std::string("null")) +
                ", which is outside its domain";
    for (std::size_t word = 0; word < hits.size(); ++word) hits[word] &= axis.rows(atom)[word];
  }
  for (std::size_t row = 0; row < table.rows.size(); ++row)
    if ((hits[row / 64] >> (row % 64) & 1U) != 0) outcome.rows.push_back(row);
  if (!outside.empty()) {
    outcome.state = DecisionOutcome::State::error;
    outcome.error = outside;
    return outcome;
  }
  if (outcome.rows.empty()) {
    outcome.state =
        table.otherwise ? DecisionOutcome::State::otherwise : DecisionOutcome::State::nothing;
    if (!table.otherwise && !table.says_nothing_otherwise) {
      outcome.state = DecisionOutcome::State::error;
      outcome.error = "no row applies";
    }
    return outcome;
  }
  outcome.state = DecisionOutcome::State::rows;
  if (table.hit == HitPolicy::collect) return outcome;
  const bool is_unique = table.hit == HitPolicy::unique && !table.is_proved;
  if (is_unique && outcome.rows.size() > 1) {
    outcome.state = DecisionOutcome::State::error;
    outcome.error = "rows " + std::to_string(outcome.rows[0] + 1) + " and " +
                    std::to_string(outcome.rows[1] + 1) + " both apply";
  }
  outcome.rows.resize(1);
  return outcome;
}

std::vector<Column> decision_outputs(RuleKind kind) {
  const auto text = [](const char* name) { return Column{.name = name, .type = Type::text()}; };
  switch (kind) {
    case RuleKind::check:
      return {text("code"), text("message"), text("verdict")};
    case RuleKind::classify:
      return {text("label")};
    case RuleKind::driver:
      return {text("driver")};
    case RuleKind::threshold:
      return {text("band"), text("message")};
    default:
      return {};
  }
}

const std::vector<OptionSpec>& decision_table_options() {
  static const std::vector<OptionSpec> options{
      {.name = "name", .kind = OptionKind::name, .summary = "The file's stem.", .required = true},
      {.name = "kind",
       .kind = OptionKind::choice,
       .summary = "What the rule is for; it stands wherever a Lua rule of the kind does.",
       .required = true,
       .choices = {"check", "transform", "classify", "driver", "threshold"}},
      {.name = "doc", .kind = OptionKind::text, .summary = "The policy the rule implements."},
      {.name = "hit",
       .kind = OptionKind::choice,
       .summary = "Where several rows apply: that is an error of the table, the first counts, all "
                  "say the same, or all count.",
       .default_text = "unique",
       .choices = {"unique", "first", "any", "collect"}},
      {.name = "inputs",
       .kind = OptionKind::map,
       .summary = "Columns it reads, with their types; \"text?\" takes a missing value, too.",
       .required = true,
       .fields = {{.name = "",
                   .kind = OptionKind::either,
                   .fields = {{.name = "type", .kind = OptionKind::text},
                              {.name = "input",
                               .kind = OptionKind::object,
                               .fields = {{.name = "type",
                                           .kind = OptionKind::text,
                                           .summary = "Its type.",
                                           .required = true},
                                          {.name = "domain",
                                           .kind = OptionKind::any,
                                           .summary =
                                               "What can occur, written as a cell; "
                                               "anything else is an error of its row."}}}}}}},
      {.name = "outputs",
       .kind = OptionKind::map,
       .summary = "Of a transform: columns it gives, with their types.",
       .fields = {{.name = "type", .kind = OptionKind::text}}},
      {.name = "otherwise",
       .kind = OptionKind::any,
       .summary = "What follows where no row applies: a row of outputs, or 'nothing'. Without it "
                  "every fact must be met by a row; a check passes."},
      {.name = "columns",
       .kind = OptionKind::list,
       .summary = "In YAML: the order of the cells, where rows are lists.",
       .fields = {{.name = "name", .kind = OptionKind::text}}},
      {.name = "rows",
       .kind = OptionKind::list,
       .summary = "In YAML: a cell per input, as it may be, and a value per output.",
       .fields = {{.name = "row", .kind = OptionKind::any}}},
      {.name = "tests",
       .kind = OptionKind::list,
       .summary =
           "{ given: { ... }, expect: ... }, and name if wanted; 'tallymill rules test' runs "
           "them.",
       .fields = {{.name = "test", .kind = OptionKind::any}}}};
  return options;
}

}  // namespace tallymill
