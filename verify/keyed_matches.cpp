#include <algorithm>
#include <array>
#include <map>

#include "core/error.h"
#include "verify/break_facts.h"
#include "verify/hash_index.h"
#include "verify/matches.h"
#include "verify/row_pairs.h"
#include "verify/sides.h"
#include "verify/verdict.h"

namespace tallymill::verify {
namespace {

const std::string kBreaks = "the breaks are the keys that do not agree, with what both sides hold";
const std::string kClasses = "every class of the statement has the rows and sums of its keys";

/// Both sides of one key.
struct KeyTotals {
  std::array<std::int64_t, 2> rows{};
  std::array<Int128, 2> sum{};
  UInt128 difference = 0;  ///< of hashes of both sides' rows: 0 where they are the same rows
  std::array<bool, 2> has_amount{};
  bool is_open = false;  ///< a part of the key is missing and meets nothing
};

/// A pair of a key that does not simply agree.
struct JudgedPair {
  RowPair pair;
  bool is_told = false;  ///< by a break
};

/// Rows and sums of one class of the statement.
struct ClassTotals {
  std::int64_t rows = 0;
  std::array<Int128, 2> sum{};
};

/// Where the columns of a break stand in a row that was read.
struct BreakPlaces {
  std::vector<Column> columns;  ///< key, then the others in this order
  std::size_t what = 0;
  std::size_t left_amount = 0, left_rows = 0, right_amount = 0, right_rows = 0;
  std::size_t difference = 0, tolerance = 0, id = 0;
  std::size_t nearest = 0, failed = 0, distance = 0, cause = 0;
  std::size_t compared = 0;  ///< left and right of each

  BreakPlaces(const Schema& shape, std::size_t key_size, const std::vector<ComparedColumn>& compare,
              const std::string& dataset) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < key_size; ++i) names.push_back(shape.columns.at(i + 1).name);
    const auto add = [&](const std::string& name) {
      names.push_back(name);
      return names.size() - 1;
    };
    what = add("class");
    left_amount = add("left_amount");
    left_rows = add("left_rows");
    right_amount = add("right_amount");
    right_rows = add("right_rows");
    difference = add("difference");
    tolerance = add("tolerance");
    id = add("break_id");
    nearest = add("nearest_candidate");
    failed = add("failed_predicate");
    distance = add("distance");
    cause = add("cause");
    compared = names.size();
    for (const ComparedColumn& column : compare)
      for (const char* side : {"left_", "right_"}) add(side + column.name());
    columns = columns_named(shape, names, dataset);
  }
};

class KeyedCheck {
 public:
  KeyedCheck(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks, Proof& proof)
      : engine_(engine),
        job_(job),
        breaks_(breaks),
        proof_(proof),
        shape_(row_shape(breaks.folder).schema),
        scale_(scale_of_breaks(shape_)),
        sides_{Side(job, "left", scale_), Side(job, "right", scale_)},
        pairs_off_(job.options.text("duplicates") == "pair"),
        leaves_open_(job.options.text("missing_key") == "break") {}

  void check() {
    if (const std::string reason = plan(); !reason.empty())
      return proof_.leaves_out("the classes of keys: " + reason);
    for (std::size_t side = 0; side < 2; ++side) add(side);
    collect_rows();
    for (const auto& [key, totals] : keys_) judge(key, totals);
    read_breaks();
    name_untold();
    count_classes();
    if (has_hints_)
      proof_.leaves_out("which key is nearest to one that stands alone: it is a hint");
    if (!knows_ids_) proof_.leaves_out("the ids of breaks: keys have other types on a side");
    leave_out_rules(job_, proof_);
    check_verdict(engine_, job_, breaks_, counted_, scale_, proof_);
  }

