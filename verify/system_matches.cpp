#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/text.h"
#include "verify/break_check.h"
#include "verify/break_facts.h"
#include "verify/judged_systems.h"
#include "verify/matches.h"
#include "verify/verdict.h"

namespace tallymill::verify {
namespace {

const std::string kBreaks =
    "the breaks are the keys on which systems do not agree, with what each holds";
const std::string kClasses =
    "every class of the statement has the rows and sums of its keys, system by system";
const std::string kEquation = "the equation of the statement is that of the systems' sums";

class SystemCheck : BreakCheck {
 public:
  SystemCheck(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks, Proof& proof)
      : BreakCheck(engine, job, breaks, proof), keys_(job, shape_, scale_) {}

  void check() {
    if (const std::string reason = keys_.plan(); !reason.empty())
      return proof_.leaves_out("the classes of keys: " + reason);
    keys_.read(engine_);
    is_told_.resize(keys_.size());
    read_breaks();
    name_untold();
    std::vector<std::string> names;
    for (const System& system : keys_.systems()) names.push_back(system.name);
    ClassTexts(std::move(names), scale_).compare(job_, keys_.classes(), kClasses, proof_);
    compare_equation();
    if (!keys_.knows_ids())
      proof_.leaves_out("the ids of breaks: keys have other types in a system");
    if (has_hints_)
      proof_.leaves_out("which key is nearest to one that a system lacks: it is a hint");
    leave_out_rules(job_, proof_);
    std::vector<CountedSide> sides;
    for (const System& system : keys_.systems())
      sides.push_back({&system.side, system.total.rows, system.total.sum});
    check_verdict(engine_, job_, breaks_, sides, scale_, proof_);
  }

 private:
  std::optional<std::string> amount_cell(std::optional<Int128> amount) const {
    return amount ? std::optional(format_decimal(*amount, scale_)) : std::nullopt;
  }

  std::string told(std::size_t key, const KeyVerdict& verdict) const {
    return verdict.what + ", left " + amount_text(verdict.left) + " of " +
           std::to_string(keys_.reference_of(key).rows) + " rows, right " +
           amount_text(verdict.right) + " of " + std::to_string(keys_.other_rows(key)) + " rows";
  }

  struct Places {
    std::vector<Column> columns = {};
    std::map<std::string, std::size_t, std::less<>> by_name = {};
    std::size_t operator[](std::string_view name) const { return by_name.find(name)->second; }
  };

  Places places_of_breaks() const {
    std::vector<std::string> names;
    for (const Column& column : keys_.key()) names.push_back(column.name);
    for (const char* name :
         {"class", "left_amount", "left_rows", "right_amount", "right_rows", "difference",
          "tolerance", "failed_predicate", "distance", "nearest_candidate", "cause", "break_id"})
      names.emplace_back(name);
    for (const System& system : keys_.systems()) names.push_back(system.name + "_amount");
    Places places{.columns = columns_named(shape_, names, breaks_.dataset)};
    for (std::size_t i = keys_.key().size(); i < names.size(); ++i) places.by_name[names[i]] = i;
    return places;
  }

  void expect_facts(const Places& places, const Row& row, std::size_t key,
                    const KeyVerdict& verdict, ToldFields& fields) const {
    const Int128 difference = verdict.left.value_or(0) - verdict.right.value_or(0);
    fields.expect(places["difference"], amount_cell(difference));
    fields.expect(places["tolerance"],
                  amount_cell(keys_.tolerance().allowed(verdict.left, verdict.right)));
    for (std::size_t i = 0; i < keys_.systems().size(); ++i)
      fields.expect(places[keys_.systems()[i].name + "_amount"],
                    amount_cell(keys_.holding(key, i).amount()));
    const auto list = [](const std::string& text) {
      return text.empty() ? std::nullopt : std::optional(text);
    };
    fields.expect(places["failed_predicate"], list(verdict.failed));
    fields.expect(places["distance"], list(verdict.distance));
    bool has_whole_key = true;
    std::vector<std::optional<std::string>> id;
    for (std::size_t i = 0; i < keys_.key().size(); ++i) {
      id.push_back(row.printed(i));
      has_whole_key = has_whole_key && (!keys_.leaves_open() || id.back());
    }
    if (keys_.leaves_open()) {
      id.emplace_back();
      for (std::size_t i = 0; !has_whole_key && !id.back() && i < keys_.systems().size(); ++i)
        if (keys_.holding(key, i).rows > 0) id.back() = keys_.systems()[i].name;
    }
    if (keys_.knows_ids()) fields.expect(places["break_id"], break_id(job_, id));
    if (job_.options.has("classify")) return;
    fields.expect(places["cause"], cause_of({.class_name = verdict.what,
                                             .left = verdict.left,
                                             .right = verdict.right,
                                             .left_rows = keys_.reference_of(key).rows,
                                             .right_rows = keys_.other_rows(key),
                                             .has_whole_key = has_whole_key}));
  }

