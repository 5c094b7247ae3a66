#include <algorithm>
#include <array>

#include "verify/break_check.h"
#include "verify/break_facts.h"
#include "verify/judged_keys.h"
#include "verify/matches.h"
#include "verify/verdict.h"

namespace tallymill::verify {
namespace {

const std::string kBreaks = "the breaks are the keys that do not agree, with what both sides hold";
const std::string kClasses = "every class of the statement has the rows and sums of its keys";

/// Where the columns of a break stand in a row that was read.
struct BreakPlaces {
  std::vector<Column> columns;  ///< key, then the others in this order
  std::size_t what = 0;
  std::size_t left_amount = 0, left_rows = 0, right_amount = 0, right_rows = 0;
  std::size_t difference = 0, tolerance = 0, id = 0;
  std::size_t nearest = 0, failed = 0, distance = 0, cause = 0;
  std::size_t right_currency = 0;  ///< where the job tells currencies
  std::size_t compared = 0;        ///< left and right of each

  BreakPlaces(const Schema& shape, const JudgedKeys& keys, const std::string& dataset) {
    std::vector<std::string> names;
    for (const Column& column : keys.key()) names.push_back(column.name);
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
    if (keys.tells_currencies()) right_currency = add("right_currency");
    compared = names.size();
    for (const ComparedColumn& column : keys.rules().compared())
      for (const char* side : {"left_", "right_"}) add(side + column.name());
    columns = columns_named(shape, names, dataset);
  }
};

class KeyedCheck : BreakCheck {
 public:
  KeyedCheck(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks, Proof& proof)
      : BreakCheck(engine, job, breaks, proof), keys_(job, shape_, scale_) {}

  void check() {
    if (const std::string reason = keys_.plan(); !reason.empty())
      return proof_.leaves_out("the classes of keys: " + reason);
    keys_.judge(engine_);
    read_breaks();
    name_untold();
    ClassTexts({"left", "right"}, scale_).compare(job_, keys_.classes(), kClasses, proof_);
    if (has_hints_)
      proof_.leaves_out("which key is nearest to one that stands alone: it is a hint");
    if (!keys_.knows_ids()) proof_.leaves_out("the ids of breaks: keys have other types on a side");
    leave_out_rules(job_, proof_);
    check_verdict(engine_, job_, breaks_, keys_.counted(), scale_, proof_);
  }

 private:
  std::string told(const RowPair& pair) const {
    return name_of(pair.what) + ", left " + amount_text(pair.amount(0)) + " of " +
           std::to_string(pair.rows(0)) + " rows, right " + amount_text(pair.amount(1)) + " of " +
           std::to_string(pair.rows(1)) + " rows";
  }

  /// Of a key that no break is expected of, or no further one.
  std::string told_of_others(UInt128 key) {
    const KeyTotals* totals = keys_.totals(key);
    if (totals == nullptr) return "a key that both sides know";
    const auto judged = keys_.pairs().find(key);
    if (judged == keys_.pairs().end())
      return told({.sides = {KeyRow{{ComparedValue::of_number(totals->sum[0])}, totals->rows[0]},
                             KeyRow{{ComparedValue::of_number(totals->sum[1])}, totals->rows[1]}}});
    const auto breaks = std::ranges::count_if(judged->second, &JudgedPair::is_expected);
    if (breaks == 0 && judged->second.front().is_taken)
      return "no break of its own, it is one with another currency";
    if (breaks == 0) return told(judged->second.front().pair);
    return breaks == 1 ? "one break of the key" : std::to_string(breaks) + " breaks of the key";
  }

  void expect_values(const BreakPlaces& places, const Row& row, const RowPair& pair,
                     ToldFields& fields) const {
    for (std::size_t i = 0; i < keys_.rules().compared().size(); ++i)
      for (std::size_t side = 0; side < 2; ++side) {
        const std::size_t place = places.compared + 2 * i + side;
        const ComparedValue value = pair.value(side, i + 1);
        fields.expect(place, keys_.rules().compared()[i].shown(value),
                      ComparedColumn::told(row, place, places.columns[place].type) == value);
      }
  }

