// Condition::parse: from text to a checked tree.
#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "core/text.h"
#include "core/time/date.h"
#include "scheduler/condition.h"

namespace tallymill {
namespace {

constexpr int kDeepest = 32;

struct Problem {
  TextProblem text;
};

constexpr std::array kComparisons{
    std::pair<std::string_view, Comparison>{"==", Comparison::equal},
    std::pair<std::string_view, Comparison>{"!=", Comparison::unequal},
    std::pair<std::string_view, Comparison>{"<=", Comparison::at_most},
    std::pair<std::string_view, Comparison>{">=", Comparison::at_least},
    std::pair<std::string_view, Comparison>{"<", Comparison::less},
    std::pair<std::string_view, Comparison>{">", Comparison::greater},
};

/// What people write who come from elsewhere, and what is meant.
constexpr std::array kForeign{
    std::pair<std::string_view, std::string_view>{"&&", "write 'and'"},
    std::pair<std::string_view, std::string_view>{"||", "write 'or'"},
    std::pair<std::string_view, std::string_view>{"!", "write 'not'"},
    std::pair<std::string_view, std::string_view>{"=", "write '==' to compare"},
    std::pair<std::string_view, std::string_view>{"\"", "write texts in single quotes"},
    std::pair<std::string_view, std::string_view>{"${", "write param(name) for a parameter"},
    std::pair<std::string_view, std::string_view>{"{{", "write param(name) for a parameter"},
};

std::vector<std::string> function_names() {
  std::vector<std::string> names{"param"};
  for (const ConditionFunction& function : condition_functions()) names.emplace_back(function.name);
  return names;
}

const ConditionFunction* find_function(std::string_view name) {
  for (const ConditionFunction& function : condition_functions())
    if (function.name == name) return &function;
  return nullptr;
}

}  // namespace

class ConditionParser {
 public:
  using Node = Condition::Node;
  using NodeIndex = Condition::NodeIndex;

  ConditionParser(std::string_view text, const std::map<std::string, TaskParam>& params,
                  const std::string& inside, Condition& condition)
      : text_(text), params_(params), inside_(inside), condition_(condition) {}

  void parse() {
    condition_.text_ = std::string(trim(text_));
    peek();
    if (at_ >= text_.size()) fail(0, 1, "a condition is empty", "remove 'if:', or write one");
    condition_.root_ = any_of();
    if (peek() != '\0') fail(at_, here().size(), unexpected(), foreign_hint());
    require_boolean(condition_.root_);
  }

