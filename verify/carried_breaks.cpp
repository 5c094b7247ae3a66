#include "verify/carried_breaks.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/break_word.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time/period.h"
#include "verify/break_facts.h"
#include "verify/break_history.h"
#include "verify/matches.h"
#include "verify/sides.h"

namespace tallymill::verify {
namespace {

const std::string kLives =
    "every break is carried forward as what was found, known and said makes it";
const std::string kLines = "opening and movements of breaks come to closing, line by line";
const std::string kChain = "every statement of breaks is chained to the one before";

const std::string kStateBefore = "open_breaks_before";
const std::string kStatementBefore = "break_statement_before";
constexpr std::int64_t kPeriodsKept = 12;

/// The lines of the statement, in their order.
enum Line : std::size_t {
  opening,
  came,
  reopened,
  changed,
  resolved,
  accepted,
  explained,
  written_off,
  closing,
  kLineCount
};
constexpr std::array<const char*, kLineCount> kLineNames{"opening",   "new",         "reopened",
                                                         "changed",   "resolved",    "accepted",
                                                         "explained", "written_off", "closing"};

struct LineTotal {
  std::int64_t breaks = 0;
  Int128 amount = 0;
};

/// Up to where a difference is written off.
struct Limit {
  std::string name;
  std::string when;  ///< SQL over a break; empty: all
  std::optional<Int128> abs = {};
  Tolerance by_size = Tolerance::none();  ///< with a share
  bool has_share = false;
  std::int64_t min_age = 0;
};

/// What a break has become.
struct Life {
  std::string lifecycle;
  std::string first_seen;
  std::string opened_in;
  std::optional<std::string> closed_in = {};
  std::optional<std::string> closed_by = {};
  std::int64_t age = 0;
};

class CarriedCheck {
 public:
  CarriedCheck(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks, Proof& proof)
      : engine_(engine),
        job_(job),
        options_(job.options.object("life")),
        breaks_(breaks),
        state_(made_version(job, open_breaks_dataset(job.job))),
        proof_(proof),
        schema_(row_shape(breaks.folder).schema),
        shape_(schema_),
        scale_(scale_of_breaks(schema_)) {}

  void check() {
    if (const std::string reason = plan(); !reason.empty())
      return proof_.leaves_out("what became of the breaks: " + reason);
    words_ = words_of(job_);
    read_found();
    read_known();
    judge_state();
    name_untold();
    judge_statement();
  }

 private:
  std::string plan() {
    if (tells_currency()) return "amounts are of several currencies";
    const auto period = Period::parse(job_.period);
    if (!period) return "the run is of no period";
    day_ = period->last_day();
    period_ = period->text();
    const auto keep = std::clamp<std::int64_t>(options_.integer("keep", kPeriodsKept), 0, 10000);
    forget_before_ = period->next(-static_cast<int>(keep)).text();
    is_first_ = options_.text("since") == job_.period;
    days_ = period->last_day().days - period->first_day().days + 1;
    if (options_.has("days")) {
      const auto days = job_.expressions.find("life days");
      const auto parsed = parse_integer(days == job_.expressions.end() ? "" : days->second);
      if (!parsed) return "how many days it is older is not known";
      days_ = parsed.value;
    }
    buckets_ = {7, 30, 90};
    if (options_.has("buckets")) {
      buckets_.clear();
      for (const YamlNode& node : options_.list("buckets"))
        buckets_.push_back(node.as_integer().value_or(0));
    }
    if (job_.options.has("pending")) pending_causes_ = job_.options.texts("pending");
    return plan_limits();
  }

  /// A currency stands right behind the key.
  bool tells_currency() const {
    const std::size_t amount = shape_.place("left_amount");
    return amount > 0 && shape_.columns()[amount - 1].name == "currency";
  }