 private:
  /// Reads the options. Gives what is not known about them; nothing: all is.
  std::string plan() {
    const auto tolerance = Tolerance::read(
        job_, job_.options.has("tolerance") ? job_.options.node("tolerance") : YamlNode(), scale_);
    if (!tolerance) return "a tolerance of a parameter that is not known";
    std::vector<ComparedColumn> compared;
    if (job_.options.has("compare"))
      for (const YamlNode& node : job_.options.list("compare")) {
        std::string unknown;
        auto column = ComparedColumn::read(job_, Options(node), shape_, unknown);
        if (!column) return unknown;
        compared.push_back(std::move(*column));
      }
    keeps_rows_ = pairs_off_ || leaves_open_ || !compared.empty();
    rules_.emplace(*tolerance, std::move(compared));
    const std::size_t key_size = sides_[0].key_size();
    if (shape_.columns.size() <= key_size) return "the breaks do not have its key";
    for (std::size_t i = 0; i < key_size; ++i) key_.push_back(shape_.columns[i + 1]);
    for (std::size_t which = 0; which < 2; ++which)
      if (std::string unknown = plan_side(which); !unknown.empty()) return unknown;
    return {};
  }

  std::string plan_side(std::size_t which) {
    Side& side = sides_[which];
    if (std::string unknown = side.unknown(); !unknown.empty()) return unknown;
    std::vector<std::string> names;
    for (const ComparedColumn& column : rules_->compared()) names.push_back(column.column(which));
    for (const RecordedVersion& version : side.versions()) {
      const Schema schema = row_shape(version.folder).schema;
      knows_ids_ = knows_ids_ && has_same_types(key_, schema, side.key());
      for (const ComparedColumn& column : rules_->compared())
        if (const Column* found = schema.find(column.column(which)))
          if (std::string misfit = column.misfit(found->type, which); !misfit.empty())
            return misfit;
    }
    side.read_also(std::move(names));
    return {};
  }

  KeyRow key_row(const SideRow& row, std::size_t which) const {
    KeyRow told{.values = {ComparedValue::of_number(row.amount)}};
    const std::size_t first = sides_[which].also_place();
    for (std::size_t i = 0; i < rules_->compared().size(); ++i)
      told.values.push_back(
          rules_->compared()[i].value(*row.row, first + i, (*row.columns)[first + i].type, which));
    return told;
  }

  void add(std::size_t which) {
    const bool is_hashed = keeps_rows_ && !sides_[which].adds_up();
    std::string bytes;
    counted_[which].side = &sides_[which];
    sides_[which].read(engine_, [&](const SideRow& row) {
      KeyTotals& key = keys_[row.key];
      ++key.rows[which];
      ++counted_[which].rows;
      counted_[which].amount += row.amount.value_or(0);
      key.is_open = leaves_open_ && row.has_missing_key;
      if (is_hashed) {
        bytes.clear();
        for (const ComparedValue& value : key_row(row, which).values) append_value(value, bytes);
        const UInt128 hash = number_of(xxh3_128(bytes));
        key.difference += which == 0 ? hash : -hash;
      }
      if (!row.amount) return;
      key.sum[which] += *row.amount;
      key.has_amount[which] = true;
    });
  }

  /// Whether both sides of a key are the same to the last unit.
  bool agrees(const KeyTotals& key) const {
    if (key.is_open || key.rows[0] == 0 || key.rows[1] == 0) return false;
    if (keeps_rows_ && !sides_[0].adds_up() && !sides_[1].adds_up())
      return key.rows[0] == key.rows[1] && key.difference == 0;
    for (std::size_t side = 0; side < 2; ++side)
      if (keeps_rows_ && !sides_[side].adds_up() && key.rows[side] > 1) return false;
    return key.has_amount[0] == key.has_amount[1] && key.sum[0] == key.sum[1];
  }

  /// Where rows meet one by one, those of keys that do not agree are looked at again.
  void collect_rows() {
    if (!keeps_rows_) return;
    for (std::size_t which = 0; which < 2; ++which) {
      if (sides_[which].adds_up()) continue;
      sides_[which].read(engine_, [&](const SideRow& row) {
        if (!agrees(keys_.at(row.key))) rows_[row.key][which].push_back(key_row(row, which));
      });
    }
  }

