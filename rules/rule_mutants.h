#pragma once

#include <string>
#include <vector>

#include "core/source_position.h"
#include "rules/rule_code.h"

namespace tallymill {

/// A rule's source with one mistake in it.
struct Mutant {
  SourcePosition where;
  std::string change;  ///< "> to >=", "t.money \"3.00\" to \"3.01\"", "statement removed"
  std::string before = {}, after = {};  ///< the source line with and without it
  std::string text = {};                ///< the whole file
};

/// All mutants of a rule's logic, by place: comparisons at their boundary and turned round, `and`
/// for `or`, `+` for `-`, `*` for `/`, a dropped `not`; constants one unit up and down in their
/// last written place (a date by a day), texts with a letter more, true for false; statements taken
/// away. Messages and docs stay as they are.
std::vector<Mutant> make_mutants(const RuleCode& code);

}  // namespace tallymill
