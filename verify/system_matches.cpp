#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/text.h"
#include "verify/break_facts.h"
#include "verify/hash_index.h"
#include "verify/matches.h"
#include "verify/sides.h"
#include "verify/verdict.h"

namespace tallymill::verify {
namespace {

const std::string kBreaks =
    "the breaks are the keys on which systems do not agree, with what each holds";
const std::string kClasses =
    "every class of the statement has the rows and sums of its keys, system by system";
const std::string kEquation = "the equation of the statement is that of the systems' sums";

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

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

struct ClassTotals {
  std::int64_t rows = 0;
  std::vector<Int128> sums;
};

class SystemCheck {
 public:
  SystemCheck(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks, Proof& proof)
      : engine_(engine),
        job_(job),
        breaks_(breaks),
        proof_(proof),
        shape_(row_shape(breaks.folder).schema),
        scale_(scale_of_breaks(shape_)),
        leaves_open_(job.options.text("missing_key") == "break") {
    for (const YamlNode& node : job.options.list("systems")) {
      const Options options(node);
      const std::string name = options.text("name");
      systems_.push_back({.side = Side(job, name, options, scale_),
                          .name = name,
                          .role = options.text("role", "agrees")});
    }
    for (std::size_t i = 0; i < systems_.size(); ++i) {
      has_equation_ = has_equation_ || systems_[i].role != "agrees";
      if (systems_[i].role == "closing" && reference_ == 0) reference_ = i;
      if (systems_[i].role == "agrees") agreeing_.push_back(i);
    }
    if (has_equation_ && !agreeing_.empty()) agreeing_.push_back(reference_);
  }

  void check() {
    if (const std::string reason = plan(); !reason.empty())
      return proof_.leaves_out("the classes of keys: " + reason);
    for (std::size_t i = 0; i < systems_.size(); ++i) read(i);
    is_told_.resize(hashes_.size());
    for (std::size_t key = 0; key < hashes_.size(); ++key) count(key);
    read_breaks();
    name_untold();
    compare_classes();
    compare_equation();
    if (!knows_ids_) proof_.leaves_out("the ids of breaks: keys have other types in a system");
    if (has_hints_)
      proof_.leaves_out("which key is nearest to one that a system lacks: it is a hint");
    leave_out_rules(job_, proof_);
    std::vector<CountedSide> sides;
    for (const System& system : systems_)
      sides.push_back({&system.side, system.total.rows, system.total.sum});
    check_verdict(engine_, job_, breaks_, sides, scale_, proof_);
  }

 private:
  std::string plan() {
    if (systems_.empty()) return "there are no systems";
    tolerance_ = Tolerance::read(
        job_, job_.options.has("tolerance") ? job_.options.node("tolerance") : YamlNode(), scale_);
    if (!tolerance_) return "a tolerance of a parameter that is not known";
    const std::size_t key_size = systems_.front().side.key_size();
    if (shape_.columns.size() <= key_size) return "the breaks do not have its key";
    for (std::size_t i = 0; i < key_size; ++i) key_.push_back(shape_.columns[i + 1]);
    for (const System& system : systems_) {
      if (std::string unknown = system.side.unknown(); !unknown.empty()) return unknown;
      for (const RecordedVersion& version : system.side.versions())
        knows_ids_ =
            knows_ids_ && has_same_types(key_, row_shape(version.folder).schema, system.side.key());
    }
    return {};
  }

  Holding& holding(std::size_t key, std::size_t system) {
    return holdings_[key * systems_.size() + system];
  }
  const Holding& holding(std::size_t key, std::size_t system) const {
    return holdings_[key * systems_.size() + system];
  }

  /// Keys with a missing part meet nothing where they are left open: each system has its own.
  static UInt128 open_key(UInt128 key, std::size_t system) { return key + system + 1; }

  void read(std::size_t number) {
    System& system = systems_[number];
    system.side.read(engine_, [&](const SideRow& row) {
      const UInt128 hash =
          leaves_open_ && row.has_missing_key ? open_key(row.key, number) : row.key;
      const auto [entry, is_new] = keys_.try_emplace(hash, hashes_.size());
      if (is_new) {
        hashes_.push_back(hash);
        holdings_.resize(holdings_.size() + systems_.size());
      }
      for (Holding* each : {&holding(entry->second, number), &system.total}) {
        ++each->rows;
        each->sum += row.amount.value_or(0);
        each->has_amount = each->has_amount || row.amount;
      }
    });
  }

  Int128 expected(std::size_t key) const {
    Int128 sum = 0;
    for (std::size_t i = 0; i < systems_.size(); ++i) {
      const std::string& role = systems_[i].role;
      if (role == "opening" || role == "in") sum += holding(key, i).sum;
      if (role == "out") sum -= holding(key, i).sum;
    }
    return sum;
  }