  /// What of a pair failed, and by how much.
  std::array<std::optional<std::string>, 2> failures(const RowPair& pair) const {
    if (pair.what == PairClass::duplicate) return {"taken", "matched with others"};
    if (pair.what == PairClass::currency) return {"currency", "differs"};
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
    for (std::size_t i = 0; i < keys_.rules().compared().size(); ++i) {
      const ComparedColumn& column = keys_.rules().compared()[i];
      const ComparedValue left = pair.value(0, i + 1);
      const ComparedValue right = pair.value(1, i + 1);
      if (column.differs(left, right)) add(column.name(), column.distance(left, right));
    }
    return {texts[0], texts[1]};
  }

  void expect_facts(const BreakPlaces& places, const Row& row, const JudgedPair& judged,
                    ToldFields& fields) {
    const RowPair& pair = judged.pair;
    const auto amount = [&](std::optional<Int128> value) {
      return value ? std::optional(format_decimal(*value, scale_)) : std::nullopt;
    };
    fields.expect(places.difference,
                  pair.what == PairClass::currency
                      ? std::nullopt
                      : amount(pair.amount_or_nothing(0) - pair.amount_or_nothing(1)));
    if (keys_.tells_currencies()) fields.expect(places.right_currency, judged.right_currency);
    fields.expect(places.tolerance,
                  pair.what < PairClass::currency
                      ? amount(keys_.rules().tolerance().allowed(pair.amount(0), pair.amount(1)))
                      : std::nullopt);
    expect_values(places, row, pair, fields);
    bool has_whole_key = true;
    std::vector<std::optional<std::string>> id;
    for (std::size_t i = 0; i < keys_.key().size(); ++i) {
      id.push_back(row.printed(i));
      has_whole_key = has_whole_key && (!keys_.leaves_open() || id.back());
    }
    if (pair.number > 1) id.emplace_back(std::to_string(pair.number));
    if (keys_.knows_ids()) fields.expect(places.id, break_id(job_, id));
    if (pair.what < PairClass::left_only) {
      const bool has_name = pair.what == PairClass::duplicate && !keys_.key().empty();
      const auto key_places = verify::places(0, keys_.key().size());
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
    const auto judged = keys_.pairs().find(key);
    if (judged == keys_.pairs().end()) return nullptr;
    JudgedPair* first = nullptr;
    for (JudgedPair& each : judged->second) {
      if (each.is_told || !each.is_expected()) continue;
      if (first == nullptr) first = &each;
      ToldFields values(row, places.columns);
      expect_values(places, row, each.pair, values);
      if (values.agree() && told(each.pair) == found) return &each;
    }
    return first;
  }

  void read_breaks() {
    const BreakPlaces places(shape_, keys_, breaks_.dataset);
    read_rows(engine_, breaks_, places.columns, {}, [&](const Row& row) {
      const std::string found = row.shown(places.what) + ", left " + row.shown(places.left_amount) +
                                " of " + row.shown(places.left_rows) + " rows, right " +
                                row.shown(places.right_amount) + " of " +
                                row.shown(places.right_rows) + " rows";
      const UInt128 key = key_hash(row, places.columns, keys_.key().size());
      JudgedPair* judged = break_told(key, places, row, found);
      ToldFields fields(row, places.columns);
      if (judged != nullptr) {
        judged->is_told = true;
        expect_facts(places, row, *judged, fields);
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
    for (const auto& [key, judged] : keys_.pairs())
      for (const JudgedPair& each : judged)
        if (!each.is_told && each.is_expected()) untold[key].push_back(&each.pair);
    if (untold.empty()) return;
    for (const Side& side : keys_.sides())
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

  JudgedKeys keys_;
  bool has_hints_ = false;
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