  void judge(UInt128 key, const KeyTotals& totals) {
    if (agrees(totals)) {
      ClassTotals& into = classes_[name_of(PairClass::matched)];
      into.rows += totals.rows[0] + totals.rows[1];
      for (std::size_t side = 0; side < 2; ++side) into.sum[side] += totals.sum[side];
      return;
    }
    std::array<std::vector<KeyRow>, 2> rows;
    if (const auto kept = rows_.find(key); kept != rows_.end()) rows = std::move(kept->second);
    for (std::size_t side = 0; side < 2; ++side)
      if (totals.rows[side] > 0 && (!keeps_rows_ || sides_[side].adds_up()))
        rows[side] = {
            {.values = {ComparedValue::of_number(
                 totals.has_amount[side] ? std::optional(totals.sum[side]) : std::nullopt)},
             .rows = totals.rows[side]}};
    std::vector<JudgedPair>& judged = judged_[key];
    for (RowPair& pair : rules_->pairs(std::move(rows), !totals.is_open)) {
      ClassTotals& into = classes_[name_of(pair.what)];
      into.rows += pair.rows(0) + pair.rows(1);
      for (std::size_t side = 0; side < 2; ++side) into.sum[side] += pair.amount_or_nothing(side);
      judged.push_back({.pair = std::move(pair)});
    }
  }

  std::string amount_text(std::optional<Int128> amount) const {
    return amount ? format_decimal(*amount, scale_) : "(none)";
  }

  std::string told(const RowPair& pair) const {
    return name_of(pair.what) + ", left " + amount_text(pair.amount(0)) + " of " +
           std::to_string(pair.rows(0)) + " rows, right " + amount_text(pair.amount(1)) + " of " +
           std::to_string(pair.rows(1)) + " rows";
  }

  /// Of a key that no break is expected of, or no further one.
  std::string told_of_others(UInt128 key) const {
    const auto totals = keys_.find(key);
    if (totals == keys_.end()) return "a key that both sides know";
    const auto judged = judged_.find(key);
    if (judged == judged_.end())
      return told(
          {.sides = {
               KeyRow{{ComparedValue::of_number(totals->second.sum[0])}, totals->second.rows[0]},
               KeyRow{{ComparedValue::of_number(totals->second.sum[1])}, totals->second.rows[1]}}});
    const auto breaks =
        std::count_if(judged->second.begin(), judged->second.end(),
                      [](const JudgedPair& each) { return is_break(each.pair.what); });
    if (breaks == 0) return told(judged->second.front().pair);
    return breaks == 1 ? "one break of the key" : std::to_string(breaks) + " breaks of the key";
  }

  void expect_values(const BreakPlaces& places, const Row& row, const RowPair& pair,
                     ToldFields& fields) const {
    for (std::size_t i = 0; i < rules_->compared().size(); ++i)
      for (std::size_t side = 0; side < 2; ++side) {
        const std::size_t place = places.compared + 2 * i + side;
        const ComparedValue value = pair.value(side, i + 1);
        fields.expect(place, rules_->compared()[i].shown(value),
                      ComparedColumn::told(row, place, places.columns[place].type) == value);
      }
  }

  /// What of a pair failed, and by how much.
  std::array<std::optional<std::string>, 2> failures(const RowPair& pair) const {
    if (pair.what == PairClass::duplicate) return {"taken", "matched with others"};
    if (pair.what >= PairClass::duplicate) return {};
    std::array<std::string, 2> texts;
    const auto add = [&](const std::string& name, const std::string& distance) {
      texts[0] += (texts[0].empty() ? "" : ", ") + name;
      texts[1] += (texts[1].empty() ? "" : ", ") + distance;
    };
    if (pair.what == PairClass::amount) {
      const Int128 gap = pair.amount_or_nothing(0) - pair.amount_or_nothing(1);
      add("amount", pair.amount(0) && pair.amount(1) ? format_decimal(gap < 0 ? -gap : gap, scale_)
                                                     : "missing");
    }
    for (std::size_t i = 0; i < rules_->compared().size(); ++i) {
      const ComparedColumn& column = rules_->compared()[i];
      const ComparedValue left = pair.value(0, i + 1);
      const ComparedValue right = pair.value(1, i + 1);
      if (column.differs(left, right)) add(column.name(), column.distance(left, right));
    }
    return {texts[0], texts[1]};
  }

