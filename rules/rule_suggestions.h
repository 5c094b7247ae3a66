#pragma once

#include <string>
#include <vector>

#include "rules/rule_exam.h"

namespace tallymill {

/// A test case worth having, with what the rule says about it now.
struct SuggestedCase {
  SourcePosition where;  ///< of the condition it is about, or of the column's need
  std::string about;     ///< "row.gift > row.declared: one below"
  std::string lua;       ///< as an entry of a rule's `tests`
  std::string yaml;      ///< as an entry of a table's `cases`
};

/// Cases at and one unit beside every comparison that a row can be moved to, and with a null in
/// every column that accepts one. They start from the rule's own cases (else from a row of zeros)
/// and are checked by running them; cases the rule has already are left out. By place.
std::vector<SuggestedCase> suggest_cases(RuleExam& exam);

}  // namespace tallymill