  std::string plan_limits() {
    if (!options_.has("write_off")) return {};
    std::size_t number = 0;
    for (const YamlNode& node : options_.list("write_off")) {
      const Options given(node);
      Limit limit{.name = given.text("name"), .when = {}, .min_age = given.integer("min_age")};
      if (given.has("when")) {
        const auto when = job_.expressions.find("write_off " + std::to_string(number));
        if (when == job_.expressions.end()) return "the condition of a limit is not known";
        limit.when = when->second;
      }
      limit.has_share = given.has("share");
      if (given.has("abs")) {
        limit.abs = number_of_text(job_, given.text("abs"), scale_);
        if (!limit.abs) return "a limit of a parameter that is not known";
      }
      if (limit.has_share) {
        const auto by_size = Tolerance::of_share(job_, given.text("share"), limit.abs);
        if (!by_size) return "a limit of a parameter that is not known";
        limit.by_size = *by_size;
      }
      limits_.push_back(std::move(limit));
      ++number;
    }
    return {};
  }

  void read_found() {
    read_rows(engine_, breaks_, shape_.columns(), {}, [&](const Row& row) {
      found_[std::string(row.text(shape_.place(kBreakId)))] = shape_.seen(row);
    });
  }

  /// The state before, in the columns of today: a column that is new has no value there.
  void read_known() {
    const auto versions = job_.inputs.find(kStateBefore);
    if (is_first_ || versions == job_.inputs.end()) return;
    for (const RecordedVersion& version : versions->second) {
      const Schema before = row_shape(version.folder).schema;
      std::vector<Column> columns = shape_.columns();
      std::map<std::string, std::string> absent;
      for (const Column& column : columns)
        if (before.find(column.name) == nullptr) absent[column.name] = "NULL";
      const std::size_t first = columns.size();
      const std::vector<std::string> names{"lifecycle", "first_seen", "opened_in",
                                           "closed_in", "closed_by",  "age"};
      for (const Column& column : columns_named(before, names, version.dataset))
        columns.push_back(column);
      read_rows(
          engine_, version, columns, {},
          [&](const Row& row) {
            known_[std::string(row.text(shape_.place(kBreakId)))] = {
                .seen = shape_.seen(row),
                .lifecycle = row.printed(first).value_or(""),
                .first_seen = row.printed(first + 1),
                .opened_in = row.printed(first + 2),
                .closed_in = row.printed(first + 3),
                .closed_by = row.printed(first + 4),
                .age =
                    row.is_null(first + 5) ? 0 : static_cast<std::int64_t>(row.units(first + 5))};
          },
          absent);
    }
  }

  const BreakSaid* said_of(const std::string& id) const {
    const auto said = words_.find(id);
    return said == words_.end() ? nullptr : &said->second;
  }

  /// The names of the limits that apply, if all of them allow the difference. `applies`: where
  /// their conditions stand in the row.
  std::optional<std::string> within_limits(const Row& row, std::size_t applies,
                                           std::int64_t age) const {
    static const std::array<std::string_view, 4> kOfAmounts{"amount", "left_only", "right_only",
                                                            "duplicate"};
    const std::size_t what = shape_.place("class");
    if (row.is_null(what) || std::ranges::find(kOfAmounts, row.text(what)) == kOfAmounts.end())
      return std::nullopt;
    const auto units = [&](const char* name) -> Int128 {
      const std::size_t column = shape_.place(name);
      return row.is_null(column) ? Int128{0} : row.units(column);
    };
    const Int128 difference = units("difference");
    std::vector<std::string> names;
    for (std::size_t i = 0; i < limits_.size(); ++i) {
      const Limit& limit = limits_[i];
      if (row.is_null(applies + i) || row.units(applies + i) == 0) continue;
      const Int128 allowed =
          limit.has_share ? limit.by_size.allowed(units("left_amount"), units("right_amount"))
                          : limit.abs.value_or(0);
      if (age < limit.min_age || (difference < 0 ? -difference : difference) > allowed)
        return std::nullopt;
      names.push_back(limit.name);
    }
    return names.empty() ? std::nullopt : std::optional(join(names, ", "));
  }

