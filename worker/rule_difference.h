#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/diagnostics.h"
#include "core/json.h"
#include "core/task.h"
#include "rules/rule_site.h"
#include "worker/session.h"

namespace tallymill {

/// Of one rule: what people want to see of a difference between two versions.
struct DifferenceQuestion {
  std::string rule;
  std::string file;                        ///< rules/x.lua
  std::string by = {};                     ///< a column to tell the difference apart by
  std::vector<std::string> distinct = {};  ///< what is counted once; empty: the key of the rows
  std::vector<std::string> money = {};     ///< amounts to add up; empty: all money columns
  std::int64_t samples = 5;                ///< rows to show of each kind of difference
  bool reveal = false;                     ///< show sensitive columns
};

/// Asks two versions of a rule about the same rows and tells what differs. A task carries the one
/// that counts as `file` and the other as `shadow:file`.
class RuleDifference {
 public:
  RuleDifference(Session& session, DifferenceQuestion question)
      : session_(session), question_(std::move(question)) {}

  /// Plans the job of `task` and asks both versions wherever it asks the rule. What does not load
  /// or does not fit throws Error(config) with all problems.
  void add(const Task& task);

  /// {"kind", "rows", "changed", "distinct", "distinct_by", "money": {column: sum}, "verdicts":
  /// [{"verdict", "was", "becomes"}], "groups": [{"what", "was", "becomes", "rows", "distinct",
  /// "money", "values", "samples"}], "by": {"column", "groups"}, "jobs": [...]}: of all that was
  /// added. Amounts are exact decimals as text; `values`, of columns that a transform gives, by
  /// column {"was", "becomes", "difference"}.
  json::object answer();

 private:
  /// One place where both versions were asked, and where the rows lie that they disagree about.
  struct Asked {
    std::string graph, job, period, partition;
    std::int64_t rows = 0;
    std::string table;
    std::vector<std::pair<std::string, std::string>> shown;  ///< columns of a sample: name, SQL
    std::map<std::string, std::string> money;                ///< column: SQL
    std::map<std::string, std::pair<std::string, std::string>> values;  ///< was, becomes
    std::string key = "cast(null as varchar)";
    std::string by = "cast(null as varchar)";
    bool is_check = false;
  };

  /// Both versions as they were loaded; null, and reported, where they cannot be compared.
  struct Both {
    const RuleInfo* was = nullptr;
    const RuleInfo* becomes = nullptr;
  };

  Both load_both(const Task& task, const RuleSite& site, Diagnostics& diagnostics);
  void ask(const Task& task, const RuleSite& site, Diagnostics& diagnostics);
  bool ask_checks(const RuleSite& site, const Both& both, const std::string& relation,
                  const std::string& carried, Asked& asked, Diagnostics& diagnostics);
  bool ask_values(const RuleSite& site, const Both& both, const std::string& relation,
                  const std::string& carried, Asked& asked, Diagnostics& diagnostics);
  bool is_masked(const Schema& rows, const std::string& name) const;
  void make_view();
  json::array groups();
  json::array groups_by();
  json::array samples(const std::string& condition);
  json::array verdicts();

  Session& session_;
  DifferenceQuestion question_;
  std::string kind_;
  std::vector<Asked> asked_;
  std::vector<std::string> money_;   ///< columns added up, of all places
  std::vector<std::string> values_;  ///< columns that a transform gives
  std::vector<std::string> distinct_;
};

}  // namespace tallymill
