#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/task.h"
#include "core/text_problem.h"
#include "scheduler/condition_value.h"

namespace tallymill {

/// What a condition may ask of a job that has come to its end.
struct JobFacts {
  std::string came_to;  ///< "succeeded", "blocked", ...: for people
  bool succeeded = false;
  bool failed = false;  ///< or cancelled, or blocked
  bool skipped = false;
  bool blocked = false;
  bool has_result = false;  ///< the numbers below mean something
  std::optional<bool> passed;
  std::int64_t findings = 0;
  std::int64_t warnings = 0;
  std::int64_t rows = 0;
  std::int64_t rejected = 0;
  std::vector<std::pair<std::string, std::string>> indicators;  ///< org, exact value
};

/// All that a condition depends on. No clock, no chance: equal facts, equal answer.
struct ConditionFacts {
  std::string period;
  std::string partition;
  std::function<std::string(const std::string& name)> param;
  std::function<JobFacts(const std::string& job)> job;
};

struct ConditionAnswer {
  enum class Kind : std::uint8_t { yes, no, undecided } kind = Kind::yes;
  std::string sentence;  ///< with no and undecided: why
};

/// A job a condition names, and where in its text.
struct ConditionJob {
  std::string job;
  std::size_t offset = 0;
  std::size_t length = 0;
  bool asks_gate = false;  ///< passed(job): it must be a gate
};

/// `if:` of a job: comparisons of parameters and of what earlier jobs came to, joined by and, or
/// and not. docs/flow.md has the language. Immutable.
class Condition {
 public:
  /// Empty with at least one problem. Types are checked here; whether the jobs exist is not known
  /// yet, see jobs(). What names a job begins with `inside` (JobNode::inside).
  static std::shared_ptr<const Condition> parse(std::string_view text,
                                                const std::map<std::string, TaskParam>& params,
                                                std::vector<TextProblem>& problems,
                                                const std::string& inside = {});

  const std::string& text() const { return text_; }
  const std::vector<ConditionJob>& jobs() const { return jobs_; }
  /// It says itself what jobs must have come to, by succeeded(), failed(), ...
  bool asks_outcomes() const { return asks_outcomes_; }

  /// From left to right, no further than needed: `succeeded(a) and rows(a) > 0` asks for rows only
  /// if there are any. A value that is not there leaves the answer undecided.
  ConditionAnswer evaluate(const ConditionFacts& facts) const;

 private:
  friend class ConditionParser;
  friend class ConditionEvaluation;
  struct Node;
  using NodeIndex = std::uint32_t;

  std::string text_;
  std::vector<Node> nodes_;
  NodeIndex root_ = 0;
  std::vector<ConditionJob> jobs_;
  bool asks_outcomes_ = false;
};

/// A function of the condition language that asks something of a job.
struct ConditionFunction {
  std::string_view name;
  std::string_view arguments;  ///< as documents show them
  ConditionKind gives = ConditionKind::boolean;
  bool is_outcome = false;   ///< always has a value
  bool takes_org = false;    ///< a second argument may follow
  std::string_view meaning;  ///< for documents
};
/// All of them, as docs/flow.md shows them.
const std::vector<ConditionFunction>& condition_functions();

struct Condition::Node {
  enum class Kind : std::uint8_t {
    literal,
    param,
    period,
    partition,
    fact,
    compare,
    in,
    both,
    either,
    negation
  };
  Kind kind = Kind::literal;
  ConditionKind gives = ConditionKind::boolean;
  std::string name;                             ///< param, fact: of what
  std::string org;                              ///< fact: indicator(job, 'org')
  const ConditionFunction* function = nullptr;  ///< fact
  Comparison comparison = Comparison::equal;
  ConditionValue value;               ///< literal
  std::vector<NodeIndex> parts = {};  ///< operands, in order
  std::size_t offset = 0;
  std::size_t length = 0;
};

}  // namespace tallymill