  /// What closes an open break: a person's word before a rule of the job, that before limits.
  void close(const Row& row, std::size_t applies, const BreakSaid* said, Life& life) const {
    if (said != nullptr && said->resolution == kOpen) return;
    if (said != nullptr && said->resolution && said->in >= life.opened_in &&
        said->seen == shape_.digest(row)) {
      life.lifecycle = *said->resolution;
      life.closed_by = said->by;
    } else if (const auto rule = job_.options.has("accept")
                                     ? row.printed(shape_.place("accepted_as"))
                                     : std::nullopt) {
      life.lifecycle = kAccepted;
      life.closed_by = "rule " + *rule;
    } else if (const auto limits = within_limits(row, applies, life.age)) {
      life.lifecycle = kWrittenOff;
      life.closed_by = "limit " + *limits;
    } else {
      return;
    }
    life.closed_in = period_;
  }

  bool was_open(const BreakKnown& known) const { return !known.closed_in; }

  /// Of a break that was not found.
  Life gone(const BreakKnown& known) const {
    Life life{.lifecycle = "resolved",
              .first_seen = known.first_seen.value_or(period_),
              .opened_in = known.opened_in.value_or(""),
              .closed_in = period_,
              .age = known.age + days_};
    if (!was_open(known)) {
      life.closed_in = known.closed_in;
      life.closed_by = known.closed_by;
    }
    return life;
  }

  Life found_again(const Row& row, std::size_t applies, const BreakSeen& seen,
                   const BreakKnown* known, const BreakSaid* said) const {
    Life life{.lifecycle = "new", .first_seen = period_, .opened_in = period_};
    if (known != nullptr) {
      life.first_seen = known->first_seen.value_or(period_);
      life.age = known->age + days_;
      const bool comes_back = !was_open(*known) && (known->lifecycle == "resolved" ||
                                                    seen.difference != known->seen.difference ||
                                                    (said != nullptr && said->resolution == kOpen));
      life.lifecycle = comes_back ? "reopened" : "persisting";
      if (!comes_back) life.opened_in = known->opened_in.value_or("");
      if (!was_open(*known) && !comes_back) {
        life.lifecycle = known->lifecycle;
        life.closed_in = known->closed_in;
        life.closed_by = known->closed_by;
        return life;
      }
    }
    close(row, applies, said, life);
    return life;
  }

  std::string bucket(std::int64_t age) const {
    std::int64_t from = 0;
    for (const std::int64_t bound : buckets_) {
      if (age <= bound)
        return from == bound ? std::to_string(from)
                             : std::to_string(from) + "-" + std::to_string(bound);
      from = bound + 1;
    }
    return std::to_string(from) + "+";
  }

  /// Open, but no finding yet: for its cause, or because a person said so.
  bool is_pending(const Row& row, const Life& life, const BreakSaid* said) const {
    if (life.closed_in) return false;
    const auto cause = row.printed(shape_.place("cause"));
    if (cause && std::ranges::find(pending_causes_, *cause) != pending_causes_.end()) return true;
    if (said == nullptr || !said->pending_until) return false;
    const auto until = parse_date(*said->pending_until);
    return until && until.value >= day_;
  }

  void judge_state() {
    std::vector<Column> columns = shape_.columns();
    const std::size_t first = columns.size();
    const std::vector<std::string> names{"lifecycle",     "first_seen", "opened_in", "closed_in",
                                         "closed_by",     "age",        "bucket",    "is_pending",
                                         "pending_until", "owner",      "note"};
    for (const Column& column :
         columns_named(row_shape(state_.folder).schema, names, state_.dataset))
      columns.push_back(column);
    const std::size_t applies = columns.size();
    std::map<std::string, std::string> conditions;
    for (std::size_t i = 0; i < limits_.size(); ++i) {
      const std::string name = "tm_limit_" + std::to_string(i + 1);
      columns.push_back({.name = name, .type = Type::boolean()});
      conditions[name] =
          limits_[i].when.empty() ? "true" : "coalesce((" + limits_[i].when + "\n), false)";
    }
    std::int64_t rows = 0;
    read_rows(
        engine_, state_, columns, {},
        [&](const Row& row) {
          ++rows;
          judge_row(row, std::span(columns), first, applies);
        },
        conditions);
    proof_.looked_at(kLives, rows);
  }