  /// What a break says against what follows for `key`.
  void judge(const Places& places, const Row& row, std::size_t key, std::string& expected,
             std::string& found) const {
    const KeyVerdict follows = keys_.verdict(key);
    ToldFields fields(row, places.columns);
    expected = is_told_[key] ? "one break of the key" : told(key, follows);
    if (!is_told_[key] && JudgedSystems::is_break(follows.what))
      expect_facts(places, row, key, follows, fields);
    expected += fields.expected();
    found += fields.found();
  }

  void read_breaks() {
    const Places places = places_of_breaks();
    read_rows(engine_, breaks_, places.columns, {}, [&](const Row& row) {
      has_hints_ = has_hints_ || !row.is_null(places["nearest_candidate"]);
      bool has_missing_key = false;
      for (std::size_t i = 0; i < keys_.key().size(); ++i)
        has_missing_key = has_missing_key || row.is_null(i);
      const std::string says =
          row.shown(places["class"]) + ", left " + row.shown(places["left_amount"]) + " of " +
          row.shown(places["left_rows"]) + " rows, right " + row.shown(places["right_amount"]) +
          " of " + row.shown(places["right_rows"]) + " rows";
      std::string expected = "a key that a system knows";
      std::string found = says;
      for (const std::size_t key :
           keys_.keys_of(key_hash(row, places.columns, keys_.key().size()), has_missing_key)) {
        found = says;
        judge(places, row, key, expected, found);
        if (expected == found || !keys_.leaves_open() || !has_missing_key) {
          const bool agrees = expected == found && JudgedSystems::is_break(keys_.class_of(key));
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
    proof_.looked_at(kBreaks, static_cast<std::int64_t>(keys_.size()));
  }

  /// Keys that do not agree and that no break tells: named by a second look at the systems.
  void name_untold() {
    ByHash<std::size_t> untold;
    for (std::size_t key = 0; key < keys_.size(); ++key)
      if (!is_told_[key] && JudgedSystems::is_break(keys_.class_of(key)))
        untold[keys_.hash(key)] = key;
    if (untold.empty()) return;
    for (std::size_t i = 0; i < keys_.systems().size(); ++i)
      keys_.systems()[i].side.read(engine_, [&](const SideRow& row) {
        const auto found = untold.find(keys_.hash(row, i));
        if (found == untold.end()) return;
        const std::size_t key = found->second;
        untold.erase(found);
        proof_.fails({.dataset = breaks_.dataset,
                      .identity = kBreaks,
                      .expected = "a break of " + keys_.systems()[i].side.name_of_key(row) + ": " +
                                  told(key, keys_.verdict(key)),
                      .found = "none"});
      });
  }

  /// Of all keys together, in each currency, as the statement tells it.
  void compare_equation() {
    const json::value* statement = job_.report.if_contains("statement");
    if (!keys_.has_equation() || statement == nullptr ||
        !statement->as_object().contains("equation"))
      return;
    const json::object& told = statement->at("equation").as_object();
    for (auto& [currency, sums] : keys_.equation()) {
      const json::value* one =
          currency.empty() ? &statement->at("equation") : told.if_contains(currency);
      std::string expected = currency;
      std::string found = currency;
      for (const char* term : {"opening", "in", "out", "closing", "residual"}) {
        const auto sum = sums.find(term);
        const auto add = [&](std::string& text, const std::string& amount) {
          text += (text.empty() ? "" : ", ") + std::string(term) + " " + amount;
        };
        add(expected, format_decimal(sum == sums.end() ? 0 : sum->second, scale_));
        add(found, one == nullptr ? "(none)" : json_text_or(one->as_object(), term, "(none)"));
      }
      proof_.looked_at(kEquation, 1);
      if (expected != found)
        proof_.fails(
            {.dataset = job_.job, .identity = kEquation, .expected = expected, .found = found});
    }
  }

  JudgedSystems keys_;
  bool has_hints_ = false;
  std::vector<bool> is_told_ = {};
};

}  // namespace

void check_system_matches(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                          Proof& proof) {
  SystemCheck(engine, job, breaks, proof).check();
}

}  // namespace tallymill::verify
