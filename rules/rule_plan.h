#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "rules/rule_file.h"
#include "rules/rule_kind.h"
#include "rules/text_codes.h"
#include "rules/typed_value.h"

namespace tallymill {

/// Rows in one call at most; the size of every per-chunk buffer.
inline constexpr std::size_t kChunkRows = 2048;

/// A column some rule of a set reads. It is one argument of the SQL function, or two for a text:
/// its number, and the text itself where it has none.
struct PlanColumn {
  std::string name;
  Type type;  ///< as the rules need it
  bool sensitive = false;
  bool optional = false;                  ///< some rule accepts null
  std::size_t argument = 0;               ///< the first one
  std::shared_ptr<TextCodes> codes = {};  ///< of texts

  /// Of a value that comes from a parameter table instead of the row.
  struct Feed {
    std::size_t rule = 0;
    std::string param;
  };
  std::optional<ParamLookup> lookup = {};
  std::vector<Feed> feeds = {};
};

/// One rule of a set.
struct PlanRule {
  std::shared_ptr<const LoadedRule> rule;
  json::object params;                ///< overridden parameters, as Lua values
  std::map<std::string, Type> types;  ///< of all parameters whose type is known
  std::vector<std::size_t> required;  ///< columns that may not be null, by index
  std::vector<std::size_t> lookups;   ///< columns of parameters: null is an error of the row
  std::string title;                  ///< "rule 'x' (rules/x.lua)", for messages
  std::vector<Column> outputs;        ///< of value kinds
};

/// Rules that share one generated loop. Lua functions have 200 local variables, so a large set is
/// cut into several loops over the same chunk.
struct PlanBatch {
  std::size_t first_rule = 0;
  std::size_t rules = 0;
  std::vector<std::size_t> columns;  ///< by index, ascending
};

/// Everything about a bound set of rules that its evaluators share. Immutable but for text codes.
struct RulePlan {
  RuleKind kind = RuleKind::check;
  std::vector<PlanColumn> columns;
  std::vector<PlanRule> rules;
  std::vector<PlanBatch> batches;
  std::vector<Column> outputs;  ///< of value kinds: those of all rules in order
  bool has_provenance = false;  ///< _source and _line are the last two arguments
  int currency_scale = 2;
  RuleLimits limits;
  std::optional<Period> period;

  /// Numbers the arguments, makes the text codes, and fills `batches`; call once, when columns and
  /// rules are there.
  void finish();
  std::size_t arguments() const;
  /// Their types: a text as its number and itself, provenance last.
  std::vector<Type> argument_types() const;  ///< without provenance
  /// What lua/engine/row_set.lua asks for; `context` is the address of the batch's chunk context.
  json::object batch_spec(const PlanBatch& batch, LuaMode mode, std::uintptr_t context) const;

 private:
  void cut_batches();
};

/// The columns a rule of `kind` gives, without error and not_applicable.
std::vector<Column> rule_outputs(const LoadedRule& rule);

/// "rule 'x' (rules/x.lua)"
std::string rule_title(const RuleSource& source);

}  // namespace tallymill