  void judge_row(const Row& row, std::span<const Column> columns, std::size_t first,
                 std::size_t applies) {
    const std::string id(row.text(shape_.place(kBreakId)));
    const auto fail = [&](const std::string& expected, const std::string& found) {
      proof_.fails({.dataset = state_.dataset,
                    .file = std::string(row.file()),
                    .line = row.line(),
                    .identity = kLives,
                    .expected = expected,
                    .found = found});
    };
    const auto found = found_.find(id);
    const auto known = known_.find(id);
    if (found == found_.end() && known == known_.end())
      return fail("a break that was found or is known", "break " + id);
    if (!told_.insert(id).second) return fail("break " + id + " once", "again");
    const bool is_found = found != found_.end();
    const BreakSeen& seen = is_found ? found->second : known->second.seen;
    if (shape_.seen(row).cells != seen.cells)
      return fail("break " + id + " as " + (is_found ? "it was found" : "it was last seen"),
                  "other values");
    const BreakSaid* said = said_of(id);
    const Life life = is_found ? found_again(row, applies, seen,
                                             known == known_.end() ? nullptr : &known->second, said)
                               : gone(known->second);
    add_to_lines(life, seen.amount, known == known_.end() ? nullptr : &known->second);
    ToldFields fields(row, columns);
    fields.expect(first, life.lifecycle);
    fields.expect(first + 1, life.first_seen);
    fields.expect(first + 2, life.opened_in);
    fields.expect(first + 3, life.closed_in);
    fields.expect(first + 4, life.closed_by);
    fields.expect(first + 5, std::to_string(life.age));
    fields.expect(first + 6, bucket(life.age));
    fields.expect(first + 7, is_pending(row, life, said) ? "true" : "false");
    fields.expect(first + 8, said == nullptr ? std::nullopt : said->pending_until);
    fields.expect(first + 9, said == nullptr ? std::nullopt : said->owner);
    fields.expect(first + 10, said == nullptr ? std::nullopt : said->note);
    if (!is_kept(life)) return fail("no break " + id + ", it is forgotten", life.lifecycle);
    if (!fields.agree()) fail("break " + id + fields.expected(), "break " + id + fields.found());
  }

  bool is_kept(const Life& life) const {
    return life.lifecycle != "resolved" || (life.closed_in && *life.closed_in >= forget_before_);
  }

  void add(Line line, Int128 amount) {
    ++lines_[line].breaks;
    lines_[line].amount += amount;
  }

  void add_to_lines(const Life& life, Int128 amount, const BreakKnown* known) {
    if (!is_kept(life)) return;
    if (life.opened_in == period_) add(life.first_seen == period_ ? came : reopened, amount);
    if (known != nullptr && was_open(*known) && known->seen.amount != amount)
      add(changed, amount - known->seen.amount);
    if (!life.closed_in) add(closing, amount);
    if (life.closed_in == period_)
      for (const Line line : {resolved, accepted, explained, written_off})
        if (life.lifecycle == kLineNames[line]) add(line, amount);
  }

  void name_untold() {
    const auto missing = [&](const std::string& id, const std::string& why) {
      proof_.fails({.dataset = state_.dataset,
                    .identity = kLives,
                    .expected = "break " + id + ", " + why,
                    .found = "none"});
    };
    for (const auto& [id, seen] : found_)
      if (!told_.contains(id)) missing(id, "which was found");
    for (const auto& [id, known] : known_)
      if (!told_.contains(id) && !found_.contains(id) && is_kept(gone(known)))
        missing(id, "which was known");
    for (const auto& [id, known] : known_)
      if (was_open(known)) add(opening, known.seen.amount);
  }

  void expect(const RecordedVersion& version, const std::string& identity,
              const std::string& expected, const std::string& found) {
    proof_.looked_at(identity, 1);
    if (expected != found)
      proof_.fails(
          {.dataset = version.dataset, .identity = identity, .expected = expected, .found = found});
  }

