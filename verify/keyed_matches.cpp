#include <array>
#include <map>
#include <set>

#include "core/error.h"
#include "verify/hash_index.h"
#include "verify/matches.h"
#include "verify/sides.h"

namespace tallymill::verify {
namespace {

const std::string kBreaks = "the breaks are the keys that do not agree, with what both sides hold";
const std::string kClasses = "every class of the statement has the rows and sums of its keys";

/// Both sides of one key.
struct KeyTotals {
  std::array<std::int64_t, 2> rows{};
  std::array<Int128, 2> sum{};
  std::array<bool, 2> has_amount{};
  bool is_told = false;  ///< by a break
};

/// Rows and sums of one class of the statement.
struct ClassTotals {
  std::int64_t rows = 0;
  std::array<Int128, 2> sum{};
};

class KeyedCheck {
 public:
  KeyedCheck(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks, Proof& proof)
      : engine_(engine), job_(job), breaks_(breaks), proof_(proof) {
    shape_ = row_shape(breaks.folder).schema;
    const Column* amount = shape_.find("left_amount");
    scale_ = amount != nullptr && amount->type.is_decimal() ? amount->type.scale : 0;
    tolerance_ = Tolerance::read(
        job, job.options.has("tolerance") ? job.options.node("tolerance") : YamlNode(), scale_);
  }

  void check() {
    const Side left(job_, "left", scale_);
    const Side right(job_, "right", scale_);
    if (const std::string reason = unknown(left, right); !reason.empty())
      return proof_.leaves_out("the classes of keys: " + reason);
    add(left, 0);
    add(right, 1);
    read_breaks(left.key_size());
    name_untold({&left, &right});
    count_classes();
  }

 private:
  std::string unknown(const Side& left, const Side& right) const {
    if (!tolerance_) return "a tolerance by bands, or of a parameter that is not known";
    for (const char* option : {"compare", "duplicates", "missing_key"})
      if (job_.options.has(option) && job_.options.text(option, "x") != "fail")
        return "the job has '" + std::string(option) + "'";
    if (left.is_converted() || right.is_converted()) return "a side has a factor or other signs";
    return {};
  }

  void add(const Side& side, std::size_t which) {
    side.read(engine_, [&](const SideRow& row) {
      KeyTotals& key = keys_[row.key];
      ++key.rows[which];
      if (!row.amount) return;
      key.sum[which] += *row.amount;
      key.has_amount[which] = true;
    });
  }

  std::string class_of(const KeyTotals& key) const {
    if (key.rows[1] == 0) return "left_only";
    if (key.rows[0] == 0) return "right_only";
    if (key.has_amount[0] != key.has_amount[1]) return "amount";
    if (key.sum[0] == key.sum[1]) return "matched";
    const Int128 difference =
        key.sum[0] < key.sum[1] ? key.sum[1] - key.sum[0] : key.sum[0] - key.sum[1];
    return difference <= tolerance_->allowed(key.sum[0], key.sum[1]) ? "within_tolerance"
                                                                     : "amount";
  }

  static bool is_break(const std::string& name) {
    return name != "matched" && name != "within_tolerance";
  }

  std::string amount(const KeyTotals& key, std::size_t side) const {
    return key.has_amount[side] ? format_decimal(key.sum[side], scale_) : "(none)";
  }

  std::string told(const KeyTotals& key) const {
    return class_of(key) + ", left " + amount(key, 0) + " of " + std::to_string(key.rows[0]) +
           " rows, right " + amount(key, 1) + " of " + std::to_string(key.rows[1]) + " rows";
  }

  void read_breaks(std::size_t key_size) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < key_size; ++i) names.push_back(shape_.columns[i + 1].name);
    for (const char* name :
         {"class", "left_amount", "left_rows", "right_amount", "right_rows", "difference"})
      names.emplace_back(name);
    const std::vector<Column> columns = columns_named(shape_, names, breaks_.dataset);
    std::int64_t breaks = 0;
    read_rows(engine_, breaks_, columns, {}, [&](const Row& row) {
      ++breaks;
      const auto shown = [&](std::size_t i) { return row.shown(key_size + i); };
      const std::string found = shown(0) + ", left " + shown(1) + " of " + shown(2) +
                                " rows, right " + shown(3) + " of " + shown(4) + " rows";
      const auto key = keys_.find(key_hash(row, columns, key_size));
      std::string expected = "a key that both sides know";
      if (key != keys_.end()) {
        expected = key->second.is_told ? "one break of the key" : told(key->second);
        key->second.is_told = true;
      }
      const bool differs =
          key != keys_.end() && row.units(key_size + 5) != key->second.sum[0] - key->second.sum[1];
      if (found == expected && !differs && is_break(class_of(key->second))) return;
      if (differs)
        expected +=
            ", difference " + format_decimal(key->second.sum[0] - key->second.sum[1], scale_);
      proof_.fails({.dataset = breaks_.dataset,
                    .file = std::string(row.file()),
                    .line = row.line(),
                    .identity = kBreaks,
                    .expected = expected,
                    .found = differs ? found + ", difference " + shown(5) : found});
    });
    proof_.looked_at(kBreaks, static_cast<std::int64_t>(keys_.size()));
  }

  /// Keys that do not agree and that no break tells: named by a second look at the sides.
  void name_untold(const std::array<const Side*, 2>& sides) {
    std::set<UInt128> untold;
    for (const auto& [key, totals] : keys_)
      if (!totals.is_told && is_break(class_of(totals))) untold.insert(key);
    if (untold.empty()) return;
    for (const Side* side : sides)
      side->read(engine_, [&](const SideRow& row) {
        if (untold.erase(row.key) == 0) return;
        proof_.fails(
            {.dataset = breaks_.dataset,
             .identity = kBreaks,
             .expected = "a break of " + side->name_of_key(row) + ": " + told(keys_.at(row.key)),
             .found = "none"});
      });
  }

  void count_classes() {
    std::map<std::string, ClassTotals> classes;
    for (const auto& [key, totals] : keys_) {
      ClassTotals& into = classes[class_of(totals)];
      into.rows += totals.rows[0] + totals.rows[1];
      for (std::size_t side = 0; side < 2; ++side) into.sum[side] += totals.sum[side];
    }
    if (!job_.ledger.contains("out")) return;
    for (const json::value& value : job_.ledger.at("out").as_array()) {
      const json::object& entry = value.as_object();
      const std::string name = json_text(entry, "name");
      const ClassTotals& counted = classes[name];
      proof_.looked_at(kClasses, 1);
      const auto text = [&](std::int64_t rows, const std::string& left, const std::string& right) {
        return name + ": " + std::to_string(rows) + " rows, left " + left + ", right " + right;
      };
      const json::object& amounts = entry.at("amounts").as_object();
      const std::string expected = text(counted.rows, format_decimal(counted.sum[0], scale_),
                                        format_decimal(counted.sum[1], scale_));
      const std::string found =
          text(json_integer(entry, "rows"), json_text_or(amounts, "left_amount", "0"),
               json_text_or(amounts, "right_amount", "0"));
      if (expected != found)
        proof_.fails(
            {.dataset = job_.job, .identity = kClasses, .expected = expected, .found = found});
    }
  }

  Engine& engine_;
  const RecordedJob& job_;
  const RecordedVersion& breaks_;
  Proof& proof_;
  Schema shape_;
  int scale_ = 0;
  std::optional<Tolerance> tolerance_;
  ByHash<KeyTotals> keys_;
};

}  // namespace

void check_keyed_matches(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                         Proof& proof) {
  KeyedCheck(engine, job, breaks, proof).check();
}

}  // namespace tallymill::verify
