#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/time/period.h"
#include "scheduler/graph.h"
#include "scheduler/pinned_files.h"
#include "scheduler/rule_events.h"
#include "scheduler/run_request.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// A version of a rule as the store keeps it.
struct RuleVersionRecord {
  std::string rule;
  std::string version;
  std::string file;
  std::string sha256;
  std::string text;
  int rule_abi = kRuleAbi;
  std::string who;  ///< in whose name it was first kept
  std::string kept_at;
};

/// What somebody decided about a rule.
struct RuleChange {
  std::int64_t event = 0;
  RuleWord word = RuleWord::proposed;
  std::string version;
  std::string from;
  std::string who;
  std::string at;
  std::string why;
};

/// A standing activation: it counts from the first day of `from` to that of the next one.
struct RuleActivation {
  std::string version;
  Period from;
  std::string who;
  std::string at;
};

struct RuleShadowRecord {
  std::string rule;
  std::string version;
  std::string attempt;
  std::string run;
  std::string job;
  std::int64_t rows = 0;
  std::int64_t changed = 0;
  json::object answer;
  std::string seen_at;
};

/// What the store knows of rules: their versions, and which of them counts when.
class RuleBook {
 public:
  explicit RuleBook(StoreView& view) : view_(&view) {}

  /// Newest first, without their texts.
  std::vector<RuleVersionRecord> versions(const std::string& rule);
  /// The version whose digits begin with `prefix`. Throws Error(config) if there is none, or naming
  /// the candidates if there are several.
  RuleVersionRecord find(const std::string& rule, const std::string& prefix);
  std::optional<RuleVersionRecord> version(const std::string& rule, const std::string& version);
  bool holds(const std::string& rule, const std::string& version);

  /// Oldest first.
  std::vector<RuleChange> history(const std::string& rule);
  /// By the period they begin with, ascending.
  std::vector<RuleActivation> activations(const std::string& rule);
  /// The activation that counts for `period`: by its first day.
  std::optional<RuleActivation> effective(const std::string& rule, const Period& period);
  /// The version that runs beside; empty: none.
  std::string shadow(const std::string& rule);
  /// Newest first; `version` empty: of all versions.
  std::vector<RuleShadowRecord> shadows_seen(const std::string& rule, const std::string& version);
  /// The version that the newest run with this rule had pinned; empty: none did.
  std::string last_run(const std::string& rule);

 private:
  StoreView* view_;
};

/// The texts that count for a run of `graph`, by path, instead of what stands in the workspace's
/// rules/; empty where files count (no `approval: required`). Throws Error(config) that names every
/// rule without a version in effect.
using RuleTexts = std::map<std::string, std::string>;
RuleTexts rules_in_effect(const Workspace& workspace, const Graph& graph, const Period& period,
                          RulesOf rules, StoreView* view);

/// The texts that run beside without effect, by kShadowPrefix and their file.
RuleTexts rules_in_shadow(const Graph& graph, StoreView& view);

/// Whether the run that made `previous` had pinned another version of a rule the job names.
bool has_other_rule(StoreView& view, const ResultRecord& previous, const JobNode& job,
                    const PinnedFiles& files);

/// The versions of rules that judged a job in a run, by name.
std::map<std::string, std::string> rules_that_judged(StoreView& view, const std::string& run,
                                                     const JobNode& job);

/// What the shadows of an attempt have left in its folder; see worker/modes.h.
std::vector<Event> shadow_events(const std::filesystem::path& attempt_folder,
                                 const PinnedFiles& files, const RuleShadowSeen& of);

/// What people ask about a rule.
struct RuleOrder {
  RuleWord word = RuleWord::proposed;
  std::string rule;
  std::string version;  ///< all its digits; of proposed: follows from file and text
  std::string from;     ///< a period
  std::string why;
  std::string file;  ///< of proposed
  std::string text;
};

/// The events that an order comes to when `who` gives it. Throws Error(config) that says what
/// stands against it: the same person twice, overlapping activations, nothing to roll back.
std::vector<Event> rule_events(const Workspace& workspace, StoreView& view, const RuleOrder& order,
                               const std::string& who);

json::object to_wire(const RuleOrder& order);
RuleOrder rule_order_from(const json::object& object);

}  // namespace tallymill
