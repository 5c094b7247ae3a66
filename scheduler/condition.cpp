#include "scheduler/condition.h"

#include <algorithm>

#include "core/text.h"

namespace tallymill {

const std::vector<ConditionFunction>& condition_functions() {
  using enum ConditionKind;
  static const std::vector<ConditionFunction> functions{
      {"succeeded", "job", boolean, true, false, "it succeeded, or was up to date"},
      {"failed", "job", boolean, true, false, "it failed, was cancelled, or is blocked"},
      {"skipped", "job", boolean, true, false, "it was skipped"},
      {"blocked", "job", boolean, true, false, "it could not start behind something that failed"},
      {"done", "job", boolean, true, false, "it came to an end, whichever"},
      {"passed", "gate", boolean, false, false, "the gate let its dataset pass"},
      {"findings", "job", number, false, false, "findings of severity error"},
      {"warnings", "job", number, false, false, "findings of severity warn"},
      {"rows", "job", number, false, false, "rows it made"},
      {"rejected", "job", number, false, false, "rows it turned away"},
      {"indicator", "job[, 'org']", number, false, true,
       "the value of an indicator job, of one organisation where it has several"},
  };
  return functions;
}

namespace {

/// Why there is no answer; ends the evaluation.
struct Undecided {
  std::string sentence;
};

ConditionValue indicator_value(const JobFacts& facts, const std::string& job,
                               const std::string& org) {
  std::vector<std::string> orgs;
  for (const auto& [name, value] : facts.indicators) {
    if (org.empty() ? facts.indicators.size() != 1 : name != org) {
      orgs.push_back("'" + name + "'");
      continue;
    }
    const auto number = ExactNumber::parse(value);
    if (!number) throw Undecided{"indicator(" + job + ") has no value"};
    return *number;
  }
  constexpr std::size_t kMost = 5;
  if (orgs.size() > kMost) orgs.resize(kMost);
  if (facts.indicators.empty()) throw Undecided{"job " + job + " made no indicator"};
  if (!org.empty())
    throw Undecided{"job " + job + " has no indicator of '" + org + "'; it has " +
                    join(orgs, ", ")};
  throw Undecided{"job " + job + " has " + std::to_string(facts.indicators.size()) +
                  " indicators; name one of " + join(orgs, ", ")};
}

ConditionValue outcome_value(const JobFacts& facts, std::string_view function) {
  if (function == "succeeded") return facts.succeeded;
  if (function == "failed") return facts.failed;
  if (function == "skipped") return facts.skipped;
  if (function == "blocked") return facts.blocked;
  return facts.succeeded || facts.failed || facts.skipped;
}

ConditionValue fact_value(const JobFacts& facts, const ConditionFunction& function,
                          const std::string& job, const std::string& org) {
  if (function.is_outcome) return outcome_value(facts, function.name);
  // A gate that refused by failing has spoken all the same.
  if (function.name == "passed" && facts.passed) return *facts.passed;
  if (!facts.has_result)
    throw Undecided{"it asks for " + std::string(function.name) + "(" + job + "), and " + job +
                    " has no result (" + facts.came_to + ")"};
  if (function.name == "findings") return ExactNumber(facts.findings);
  if (function.name == "warnings") return ExactNumber(facts.warnings);
  if (function.name == "rows") return ExactNumber(facts.rows);
  if (function.name == "rejected") return ExactNumber(facts.rejected);
  if (function.name == "indicator") return indicator_value(facts, job, org);
  throw Undecided{"gate " + job + " has not spoken"};
}

}  // namespace

class ConditionEvaluation {
 public:
  using Node = Condition::Node;

  ConditionEvaluation(const Condition& condition, const ConditionFacts& facts)
      : condition_(condition), facts_(facts) {}

  bool holds(Condition::NodeIndex index) { return std::get<bool>(value(index)); }

  /// The part that makes node `index` false, and what it found.
  std::string why_not(Condition::NodeIndex index) {
    const Node& node = at(index);
    if (node.kind == Node::Kind::both)
      for (const auto part : node.parts)
        if (!holds(part)) return why_not(part);
    std::vector<std::string> found;
    collect(index, found);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return written(node) + " does not hold" + (found.empty() ? "" : ": " + join(found, ", "));
  }

 private:
  const Node& at(Condition::NodeIndex index) const { return condition_.nodes_[index]; }
  std::string written(const Node& node) const {
    return condition_.text_.substr(node.offset, node.length);
  }

  ConditionValue value(Condition::NodeIndex index) {
    const Node& node = at(index);
    const auto is = [&](bool wanted) {
      return [this, wanted](Condition::NodeIndex part) { return holds(part) == wanted; };
    };
    switch (node.kind) {
      case Node::Kind::literal:
        return node.value;
      case Node::Kind::param:
        return condition_value_of(node.gives, facts_.param(node.name));
      case Node::Kind::period:
        return facts_.period;
      case Node::Kind::partition:
        return facts_.partition;
      case Node::Kind::fact:
        return fact_value(facts_.job(node.name), *node.function, node.name, node.org);
      case Node::Kind::compare:
        return tallymill::holds(node.comparison, value(node.parts[0]), value(node.parts[1]));
      case Node::Kind::in: {
        const ConditionValue wanted = value(node.parts.front());
        return std::any_of(node.parts.begin() + 1, node.parts.end(), [&](auto part) {
          return tallymill::holds(Comparison::equal, wanted, value(part));
        });
      }
      case Node::Kind::both:
        return std::none_of(node.parts.begin(), node.parts.end(), is(false));
      case Node::Kind::either:
        return std::any_of(node.parts.begin(), node.parts.end(), is(true));
      case Node::Kind::negation:
        break;
    }
    return !holds(node.parts.front());
  }

  /// "findings(checked) is 3" of everything asked below a node.
  void collect(Condition::NodeIndex index, std::vector<std::string>& found) {
    const Node& node = at(index);
    for (const auto part : node.parts) collect(part, found);
    if (node.kind == Node::Kind::literal || !node.parts.empty()) return;
    if (node.kind == Node::Kind::fact && node.function->is_outcome) {
      found.push_back(node.name + " is " + facts_.job(node.name).came_to);
      return;
    }
    try {
      found.push_back(written(node) + " is " + text_of(value(index)));
    } catch (const Undecided&) {  // not needed for the answer
    }
  }

  const Condition& condition_;
  const ConditionFacts& facts_;
};

ConditionAnswer Condition::evaluate(const ConditionFacts& facts) const {
  ConditionEvaluation evaluation(*this, facts);
  try {
    if (evaluation.holds(root_)) return {};
    return {ConditionAnswer::Kind::no, evaluation.why_not(root_)};
  } catch (const Undecided& undecided) {
    return {ConditionAnswer::Kind::undecided, undecided.sentence};
  }
}

}  // namespace tallymill