 private:
  [[noreturn]] void fail(std::size_t offset, std::size_t length, std::string message,
                         std::string hint = {}) const {
    throw Problem{{std::min(offset, text_.size()), std::max<std::size_t>(1, length),
                   std::move(message), std::move(hint)}};
  }
  /// The word or the character that stands here, whole also where it is not ASCII.
  std::string_view here() const {
    if (at_ >= text_.size()) return {};
    if (is_name_start(text_[at_])) return text_.substr(at_, word_length());
    std::size_t end = at_ + 1;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0U) == 0x80U) ++end;
    return text_.substr(at_, end - at_);
  }
  std::string unexpected() const {
    if (at_ >= text_.size()) return "the condition ends too early";
    return "'" + std::string(here()) + "' is not expected here";
  }
  std::string foreign_hint() const {
    for (const auto& [written, hint] : kForeign)
      if (text_.substr(at_).starts_with(written)) return std::string(hint);
    return {};
  }

  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t'))
      ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void require(char c) {
    if (!take(c))
      fail(at_, here().size(), unexpected() + ", where '" + c + "' should stand", foreign_hint());
  }
  std::size_t word_length() const {
    std::size_t end = at_;
    while (end < text_.size() && (is_name_start(text_[end]) || is_digit(text_[end]))) ++end;
    return end - at_;
  }
  bool take_word(std::string_view word) {
    if (!is_name_start(peek()) || text_.substr(at_, word_length()) != word) return false;
    at_ += word.size();
    return true;
  }

  NodeIndex add(Node node, std::size_t begin) {
    std::size_t end = at_;
    while (end > begin && (text_[end - 1] == ' ' || text_[end - 1] == '\n')) --end;
    node.offset = begin;
    node.length = end - begin;
    condition_.nodes_.push_back(std::move(node));
    return static_cast<NodeIndex>(condition_.nodes_.size() - 1);
  }
  const Node& at(NodeIndex index) const { return condition_.nodes_[index]; }
  std::string written(NodeIndex index) const {
    return std::string(text_.substr(at(index).offset, at(index).length));
  }

  void require_boolean(NodeIndex index) const {
    const Node& node = at(index);
    if (node.gives == ConditionKind::boolean) return;
    fail(node.offset, node.length,
         "'" + written(index) + "' is " + std::string(kind_name(node.gives)) +
             ", where something true or false is needed",
         "compare it, for example " + written(index) +
             (node.gives == ConditionKind::number ? " > 0" : " == '...'"));
  }

  NodeIndex any_of() { return joined("or", Node::Kind::either, &ConditionParser::all_of); }
  NodeIndex all_of() { return joined("and", Node::Kind::both, &ConditionParser::negation); }

  NodeIndex joined(std::string_view word, Node::Kind kind, NodeIndex (ConditionParser::*part)()) {
    const std::size_t begin = (peek(), at_);
    std::vector<NodeIndex> parts{(this->*part)()};
    while (take_word(word)) parts.push_back((this->*part)());
    if (parts.size() == 1) return parts.front();
    for (const NodeIndex index : parts) require_boolean(index);
    Node node;
    node.kind = kind;
    node.parts = std::move(parts);
    return add(std::move(node), begin);
  }

  NodeIndex negation() {
    const std::size_t begin = (peek(), at_);
    if (!take_word("not")) return comparison();
    if (++depth_ > kDeepest) fail(begin, 1, "the condition is nested too deep");
    Node node;
    node.kind = Node::Kind::negation;
    node.parts.push_back(negation());
    --depth_;
    require_boolean(node.parts.front());
    return add(std::move(node), begin);
  }

  NodeIndex comparison() {
    const std::size_t begin = (peek(), at_);
    const NodeIndex left = value();
    if (take_word("in")) return in_list(left, begin);
    peek();
    for (const auto& [sign, comparison] : kComparisons) {
      if (!text_.substr(at_).starts_with(sign)) continue;
      at_ += sign.size();
      NodeIndex right = value();
      match(left, right);
      const bool is_ordered =
          at(left).gives == ConditionKind::number || at(left).gives == ConditionKind::date;
      if (!is_ordered && comparison != Comparison::equal && comparison != Comparison::unequal)
        fail(begin, at_ - begin,
             "'" + std::string(sign) + "' compares numbers and dates, and '" + written(left) +
                 "' is " + std::string(kind_name(at(left).gives)),
             "compare it by == or !=");
      Node node;
      node.kind = Node::Kind::compare;
      node.comparison = comparison;
      node.parts = {left, right};
      return add(std::move(node), begin);
    }
    return left;
  }

  NodeIndex in_list(NodeIndex left, std::size_t begin) {
    Node node;
    node.kind = Node::Kind::in;
    node.parts.push_back(left);
    require('(');
    do {
      const NodeIndex element = value();
      match(left, element);
      node.parts.push_back(element);
    } while (take(','));
    require(')');
    return add(std::move(node), begin);
  }

  /// Both sides are of one kind; a text beside a date is one.
  void match(NodeIndex left, NodeIndex right) {
    for (const auto& [date, text] : {std::pair{left, right}, std::pair{right, left}}) {
      Node& other = condition_.nodes_[text];
      if (at(date).gives != ConditionKind::date || other.gives != ConditionKind::text) continue;
      if (other.kind != Node::Kind::literal || !parse_date(std::get<std::string>(other.value)))
        fail(other.offset, other.length, "'" + written(text) + "' is no date",
             "write it as '2026-01-31'");
      other.gives = ConditionKind::date;
    }
    if (at(left).gives == at(right).gives) return;
    fail(at(right).offset, at(right).length,
         "'" + written(left) + "' is " + std::string(kind_name(at(left).gives)) + " and '" +
             written(right) + "' is " + std::string(kind_name(at(right).gives)) +
             "; they cannot be compared");
  }

  NodeIndex value() {
    const char c = peek();
    const std::size_t begin = at_;
    if (++depth_ > kDeepest) fail(begin, 1, "the condition is nested too deep");
    NodeIndex result = 0;
    if (take('(')) {
      result = any_of();
      require(')');
    } else if (c == '\'') {
      Node node;
      node.gives = ConditionKind::text;
      node.value = quoted();
      result = add(std::move(node), begin);
    } else if (is_digit(c) || c == '-') {
      result = number();
    } else if (is_name_start(c)) {
      result = named();
    } else {
      fail(begin, here().size(), unexpected(), foreign_hint());
    }
    --depth_;
    return result;
  }

  std::string quoted() {
    const std::size_t begin = at_++;
    const std::size_t end = text_.find('\'', at_);
    if (end == std::string_view::npos) fail(begin, 1, "the text that begins here does not end");
    std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
  }

  NodeIndex number() {
    const std::size_t begin = at_;
    if (text_[at_] == '-') ++at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
    const auto parsed = ExactNumber::parse(text_.substr(begin, at_ - begin));
    if (!parsed)
      fail(begin, at_ - begin,
           "'" + std::string(text_.substr(begin, at_ - begin)) + "' is no plain number");
    if (at_ < text_.size() && text_[at_] == '%')
      fail(begin, at_ + 1 - begin, "a number has no '%'", "write 5% as 0.05");
    Node node;
    node.gives = ConditionKind::number;
    node.value = *parsed;
    return add(std::move(node), begin);
  }

  NodeIndex named() {
    const std::size_t begin = at_;
    const std::string word(text_.substr(at_, word_length()));
    at_ += word.size();
    Node node;
    if (word == "true" || word == "false") {
      node.value = word == "true";
      return add(std::move(node), begin);
    }
    if (word == "period" || word == "partition") {
      node.kind = word == "period" ? Node::Kind::period : Node::Kind::partition;
      node.gives = ConditionKind::text;
      return add(std::move(node), begin);
    }
    if (peek() != '(') bare_name(word, begin);
    if (word == "param") return param(begin);
    node.function = find_function(word);
    if (!node.function) unknown_function(word, begin);
    return fact(std::move(node), begin);
  }

  [[noreturn]] void bare_name(const std::string& word, std::size_t begin) const {
    if (word == "and" || word == "or" || word == "not" || word == "in")
      fail(begin, word.size(), "'" + word + "' is not expected here");
    if (params_.contains(word))
      fail(begin, word.size(), "'" + word + "' stands alone", "write param(" + word + ")");
    const auto names = function_names();
    const std::string meant = did_you_mean(word, names);
    fail(begin, word.size(), "'" + word + "' stands alone",
         meant.empty() ? "write succeeded(" + word + "), findings(" + word + ") or param(" + word +
                             "); texts stand in single quotes"
                       : meant);
  }

  [[noreturn]] void unknown_function(const std::string& word, std::size_t begin) const {
    const auto names = function_names();
    const std::string meant = did_you_mean(word, names);
    fail(begin, word.size(), "there is no function '" + word + "'",
         meant.empty() ? "the functions are " + join(names, ", ") : meant);
  }

  /// The name in brackets, plain or quoted.
  std::string argument(std::string_view what) {
    if (peek() == '\'') return quoted();
    std::string name;
    if (is_name_start(peek())) {
      std::size_t end = at_;
      while (end < text_.size() &&
             (is_name_start(text_[end]) || is_digit(text_[end]) || text_[end] == '.'))
        ++end;
      name = text_.substr(at_, end - at_);
      at_ = end;
    }
    if (name.empty())
      fail(at_, here().size(),
           unexpected() + ", where the name of " + std::string(what) + " should stand");
    return name;
  }

  NodeIndex param(std::size_t begin) {
    require('(');
    peek();
    const std::size_t place = at_;
    Node node;
    node.kind = Node::Kind::param;
    node.name = argument("a parameter");
    const auto declared = params_.find(node.name);
    if (declared == params_.end()) {
      std::vector<std::string> names;
      for (const auto& entry : params_) names.push_back(entry.first);
      const std::string meant = did_you_mean(node.name, names);
      fail(place, node.name.size(), "the graph has no parameter '" + node.name + "'",
           !meant.empty()  ? meant
           : names.empty() ? "it declares none"
                           : "it declares " + join(names, ", "));
    }
    node.gives = condition_kind_of(declared->second.type);
    require(')');
    return add(std::move(node), begin);
  }

  NodeIndex fact(Node node, std::size_t begin) {
    require('(');
    peek();
    const std::size_t place = at_;
    node.kind = Node::Kind::fact;
    const std::string written_name = argument("a job");
    node.name = inside_ + written_name;
    node.gives = node.function->gives;
    if (take(',')) {
      if (!node.function->takes_org)
        fail(at_ - 1, 1, std::string(node.function->name) + "() takes one job and nothing else");
      if (peek() != '\'')
        fail(at_, here().size(),
             unexpected() +
                 ", where an organisation in single quotes should "
                 "stand");
      node.org = quoted();
    }
    require(')');
    condition_.asks_outcomes_ = condition_.asks_outcomes_ || node.function->is_outcome;
    condition_.jobs_.push_back(
        {node.name, place, written_name.size(), node.function->name == "passed"});
    return add(std::move(node), begin);
  }

  std::string_view text_;
  const std::map<std::string, TaskParam>& params_;
  const std::string& inside_;
  Condition& condition_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

std::shared_ptr<const Condition> Condition::parse(std::string_view text,
                                                  const std::map<std::string, TaskParam>& params,
                                                  std::vector<TextProblem>& problems,
                                                  const std::string& inside) {
  auto condition = std::make_shared<Condition>();
  try {
    ConditionParser(text, params, inside, *condition).parse();
  } catch (const Problem& problem) {
    problems.push_back(problem.text);
    return nullptr;
  }
  // Places within the text stay those of the text as written.
  condition->text_ = std::string(text);
  return condition;
}

}  // namespace tallymill