  void expect_facts(const BreakPlaces& places, const Row& row, const RowPair& pair,
                    ToldFields& fields) {
    const auto amount = [&](std::optional<Int128> value) {
      return value ? std::optional(format_decimal(*value, scale_)) : std::nullopt;
    };
    fields.expect(places.difference, amount(pair.amount_or_nothing(0) - pair.amount_or_nothing(1)));
    fields.expect(places.tolerance,
                  pair.what < PairClass::duplicate
                      ? amount(rules_->tolerance().allowed(pair.amount(0), pair.amount(1)))
                      : std::nullopt);
    expect_values(places, row, pair, fields);
    bool has_whole_key = true;
    std::vector<std::optional<std::string>> id;
    for (std::size_t i = 0; i < key_.size(); ++i) {
      id.push_back(row.printed(i));
      has_whole_key = has_whole_key && (!leaves_open_ || id.back());
    }
    if (pair.number > 1) id.emplace_back(std::to_string(pair.number));
    if (knows_ids_) fields.expect(places.id, break_id(job_, id));
    if (pair.what < PairClass::left_only) {
      const bool has_name = pair.what == PairClass::duplicate && !key_.empty();
      const auto key_places = verify::places(0, key_.size());
      fields.expect(places.nearest, has_name
                                        ? std::optional(name_of(row, places.columns, key_places))
                                        : std::nullopt);
      const auto [failed, distance] = failures(pair);
      fields.expect(places.failed, failed);
      fields.expect(places.distance, distance);
    } else if (!row.is_null(places.nearest) || !row.is_null(places.failed) ||
               !row.is_null(places.distance)) {
      has_hints_ = true;
    }
    if (job_.options.has("classify")) return;
    fields.expect(places.cause, cause_of({.class_name = name_of(pair.what),
                                          .left = pair.amount(0),
                                          .right = pair.amount(1),
                                          .left_rows = pair.rows(0),
                                          .right_rows = pair.rows(1),
                                          .has_whole_key = has_whole_key}));
  }

  /// The break that a row tells of: one that says the same, else the first that none has told.
  JudgedPair* break_told(UInt128 key, const BreakPlaces& places, const Row& row,
                         const std::string& found) {
    const auto judged = judged_.find(key);
    if (judged == judged_.end()) return nullptr;
    JudgedPair* first = nullptr;
    for (JudgedPair& each : judged->second) {
      if (each.is_told || !is_break(each.pair.what)) continue;
      if (first == nullptr) first = &each;
      ToldFields values(row, places.columns);
      expect_values(places, row, each.pair, values);
      if (values.agree() && told(each.pair) == found) return &each;
    }
    return first;
  }

  void read_breaks() {
    const BreakPlaces places(shape_, key_.size(), rules_->compared(), breaks_.dataset);
    read_rows(engine_, breaks_, places.columns, {}, [&](const Row& row) {
      const std::string found = row.shown(places.what) + ", left " + row.shown(places.left_amount) +
                                " of " + row.shown(places.left_rows) + " rows, right " +
                                row.shown(places.right_amount) + " of " +
                                row.shown(places.right_rows) + " rows";
      const UInt128 key = key_hash(row, places.columns, key_.size());
      JudgedPair* judged = break_told(key, places, row, found);
      ToldFields fields(row, places.columns);
      if (judged != nullptr) {
        judged->is_told = true;
        expect_facts(places, row, judged->pair, fields);
      }
      const std::string expected = judged != nullptr ? told(judged->pair) : told_of_others(key);
      if (expected == found && fields.agree()) return;
      proof_.fails({.dataset = breaks_.dataset,
                    .file = std::string(row.file()),
                    .line = row.line(),
                    .identity = kBreaks,
                    .expected = expected + fields.expected(),
                    .found = found + fields.found()});
    });
    proof_.looked_at(kBreaks, static_cast<std::int64_t>(keys_.size()));
  }

