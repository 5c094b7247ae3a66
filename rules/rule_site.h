#pragma once

#include <map>
#include <string>

#include "core/source_position.h"
#include "datasets/type.h"

namespace tallymill {

/// A place where a job asks a rule about rows.
struct RuleSite {
  std::string rule;
  std::string relation;   ///< stands behind FROM; gives the columns of `row`, and provenance
  std::string condition;  ///< SQL over them: the rows the rule is asked about; empty: all
  Schema row;
  std::map<std::string, std::string> params;  ///< by name
  SourcePosition where;
};

}  // namespace tallymill
