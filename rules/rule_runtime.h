#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/json.h"
#include "core/task.h"
#include "core/time/period.h"
#include "datasets/engine.h"
#include "datasets/type.h"
#include "rules/lua_state.h"
#include "rules/param_lookup.h"
#include "rules/rule_kind.h"

namespace tallymill {

/// A rule file as pinned by the run. `file` is what messages name.
struct RuleSource {
  std::string name;  ///< the file stem
  std::string file;  ///< rules/<name>.lua
  std::string text;
  FileTexts files = {};  ///< what it depends on, see rule_requirements()
  std::string as = {};   ///< what it is bound by, beside another version; empty: its name
  const std::string& key() const { return as.empty() ? name : as; }
};

/// One column a rule reads: `needs = { gift = "money", note = "text?" }`.
struct RuleNeed {
  std::string column;
  Type type;
  bool optional = false;  ///< "?": the rule accepts null; otherwise null makes it not_applicable
};

struct RuleInfo {
  std::string name;
  std::string file;
  RuleKind kind = RuleKind::check;
  std::string doc;
  std::vector<RuleNeed> needs;
  std::vector<Column> returns;  ///< transform: the columns it sets; otherwise see bind()
  std::map<std::string, json::value> params;  ///< defaults, for explain
  std::vector<ParamLookup> lookups = {};      ///< parameters that come from tables
  std::size_t tests = 0;
};

/// How rules appear in SQL: a call over columns that gives a STRUCT.
struct RuleCall {
  std::string expression;      ///< e.g. tm_rules_1("gift", "declared")
  std::vector<Column> fields;  ///< of the STRUCT

  /// What a rule's parameter from a table is for a row, and why.
  struct Param {
    std::string rule, name;
    std::string value;   ///< SQL over the row
    std::string origin;  ///< SQL over the row; null where no row of the table holds
  };
  std::vector<Param> params = {};
};

struct RuleLimits {
  std::int64_t memory_bytes = 64LL << 20;  ///< per Lua state
  int cpu_milliseconds = 2000;             ///< per chunk, thread CPU time; wall time x10 behind it
  /// Without it rules run compiled or interpreted, whichever is faster. Traced, for tests and
  /// `rules try`: a rule that does not end is an Error naming its line; otherwise only the watchdog
  /// stops it.
  std::optional<LuaMode> mode = {};
};

class RuleExam;
struct DecisionTrace;

/// What came of one test of a rule.
struct RuleTest {
  std::string rule;
  std::string name;  ///< "test 2", or its `name`
  bool passed = false;
  std::string message;  ///< what was expected and what came
  SourcePosition where = {};
};

class GroupPass;

/// The only door to Lua. One LuaJIT state per thread, sandboxed: text chunks only, allow-list
/// environment, memory cap by the allocator, CPU cap by a watchdog that ends the process with a
/// complete result.json naming rule and row (docs/rules/sandbox.md). Rules are pure functions.
class RuleRuntime {
 public:
  /// `engine` may be null where nothing is bound (loading, run_tests).
  RuleRuntime(Engine* engine, RuleLimits limits, int currency_scale);
  ~RuleRuntime();

  /// The run's, before bind(): what parameter tables say is of that time. Without it they have no
  /// value, as it is where rules are only checked.
  void set_period(const Period& period);

  /// Call before load(). From then on a rule that does not end ends the process: a complete
  /// result.json of this attempt, naming rule and row, is written by temp file and rename, then
  /// _exit(1).
  void arm_watchdog(const Task& task);

  /// Runs the file in the sandbox and reads its table. Problems go to `diagnostics` with
  /// file:line; returns null then. Loading the same text under the same key twice gives the first;
  /// another text takes its place for what is bound from then on.
  const RuleInfo* load(const RuleSource& source, Diagnostics& diagnostics);

  /// Compiles `rules` (keys, all loaded, all of one kind) into one loop over rows of `row` and
  /// registers it with the engine. A needed column that is missing or of another type is reported
  /// at `where` with the rule's file; empty then. `params` override rule parameters by name, or by
  /// `rule.name` where several rules have one of that name (text values). If `row` has provenance,
  /// the rows must bring _source and _line, which messages about runaway rules name.
  ///
  /// STRUCT fields: check: verdicts VARCHAR, null where all pass, else one entry per finding to be
  /// split by decode_verdicts(); transform: the returned columns; classify: label VARCHAR (of a
  /// rule with several labels joined by ';'); driver: driver VARCHAR; threshold: band VARCHAR,
  /// message VARCHAR; score: score of its type, reasons VARCHAR; match: accepted_as VARCHAR; break:
  /// cause VARCHAR; each of these then error VARCHAR and not_applicable BOOLEAN (a needed column is
  /// null: no value). A rule that raises gives error
  /// text "rules/x.lua:12: ..." on that row.
  std::optional<RuleCall> bind(const std::vector<std::string>& rules, const Schema& row,
                               const std::map<std::string, std::string>& params,
                               const SourcePosition& where, Diagnostics& diagnostics);

  /// Binds one loaded group rule to rows of `row`; null if it does not fit, which is reported.
  std::shared_ptr<GroupPass> bind_group(const std::string& rule, const Schema& row,
                                        const std::map<std::string, std::string>& params,
                                        const SourcePosition& where, Diagnostics& diagnostics);

  /// What the bound rules did so far, a set after the other: see RuleProfile. Sets that saw no row
  /// are left out, and so are decision tables and group rules, which have no loop over rows.
  json::array profile() const;

  /// Adds the cases of a table of tests (docs/rules/testing.md) to a loaded rule's own; problems
  /// are reported at their places, and none of its cases is added then.
  void add_test_table(const std::string& rule, const std::string& file, const std::string& text,
                      Diagnostics& diagnostics);

  /// Runs the tests of a loaded rule, traced.
  std::vector<RuleTest> run_tests(const std::string& rule);

  /// Runs the tests of all loaded rules; those that fail are reported where they stand.
  void check_tests(Diagnostics& diagnostics);

  /// A state of its own for a loaded rule: tests, coverage, mutants, traces (rules/rule_exam.h).
  /// Its traces do not show values of `sensitive` columns. Null for a decision table, which has no
  /// Lua to look into: run_tests() and trace_table() are for it.
  std::unique_ptr<RuleExam> examine(const std::string& rule,
                                    const std::set<std::string>& sensitive = {});
  /// What a loaded decision table says about one fact, values as Lua has them.
  DecisionTrace trace_table(const std::string& rule, const json::object& given,
                            const std::set<std::string>& sensitive = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One finding of one check rule on one row.
struct Verdict {
  enum class State { fail, warn, not_applicable, error };
  std::size_t rule = 0;  ///< index into bind()'s list
  State state = State::fail;
  std::string code;
  std::string message;
};
std::vector<Verdict> decode_verdicts(std::string_view encoded);
/// For people: "fail CC04", "warn CC04", "not applicable", "error".
std::string verdict_text(const Verdict& verdict);

}  // namespace tallymill