  /// Keys that do not agree and that no break tells: named by a further look at the sides.
  void name_untold() {
    ByHash<std::vector<const RowPair*>> untold;
    for (const auto& [key, judged] : judged_)
      for (const JudgedPair& each : judged)
        if (!each.is_told && is_break(each.pair.what)) untold[key].push_back(&each.pair);
    if (untold.empty()) return;
    for (const Side& side : sides_)
      side.read(engine_, [&](const SideRow& row) {
        const auto found = untold.find(row.key);
        if (found == untold.end()) return;
        for (const RowPair* pair : found->second)
          proof_.fails({.dataset = breaks_.dataset,
                        .identity = kBreaks,
                        .expected = "a break of " + side.name_of_key(row) + ": " + told(*pair),
                        .found = "none"});
        untold.erase(found);
      });
  }

  void count_classes() {
    if (!job_.ledger.contains("out")) return;
    const auto text = [](const std::string& name, std::int64_t rows, const std::string& left,
                         const std::string& right) {
      return name + ": " + std::to_string(rows) + " rows, left " + left + ", right " + right;
    };
    for (const json::value& value : job_.ledger.at("out").as_array()) {
      const json::object& entry = value.as_object();
      const std::string name = json_text(entry, "name");
      const ClassTotals& counted = classes_[name];
      const json::object& amounts = entry.at("amounts").as_object();
      compare_class(
          text(name, counted.rows, format_decimal(counted.sum[0], scale_),
               format_decimal(counted.sum[1], scale_)),
          text(name, json_integer(entry, "rows"), json_text_or(amounts, "left_amount", "0"),
               json_text_or(amounts, "right_amount", "0")));
      classes_.erase(name);
    }
    for (const auto& [name, counted] : classes_)
      compare_class(text(name, counted.rows, format_decimal(counted.sum[0], scale_),
                         format_decimal(counted.sum[1], scale_)),
                    "none");
  }

  void compare_class(const std::string& expected, const std::string& found) {
    proof_.looked_at(kClasses, 1);
    if (expected != found)
      proof_.fails(
          {.dataset = job_.job, .identity = kClasses, .expected = expected, .found = found});
  }

  Engine& engine_;
  const RecordedJob& job_;
  const RecordedVersion& breaks_;
  Proof& proof_;
  Schema shape_;
  int scale_ = 0;
  std::array<Side, 2> sides_;
  bool pairs_off_ = false;
  bool leaves_open_ = false;
  bool keeps_rows_ = false;  ///< rows of a key meet one by one, not only by their sums
  bool knows_ids_ = true;
  bool has_hints_ = false;
  std::vector<Column> key_ = {};
  std::optional<PairRules> rules_ = {};
  std::array<CountedSide, 2> counted_ = {};
  ByHash<KeyTotals> keys_ = {};
  ByHash<std::array<std::vector<KeyRow>, 2>> rows_ = {};  ///< of keys that do not agree
  ByHash<std::vector<JudgedPair>> judged_ = {};
  std::map<std::string, ClassTotals> classes_ = {};
};

}  // namespace

int scale_of_breaks(const Schema& breaks) {
  const Column* amount = breaks.find("left_amount");
  return amount != nullptr && amount->type.is_decimal() ? amount->type.scale : 0;
}

void check_keyed_matches(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                         Proof& proof) {
  KeyedCheck(engine, job, breaks, proof).check();
}

}  // namespace tallymill::verify