  std::string text_of(const LineTotal& line) const {
    return std::to_string(line.breaks) + " breaks, " + format_decimal(line.amount, scale_);
  }

  /// Line, breaks, amount, carried_from, chain of a statement, by position.
  std::map<std::int64_t, std::array<std::string, 5>> lines_of(const RecordedVersion& version) {
    const std::vector<std::string> names{"position", "line",         "breaks",
                                         "amount",   "carried_from", "chain"};
    const std::vector<Column> columns =
        columns_named(row_shape(version.folder).schema, names, version.dataset);
    std::map<std::int64_t, std::array<std::string, 5>> lines;
    read_rows(engine_, version, columns, {}, [&](const Row& row) {
      std::array<std::string, 5> line;
      for (std::size_t i = 0; i < line.size(); ++i) line[i] = row.printed(i + 1).value_or("");
      lines[row.is_null(0) ? 0 : static_cast<std::int64_t>(row.units(0))] = line;
    });
    return lines;
  }

  void judge_statement() {
    const RecordedVersion& statement = made_version(job_, break_statement_dataset(job_.job));
    const auto lines = lines_of(statement);
    std::string link;
    std::string carried_from;
    if (!is_first_) judge_link(statement, link, carried_from);
    const std::string chain = sha256_hex(link + "|" + job_.period + "|" + carried_from);
    expect(statement, kLines, std::to_string(kLineNames.size()) + " lines",
           std::to_string(lines.size()) + " lines");
    for (std::size_t i = 0; i < kLineCount; ++i) {
      const auto line = lines.find(static_cast<std::int64_t>(i) + 1);
      const std::string name = kLineNames[i];
      if (line == lines.end()) {
        expect(statement, kLines, name, "none");
        continue;
      }
      const auto& [told, breaks, amount, from, told_chain] = line->second;
      expect(statement, kLines, name + ": " + text_of(lines_[i]),
             told + ": " + breaks + " breaks, " + amount);
      expect(statement, kChain, name + ": carried from '" + carried_from + "', " + chain,
             name + ": carried from '" + from + "', " + told_chain);
    }
  }

  /// What the period before closed with is what this one opens with.
  void judge_link(const RecordedVersion& statement, std::string& link, std::string& carried_from) {
    const auto state = job_.inputs.find(kStateBefore);
    const auto before = job_.inputs.find(kStatementBefore);
    if (state == job_.inputs.end() || state->second.empty() || before == job_.inputs.end() ||
        before->second.empty())
      return expect(statement, kChain, "a statement of the period before", "none");
    carried_from = state->second.front().digest;
    for (const auto& [position, line] : lines_of(before->second.front())) {
      link = std::max(link, line[4]);
      if (line[0] == kLineNames[closing])
        expect(statement, kLines, "the period before closes with " + text_of(lines_[opening]),
               "the period before closes with " + line[1] + " breaks, " + line[2]);
    }
  }

  Engine& engine_;
  const RecordedJob& job_;
  Options options_;
  const RecordedVersion& breaks_;
  const RecordedVersion& state_;
  Proof& proof_;
  Schema schema_;
  BreakShape shape_;
  int scale_ = 0;
  Date day_ = {};  ///< the last one of the period
  std::string period_ = {};
  std::string forget_before_ = {};
  bool is_first_ = false;
  std::int64_t days_ = 0;
  std::vector<std::int64_t> buckets_ = {};
  std::vector<std::string> pending_causes_ = {};
  std::vector<Limit> limits_ = {};
  std::map<std::string, BreakSaid> words_ = {};
  std::map<std::string, BreakSeen> found_ = {};
  std::map<std::string, BreakKnown> known_ = {};
  std::set<std::string> told_ = {};
  std::array<LineTotal, kLineCount> lines_ = {};
};

}  // namespace

void check_carried_breaks(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                          Proof& proof) {
  CarriedCheck(engine, job, breaks, proof).check();
}

}  // namespace tallymill::verify
