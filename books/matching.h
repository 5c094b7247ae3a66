#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "books/keyed_rows.h"
#include "books/tolerance.h"
#include "core/money.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

enum class Aggregate { none, sum, count };

/// One side of a comparison: the rows of all its relations together.
struct MatchSide {
  std::string name;                    ///< for messages, e.g. "left side (cost_pool)"
  std::vector<std::string> relations;  ///< each has the key, the amount and what is compared
  std::vector<std::string> key;        ///< column names, in the order of MatchPlan::key
  std::string amount;                  ///< SQL over a row; unused with Aggregate::count
  Aggregate aggregate = Aggregate::none;
  bool key_is_unique = false;              ///< known from the dataset's key, so not checked again
  std::vector<std::string> compared = {};  ///< SQL over a row, in the order of MatchPlan::compared
};

/// What becomes of rows whose key has a missing part.
enum class MissingKey {
  match,  ///< missing is a value: it meets only missing ones
  open,   ///< they meet nothing: each is a break
  fail,   ///< there must be none
};

struct MatchPlan {
  std::vector<Column> key = {};  ///< as results name them; empty: one grand total
  MatchSide left = {};
  MatchSide right = {};
  Type amount = {};  ///< of the results: money, decimal or integer; both sides fit its scale
  Tolerance tolerance = {};
  std::vector<ComparedColumn> compared = {};  ///< only of sides without aggregate
  /// Rows of one key are a multiset: equal ones pair off, the others pair in the order of their
  /// amounts, what is left over is a duplicate. Otherwise a repeated key is an error.
  bool pairs_duplicates = false;
  MissingKey missing_key = MissingKey::match;
  /// The part of the key that is the amounts' currency: keys meet, add up and are counted within
  /// one.
  std::optional<std::size_t> currency = {};
  /// What a key has left on both sides, in other currencies, is one break of class `currency`.
  bool pairs_currencies = false;
  std::map<std::string, int> minor_units = {};  ///< fraction digits of the currencies there may be
  bool has_same_key_types = true;               ///< to the letter: keys of both sides hash alike
  bool has_plain_amounts = false;               ///< both are columns of type `amount`
  std::string id_prefix = {};    ///< what break ids are about, "cost_attribution/pools_close"
  std::int64_t join_memory = 0;  ///< bytes a join may hold; 0: any number
  std::int64_t key_memory = 256 << 20;  ///< bytes, for finding repeated keys
};

/// What became of the keys of one class. `rows` are rows of the sides, before aggregation.
struct MatchClass {
  std::string name = {};
  std::string currency = {};  ///< of keys and amounts; empty: none is declared
  std::int64_t keys = 0;      ///< compared pairs; of duplicates, pairs that are alike count once
  std::int64_t left_rows = 0;
  std::int64_t right_rows = 0;
  Int128 left_amount = 0;  ///< units
  Int128 right_amount = 0;

  bool is_break() const { return name != "matched" && name != "within_tolerance"; }
};

/// Compares two sides key by key: a full outer join, exact, order does not matter. Rows that agree
/// are counted on the way, the others are kept in a table, so each side is read once for it.
///
/// An amount that is missing on one side is a break, whatever the tolerance. Tolerances are
/// compared exactly.
class Matching {
 public:
  Matching(Engine& engine, MatchPlan plan);

  /// Throws Error(data) with examples if a side has a key more than once and may not, a key with a
  /// missing part and must not, or a currency that is not sound.
  void require_sound_keys();
  /// Every class in a fixed order, also empty ones; with currencies so of each, by their names. A
  /// break of class `currency` has its key in the left one's, its amounts in both.
  std::vector<MatchClass> classes();
  /// Of the rows as they are, without joining: what the classes must add up to. One of each
  /// currency, by name; one without currencies.
  std::vector<MatchSideTotals> totals(const MatchSide& side) const;
  const MatchPlan& plan() const { return plan_; }

  /// Select of break_id, key, left_amount, right_amount, difference, class, tolerance, left_rows,
  /// right_rows, right_currency (with pairs_currencies: of the right amount, where it is another),
  /// left_<name> and right_<name> of what is compared, failed_predicate, distance. Amounts of two
  /// currencies have no difference. The
  /// id is a function of id_prefix and key, and of the break's number where a key has several, so a
  /// break keeps it while it lives, whatever its amounts.
  std::string breaks();
  /// The table breaks() reads: tm_k1.., tm_class (a number), tm_left_rows, tm_right_rows.
  std::string open_table();

 private:
  std::string rows_of(const MatchSide& side) const;
  std::string side(const MatchSide& side, const std::string& where) const;
  std::string class_of(const std::string& one_sided) const;
  std::string differs(std::size_t i) const;
  std::vector<std::string> key_names() const;
  std::string joined(const std::string& where) const;
  std::string paired(const std::string& where) const;
  std::string failures(bool distances);
  std::vector<Column> inner_key() const;
  void find_repeated();
  void require_fitting() const;
  std::vector<std::string> key_parts() const;
  std::string currency_name() const;
  KeyedRows keyed_rows(const MatchSide& side) const;
  void require_sound_currencies() const;

  struct Tally;
  void pair_currencies(Tally& tally);
  std::string tally_sql(std::shared_ptr<Tally> tally);
  void run();

  Engine& engine_;
  MatchPlan plan_;
  std::string wide_;                        ///< DECIMAL(38,scale): sums of amounts
  std::string type_;                        ///< of amounts while they are compared
  std::string open_ = {};                   ///< table of breaks; empty: not run yet
  std::optional<std::string> is_repeated_;  ///< SQL; empty text: no key is
  std::vector<MatchClass> classes_;
};

/// SQL of a break's id over texts; a missing one is told from any value, and lengths in front of
/// the values keep (1, 11) and (11, 1) apart.
std::string break_id_sql(const std::string& prefix, const std::vector<std::string>& values);

}  // namespace tallymill::books
