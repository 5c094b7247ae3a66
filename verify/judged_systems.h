#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verify/class_sums.h"
#include "verify/hash_index.h"
#include "verify/sides.h"

namespace tallymill::verify {

/// What one system holds of a key.
struct Holding {
  std::int64_t rows = 0;
  Int128 sum = 0;
  bool has_amount = false;

  std::optional<Int128> amount() const { return has_amount ? std::optional(sum) : std::nullopt; }
};

struct System {
  Side side;
  std::string name;
  std::string role;
  Holding total = {};
};

/// What follows of a key from what every system holds of it.
struct KeyVerdict {
  std::string what;
  std::optional<Int128> left = {};
  std::optional<Int128> right = {};
  std::string failed = {};  ///< systems that are off
  std::string distance = {};
};

/// The keys of a job of several systems, each judged by what every system holds of it.
class JudgedSystems {
 public:
  /// `job` outlives it. `breaks`: the shape of its breaks. `scale`: of their amounts.
  JudgedSystems(const RecordedJob& job, const Schema& breaks, int scale);

  /// Reads the options. Gives what is not known about them; nothing: all is.
  std::string plan();
  void read(Engine& engine);

  const std::vector<System>& systems() const { return systems_; }
  const System& reference() const { return systems_[reference_]; }
  const std::vector<Column>& key() const { return key_; }
  const Tolerance& tolerance() const { return *tolerance_; }
  bool tells_currencies() const { return systems_.front().side.tells_currency(); }
  bool has_equation() const { return has_equation_; }
  /// A missing part of a key meets nothing.
  bool leaves_open() const { return leaves_open_; }
  /// Ids follow from keys: they are of the same types in every system.
  bool knows_ids() const { return knows_ids_; }

  std::size_t size() const { return hashes_.size(); }
  UInt128 hash(std::size_t key) const { return hashes_[key]; }
  /// The hash of the key that a row of a system is of.
  UInt128 hash(const SideRow& row, std::size_t system) const {
    return leaves_open_ && row.has_missing_key ? open_key(row.key, system) : row.key;
  }
  const Holding& holding(std::size_t key, std::size_t system) const {
    return holdings_[key * systems_.size() + system];
  }
  const Holding& reference_of(std::size_t key) const { return holding(key, reference_); }
  std::int64_t other_rows(std::size_t key) const;
  /// The keys a break may be of: one, or where parts are missing and left open one a system.
  std::vector<std::size_t> keys_of(UInt128 hash, bool has_missing_key) const;

  std::string class_of(std::size_t key) const;
  static bool is_break(const std::string& what) {
    return what != "matched" && what != "within_tolerance";
  }
  KeyVerdict verdict(std::size_t key) const;
  std::map<std::string, ClassSums> classes() const;
  /// Sums of systems by their role, currency by currency.
  std::map<std::string, std::map<std::string, Int128>> equation() const;

 private:
  /// Keys with a missing part meet nothing where they are left open: each system has its own.
  static UInt128 open_key(UInt128 key, std::size_t system) { return key + system + 1; }
  void read(Engine& engine, std::size_t number);
  Int128 expected(std::size_t key) const;
  bool is_off(std::size_t key, std::size_t system) const;
  std::optional<Int128> worst_amount(std::size_t key) const;
  std::string gap_text(Int128 a, Int128 b) const;

  const RecordedJob& job_;
  const Schema& shape_;
  int scale_;
  bool leaves_open_ = false;
  std::vector<System> systems_ = {};
  std::vector<std::size_t> agreeing_ = {};
  std::size_t reference_ = 0;  ///< the system the others are compared with
  bool has_equation_ = false;
  bool knows_ids_ = true;
  std::optional<Tolerance> tolerance_ = {};
  std::vector<Column> key_ = {};
  Currencies currencies_ = {};
  ByHash<std::size_t> keys_ = {};
  std::vector<UInt128> hashes_ = {};
  std::vector<std::uint32_t> currency_of_ = {};  ///< of each key
  std::vector<Holding> holdings_ = {};           ///< of each key, system by system
};

}  // namespace tallymill::verify
