#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/options.h"
#include "datasets/type.h"
#include "rules/rule_kind.h"
#include "rules/value_set.h"

namespace tallymill {

/// What a table says where several of its rows apply to a fact.
enum class HitPolicy {
  unique,   ///< that never happens: rows may not overlap
  first,    ///< the first row in order
  any,      ///< rows that overlap say the same
  collect,  ///< all of them, in order
};

struct DecisionInput {
  std::string name;
  Type type;
  bool optional = false;           ///< null is a value
  std::optional<ValueSet> domain;  ///< what can occur; empty: anything of the type
  SourcePosition where;
};

struct DecisionRow {
  SourcePosition where;
  std::vector<ValueSet> conditions;                ///< by input
  std::vector<std::optional<TypedValue>> outputs;  ///< by output; empty: null
};

/// A set of rows, one bit each.
using RowBits = std::vector<std::uint64_t>;

/// The values of one input, cut into atoms: no row tells two values of an atom apart.
class DecisionAxis {
 public:
  struct Atom {
    enum class Kind { interval, text, other_text, null, outside };
    Kind kind = Kind::outside;
    Interval interval{0, 0};
    std::string text = {};
  };

  DecisionAxis(const DecisionInput& input, std::size_t number,
               const std::vector<DecisionRow>& rows);

  const std::vector<Atom>& atoms() const { return atoms_; }
  /// The rows that admit an atom; none where it is outside the domain.
  const std::uint64_t* rows(std::size_t atom) const { return &bits_[atom * words_]; }
  std::size_t words() const { return words_; }
  bool is_outside(std::size_t atom) const { return atoms_[atom].kind == Atom::Kind::outside; }

  std::size_t atom_of_null() const { return null_; }
  std::size_t atom_of(std::string_view text) const;
  /// Hot: binary search without branches.
  std::size_t atom_of(std::int64_t number) const {
    std::size_t at = 0;
    for (std::size_t left = starts_.size(); left > 1;) {
      const std::size_t half = left / 2;
      at += starts_[at + half] <= number ? half : 0;
      left -= half;
    }
    return atoms_by_start_[at];
  }

  /// "[0.00, 3000.00]", "'B01'", "null", "any other text".
  std::string text(std::size_t atom, const Type& type) const;

 private:
  void add(Atom atom, const DecisionInput& input, std::size_t number,
           const std::vector<DecisionRow>& rows);
  void cut_numbers(const DecisionInput& input, std::size_t number,
                   const std::vector<DecisionRow>& rows);
  void cut_texts(const DecisionInput& input, std::size_t number,
                 const std::vector<DecisionRow>& rows);

  std::size_t words_;
  std::vector<Atom> atoms_;
  std::vector<std::uint64_t> bits_;
  std::vector<std::int64_t> starts_;  ///< of numbers: ascending, the first the lowest
  std::vector<std::size_t> atoms_by_start_;
  std::unordered_map<std::string, std::size_t> by_text_;
  std::size_t other_ = 0;  ///< texts no row names
  std::size_t null_ = 0;
};

/// One test written in a table.
struct DecisionTest {
  std::string name;
  SourcePosition where = {};
  std::vector<std::optional<TypedValue>> given;  ///< by input
  std::string expect;                            ///< a text, see decision_outcome()
  std::vector<std::pair<std::size_t, std::optional<TypedValue>>> outputs;  ///< of a transform
  bool expects_outputs = false;
};

/// A rule written as a table: rows of conditions and what follows. Immutable once made.
struct DecisionTable {
  std::string name;
  std::string file;
  std::string doc;
  RuleKind kind = RuleKind::check;
  HitPolicy hit = HitPolicy::unique;
  std::vector<DecisionInput> inputs;
  std::vector<Column> outputs;
  std::vector<DecisionRow> rows;
  /// What follows where no row applies: outputs, or nothing at all. Empty: that cannot happen.
  std::optional<std::vector<std::optional<TypedValue>>> otherwise;
  bool says_nothing_otherwise = false;
  bool is_proved = true;  ///< the analysis came to an end: no fact of the domain is left open
  std::vector<DecisionTest> tests;
  std::vector<DecisionAxis> axes;  ///< by input

  /// Cuts the inputs into atoms; call once rows are there.
  void cut_axes();
  std::optional<std::size_t> output(std::string_view name) const;
  std::size_t words() const { return (rows.size() + 63) / 64; }
};

/// What a table says about one fact.
struct DecisionOutcome {
  enum class State { rows, otherwise, nothing, not_applicable, error };
  State state = State::nothing;
  std::vector<std::size_t> rows;  ///< those that count, in order; of `unique`, `first`, `any` one
  std::string error;
};
DecisionOutcome decide(const DecisionTable& table,
                       const std::vector<std::optional<TypedValue>>& fact);

/// The keys of a decision table's head: one description for loading, `explain` and the schema.
const std::vector<OptionSpec>& decision_table_options();

/// Outputs of a table of this kind; of a transform they are declared.
std::vector<Column> decision_outputs(RuleKind kind);

}  // namespace tallymill