  /// Whether an agreeing system's amount is another one than the reference's, and too far from it.
  bool is_off(std::size_t key, std::size_t system) const {
    const auto own = holding(key, system).amount();
    const auto other = holding(key, reference_).amount();
    if (own == other) return false;
    return !own || !other || magnitude(*own - *other) > tolerance_->allowed(*own, *other);
  }

  std::string class_of(std::size_t key) const {
    bool has = false;
    bool lacks = false;
    bool off = false;
    bool unequal = false;
    for (const std::size_t i : agreeing_) {
      has = has || holding(key, i).rows > 0;
      lacks = lacks || holding(key, i).rows == 0;
      if (i == reference_) continue;
      off = off || is_off(key, i);
      unequal = unequal || holding(key, i).amount() != holding(key, reference_).amount();
    }
    if (has && lacks) return "missing";
    for (std::size_t i = 0; i < systems_.size(); ++i)
      if (!systems_[i].side.is_aggregated() && holding(key, i).rows > 1) return "duplicate";
    const Int128 closing = holding(key, reference_).sum;
    const Int128 gap = has_equation_ ? magnitude(expected(key) - closing) : 0;
    if (gap > 0 && gap > tolerance_->allowed(expected(key), closing)) return "residual";
    if (off) return "amount";
    return unequal || gap > 0 ? "within_tolerance" : "matched";
  }

  static bool is_break(const std::string& what) {
    return what != "matched" && what != "within_tolerance";
  }

  /// Of the agreeing systems' amounts the one farthest from the reference; the first of equals.
  std::optional<Int128> worst_amount(std::size_t key) const {
    std::optional<Int128> worst;
    Int128 widest = -1;
    for (const std::size_t i : agreeing_) {
      if (i == reference_) continue;
      const Int128 gap = magnitude(holding(key, i).sum - holding(key, reference_).sum);
      if (gap <= widest) continue;
      widest = gap;
      worst = holding(key, i).amount();
    }
    return worst;
  }

  std::string gap_text(Int128 a, Int128 b) const {
    return format_decimal(magnitude(a - b), scale_);
  }

  KeyVerdict verdict(std::size_t key) const {
    KeyVerdict told{.what = class_of(key)};
    const bool is_residual = told.what == "residual";
    const Holding& reference = holding(key, reference_);
    told.left = is_residual ? std::optional(expected(key)) : reference.amount();
    told.right = is_residual ? std::optional(reference.sum) : worst_amount(key);
    const auto add = [&](const std::string& name, const std::string& distance) {
      told.failed += (told.failed.empty() ? "" : ", ") + name;
      told.distance += (told.distance.empty() ? "" : ", ") + distance;
    };
    if (is_residual) add(systems_[reference_].name, gap_text(expected(key), reference.sum));
    for (std::size_t i = 0; i < systems_.size(); ++i)
      if (!systems_[i].side.is_aggregated() && holding(key, i).rows > 1)
        add(systems_[i].name, std::to_string(holding(key, i).rows) + " rows");
    for (const std::size_t i : agreeing_) {
      const Holding& own = holding(key, i);
      if (told.what == "missing" && own.rows == 0)
        add(systems_[i].name, "missing");
      else if (i != reference_ && reference.rows > 0 && is_off(key, i))
        add(systems_[i].name,
            own.has_amount && reference.has_amount ? gap_text(own.sum, reference.sum) : "missing");
    }
    return told;
  }

  std::int64_t other_rows(std::size_t key) const {
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < systems_.size(); ++i)
      if (i != reference_) rows += holding(key, i).rows;
    return rows;
  }

  void count(std::size_t key) {
    ClassTotals& into = classes_[class_of(key)];
    into.sums.resize(systems_.size());
    for (std::size_t i = 0; i < systems_.size(); ++i) {
      into.rows += holding(key, i).rows;
      into.sums[i] += holding(key, i).sum;
    }
  }

  std::string amount_text(std::optional<Int128> amount) const {
    return amount ? format_decimal(*amount, scale_) : "(none)";
  }
  std::optional<std::string> amount_cell(std::optional<Int128> amount) const {
    return amount ? std::optional(format_decimal(*amount, scale_)) : std::nullopt;
  }

  std::string told(std::size_t key, const KeyVerdict& verdict) const {
    return verdict.what + ", left " + amount_text(verdict.left) + " of " +
           std::to_string(holding(key, reference_).rows) + " rows, right " +
           amount_text(verdict.right) + " of " + std::to_string(other_rows(key)) + " rows";
  }

