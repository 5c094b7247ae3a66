#pragma once

#include <string>

#include "cli/invocation.h"
#include "scheduler/rule_book.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// A text of a rule that a command is about.
struct RuleText {
  std::string file;     ///< rules/x.lua: what messages name
  std::string version;  ///< 64 hex digits
  std::string text;
  std::string label;  ///< for people: "3f2a91c0de, active from 2026-01", "rules/x.lua as it stands"
  bool is_file = false;  ///< of the workspace, not of the store
};

/// "rule high_value", "parameter table params/rates"
std::string subject_text(const std::string& subject);

/// rules/<name>.lua as it stands.
RuleText rule_text_of_file(const Workspace& workspace, const std::string& name);
/// What `word` means: a path of a file, or the first digits of a version that the store keeps.
RuleText rule_text_of(const Workspace& workspace, RuleBook& book, const std::string& name,
                      const std::string& word);
/// The version that counts now: the newest activation, else what was run last. Throws Error(config)
/// if there is neither.
RuleText rule_text_that_counts(const Workspace& workspace, RuleBook& book, const std::string& name);

/// Throws if the text does not load (InvalidInput) or one of its own tests fails (Error(config)).
/// What it depends on is taken as it stands; so is the rule's table of tests, for the file as it
/// stands.
void require_sound_rule(const Workspace& workspace, const std::string& name, const RuleText& rule);

/// `NAME`, a rule or a parameter table.
Argument rule_argument();
/// `--reason TEXT`, recorded with who asked.
Flag rule_reason_flag();

/// Has the order recorded, by the scheduler there is or as one, and tells `said`.
Exit give_order(const Invocation& invocation, Workspace workspace, const RuleOrder& order,
                const std::string& said);

}  // namespace tallymill
