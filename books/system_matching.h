#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "books/matching.h"
#include "books/tolerance.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// One of several systems that tell about the same keys.
struct MatchSystem {
  /// What its amount is: one that must agree with the others, or a part of opening + in - out =
  /// closing.
  enum class Role { agrees, opening, in, out, closing };

  std::string name;
  std::vector<std::string> relations = {};
  std::vector<std::string> key = {};  ///< column names, in the order of SystemPlan::key
  std::string amount = {};            ///< SQL over a row
  bool adds_up = false;               ///< several rows a key are their sum
  bool key_is_unique = false;         ///< known from the dataset's key
  Role role = Role::agrees;
};

struct SystemPlan {
  std::vector<Column> key;
  std::vector<MatchSystem> systems;
  Type amount;
  Tolerance tolerance = {};
  bool tells_duplicates = false;  ///< a repeated key is a break; otherwise an error
  MissingKey missing_key = MissingKey::match;
  std::optional<std::size_t> currency = {};  ///< as of MatchPlan
  std::map<std::string, int> minor_units = {};
  std::string id_prefix = {};

  bool has_equation() const;
  /// Index of the system the others are compared with: the closing one, else the first.
  std::size_t reference() const;
};

/// What became of the keys of one class: rows and amounts (units) of each system.
struct SystemClass {
  std::string name;
  std::string currency = {};  ///< empty: none is declared
  std::int64_t keys = 0;
  std::vector<std::int64_t> rows;
  std::vector<Int128> amounts;
  bool is_break = false;
};

/// Compares any number of systems key by key: full joins, one after the other, of
/// which keys that agree are counted and the others kept.
class SystemMatching {
 public:
  SystemMatching(Engine& engine, SystemPlan plan);

  /// matched, within_tolerance, missing, duplicate, residual, amount; also empty ones; with
  /// currencies so of each, by their names. Throws Error(data) with examples where a key comes
  /// twice or has a missing part and must not, or a currency is not sound.
  std::vector<SystemClass> classes();
  /// Of one system's rows as they are; one of each currency.
  std::vector<MatchSideTotals> totals(std::size_t system) const;
  /// Select of break_id, key, left_amount (what is expected: the reference, or opening and
  /// movements of a residual), right_amount (of the system that is farthest off), difference,
  /// class, tolerance, left_rows, right_rows, <system>_amount of each, failed_predicate (the
  /// systems that are off), distance (by how much each) and tm_parties (see with_candidates()).
  std::string breaks();

 private:
  std::vector<std::string> key_names() const;
  std::string system_rows(std::size_t system) const;
  std::string pivot() const;
  std::string class_sql() const;
  std::string agreeing_is_off(std::size_t system) const;
  std::string expected() const;
  std::string equation_holds(bool exactly) const;
  std::vector<std::size_t> agreeing() const;
  std::string worst_amount() const;
  std::string list_of_off(bool distances) const;
  std::string parties() const;
  void require_sound_keys() const;
  KeyedRows keyed_rows(std::size_t system) const;
  void require_sound_currencies() const;
  std::string plain_rows(std::size_t system) const;
  void run();

  struct Tally;

  Engine& engine_;
  SystemPlan plan_;
  std::string wide_;
  std::string open_ = {};
  std::vector<SystemClass> classes_ = {};
};

}  // namespace tallymill::books