  /// The keys a break may be of: one, or where parts are missing and left open one a system.
  std::vector<std::size_t> keys_of(UInt128 hash, bool has_missing_key) const {
    std::vector<std::size_t> found;
    const auto add = [&](UInt128 wanted) {
      if (const auto key = keys_.find(wanted); key != keys_.end()) found.push_back(key->second);
    };
    if (!leaves_open_ || !has_missing_key) add(hash);
    for (std::size_t i = 0; leaves_open_ && has_missing_key && i < systems_.size(); ++i)
      add(open_key(hash, i));
    return found;
  }

  struct Places {
    std::vector<Column> columns = {};
    std::map<std::string, std::size_t, std::less<>> by_name = {};
    std::size_t operator[](std::string_view name) const { return by_name.find(name)->second; }
  };

  Places places_of_breaks() const {
    std::vector<std::string> names;
    for (const Column& column : key_) names.push_back(column.name);
    for (const char* name :
         {"class", "left_amount", "left_rows", "right_amount", "right_rows", "difference",
          "tolerance", "failed_predicate", "distance", "nearest_candidate", "cause", "break_id"})
      names.emplace_back(name);
    for (const System& system : systems_) names.push_back(system.name + "_amount");
    Places places{.columns = columns_named(shape_, names, breaks_.dataset)};
    for (std::size_t i = key_.size(); i < names.size(); ++i) places.by_name[names[i]] = i;
    return places;
  }

  void expect_facts(const Places& places, const Row& row, std::size_t key,
                    const KeyVerdict& verdict, ToldFields& fields) const {
    const Int128 difference = verdict.left.value_or(0) - verdict.right.value_or(0);
    fields.expect(places["difference"], amount_cell(difference));
    fields.expect(places["tolerance"],
                  amount_cell(tolerance_->allowed(verdict.left, verdict.right)));
    for (std::size_t i = 0; i < systems_.size(); ++i)
      fields.expect(places[systems_[i].name + "_amount"], amount_cell(holding(key, i).amount()));
    const auto list = [](const std::string& text) {
      return text.empty() ? std::nullopt : std::optional(text);
    };
    fields.expect(places["failed_predicate"], list(verdict.failed));
    fields.expect(places["distance"], list(verdict.distance));
    bool has_whole_key = true;
    std::vector<std::optional<std::string>> id;
    for (std::size_t i = 0; i < key_.size(); ++i) {
      id.push_back(row.printed(i));
      has_whole_key = has_whole_key && (!leaves_open_ || id.back());
    }
    if (leaves_open_) {
      id.emplace_back();
      for (std::size_t i = 0; !has_whole_key && !id.back() && i < systems_.size(); ++i)
        if (holding(key, i).rows > 0) id.back() = systems_[i].name;
    }
    if (knows_ids_) fields.expect(places["break_id"], break_id(job_, id));
    if (job_.options.has("classify")) return;
    fields.expect(places["cause"], cause_of({.class_name = verdict.what,
                                             .left = verdict.left,
                                             .right = verdict.right,
                                             .left_rows = holding(key, reference_).rows,
                                             .right_rows = other_rows(key),
                                             .has_whole_key = has_whole_key}));
  }

  /// What a break says against what follows for `key`.
  void judge(const Places& places, const Row& row, std::size_t key, std::string& expected,
             std::string& found) const {
    const KeyVerdict follows = verdict(key);
    ToldFields fields(row, places.columns);
    expected = is_told_[key] ? "one break of the key" : told(key, follows);
    if (!is_told_[key] && is_break(follows.what)) expect_facts(places, row, key, follows, fields);
    expected += fields.expected();
    found += fields.found();
  }

  void read_breaks() {
    const Places places = places_of_breaks();
    read_rows(engine_, breaks_, places.columns, {}, [&](const Row& row) {
      has_hints_ = has_hints_ || !row.is_null(places["nearest_candidate"]);
      bool has_missing_key = false;
      for (std::size_t i = 0; i < key_.size(); ++i)
        has_missing_key = has_missing_key || row.is_null(i);
      const std::string says =
          row.shown(places["class"]) + ", left " + row.shown(places["left_amount"]) + " of " +
          row.shown(places["left_rows"]) + " rows, right " + row.shown(places["right_amount"]) +
          " of " + row.shown(places["right_rows"]) + " rows";
      std::string expected = "a key that a system knows";
      std::string found = says;
      for (const std::size_t key :
           keys_of(key_hash(row, places.columns, key_.size()), has_missing_key)) {
        found = says;
        judge(places, row, key, expected, found);
        if (expected == found || !leaves_open_ || !has_missing_key) {
          const bool agrees = expected == found && is_break(class_of(key));
          is_told_[key] = true;
          if (agrees) return;
          break;
        }
      }
      proof_.fails({.dataset = breaks_.dataset,
                    .file = std::string(row.file()),
                    .line = row.line(),
                    .identity = kBreaks,
                    .expected = expected,
                    .found = found});
    });
    proof_.looked_at(kBreaks, static_cast<std::int64_t>(hashes_.size()));
  }

  /// Keys that do not agree and that no break tells: named by a second look at the systems.
  void name_untold() {
    ByHash<std::size_t> untold;
    for (std::size_t key = 0; key < hashes_.size(); ++key)
      if (!is_told_[key] && is_break(class_of(key))) untold[hashes_[key]] = key;
    if (untold.empty()) return;
    for (std::size_t i = 0; i < systems_.size(); ++i)
      systems_[i].side.read(engine_, [&](const SideRow& row) {
        const auto found =
            untold.find(leaves_open_ && row.has_missing_key ? open_key(row.key, i) : row.key);
        if (found == untold.end()) return;
        const std::size_t key = found->second;
        untold.erase(found);
        proof_.fails({.dataset = breaks_.dataset,
                      .identity = kBreaks,
                      .expected = "a break of " + systems_[i].side.name_of_key(row) + ": " +
                                  told(key, verdict(key)),
                      .found = "none"});
      });
  }

  void expect(const std::string& identity, const std::string& expected, const std::string& found) {
    proof_.looked_at(identity, 1);
    if (expected != found)
      proof_.fails(
          {.dataset = job_.job, .identity = identity, .expected = expected, .found = found});
  }

  void compare_classes() {
    if (!job_.ledger.contains("out")) return;
    for (const json::value& value : job_.ledger.at("out").as_array()) {
      const json::object& entry = value.as_object();
      const std::string name = json_text(entry, "name");
      ClassTotals& counted = classes_[name];
      counted.sums.resize(systems_.size());
      std::string expected = name + ": " + std::to_string(counted.rows) + " rows";
      std::string found = name + ": " + std::to_string(json_integer(entry, "rows")) + " rows";
      for (std::size_t i = 0; i < systems_.size(); ++i) {
        const std::string& system = systems_[i].name;
        expected += ", " + system + " " + format_decimal(counted.sums[i], scale_);
        found += ", " + system + " " +
                 json_text_or(entry.at("amounts").as_object(), system + "_amount",
                              format_decimal(0, scale_));
      }
      expect(kClasses, expected, found);
      classes_.erase(name);
    }
    for (const auto& [name, counted] : classes_)
      expect(kClasses, name + ": " + std::to_string(counted.rows) + " rows", "none");
  }

  /// Of all keys together, as the statement tells it.
  void compare_equation() {
    const json::value* statement = job_.report.if_contains("statement");
    if (!has_equation_ || statement == nullptr || !statement->as_object().contains("equation"))
      return;
    std::map<std::string, Int128> sums{{"opening", 0}, {"in", 0}, {"out", 0}, {"closing", 0}};
    for (const System& system : systems_)
      if (system.role != "agrees") sums[system.role] += system.total.sum;
    sums["residual"] = sums["opening"] + sums["in"] - sums["out"] - sums["closing"];
    const json::object& told = statement->at("equation").as_object();
    std::string expected;
    std::string found;
    for (const char* term : {"opening", "in", "out", "closing", "residual"}) {
      expected += (expected.empty() ? "" : ", ") + std::string(term) + " " +
                  format_decimal(sums[term], scale_);
      found += (found.empty() ? "" : ", ") + std::string(term) + " " +
               json_text_or(told, term, "(none)");
    }
    expect(kEquation, expected, found);
  }

  Engine& engine_;
  const RecordedJob& job_;
  const RecordedVersion& breaks_;
  Proof& proof_;
  Schema shape_;
  int scale_ = 0;
  bool leaves_open_ = false;
  std::vector<System> systems_ = {};
  std::vector<std::size_t> agreeing_ = {};
  std::size_t reference_ = 0;  ///< the system the others are compared with
  bool has_equation_ = false;
  bool knows_ids_ = true;
  bool has_hints_ = false;
  std::optional<Tolerance> tolerance_ = {};
  std::vector<Column> key_ = {};
  ByHash<std::size_t> keys_ = {};
  std::vector<UInt128> hashes_ = {};
  std::vector<Holding> holdings_ = {};  ///< of each key, system by system
  std::vector<bool> is_told_ = {};
  std::map<std::string, ClassTotals> classes_ = {};
};

}  // namespace

void check_system_matches(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                          Proof& proof) {
  SystemCheck(engine, job, breaks, proof).check();
}

}  // namespace tallymill::verify
