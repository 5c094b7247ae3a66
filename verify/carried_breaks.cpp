#include "verify/carried_breaks.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/break_word.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/text.h"
#include "verify/break_facts.h"
#include "verify/break_history.h"
#include "verify/break_lives.h"
#include "verify/matches.h"

namespace tallymill::verify {
namespace {

const std::string kLives =
    "every break is carried forward as what was found, known and said makes it";
const std::string kLines = "opening and movements of breaks come to closing, line by line";
const std::string kChain = "every statement of breaks is chained to the one before";

const std::string kStateBefore = "open_breaks_before";
const std::string kStatementBefore = "break_statement_before";

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

class CarriedCheck {
 public:
  CarriedCheck(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks, Proof& proof)
      : engine_(engine),
        job_(job),
        breaks_(breaks),
        state_(made_version(job, open_breaks_dataset(job.job))),
        proof_(proof),
        schema_(row_shape(breaks.folder).schema),
        shape_(schema_),
        scale_(scale_of_breaks(schema_)),
        lives_(job, shape_, scale_) {}

  void check() {
    if (const std::string reason = lives_.plan(); !reason.empty())
      return proof_.leaves_out("what became of the breaks: " + reason);
    words_ = words_of(job_);
    read_found();
    read_known();
    judge_state();
    name_untold();
    judge_statement();
  }

 private:
  void read_found() {
    read_rows(engine_, breaks_, shape_.columns(), {}, [&](const Row& row) {
      found_[std::string(row.text(shape_.place(kBreakId)))] = shape_.seen(row);
    });
  }

  /// The state before, in the columns of today: a column that is new has no value there.
  void read_known() {
    const auto versions = job_.inputs.find(kStateBefore);
    if (lives_.is_first() || versions == job_.inputs.end()) return;
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
    for (std::string& condition : lives_.conditions()) {
      const std::string name = "tm_limit_" + std::to_string(conditions.size() + 1);
      columns.push_back({.name = name, .type = Type::boolean()});
      conditions[name] = std::move(condition);
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
    const Life life =
        is_found ? lives_.found_again(row, applies, seen,
                                      known == known_.end() ? nullptr : &known->second, said)
                 : lives_.gone(known->second);
    add_to_lines(life, seen.amount, known == known_.end() ? nullptr : &known->second);
    ToldFields fields(row, columns);
    fields.expect(first, life.lifecycle);
    fields.expect(first + 1, life.first_seen);
    fields.expect(first + 2, life.opened_in);
    fields.expect(first + 3, life.closed_in);
    fields.expect(first + 4, life.closed_by);
    fields.expect(first + 5, std::to_string(life.age));
    fields.expect(first + 6, lives_.bucket(life.age));
    fields.expect(first + 7, lives_.is_pending(row, life, said) ? "true" : "false");
    fields.expect(first + 8, said == nullptr ? std::nullopt : said->pending_until);
    fields.expect(first + 9, said == nullptr ? std::nullopt : said->owner);
    fields.expect(first + 10, said == nullptr ? std::nullopt : said->note);
    if (!lives_.is_kept(life)) return fail("no break " + id + ", it is forgotten", life.lifecycle);
    if (!fields.agree()) fail("break " + id + fields.expected(), "break " + id + fields.found());
  }

  void add(Line line, Int128 amount) {
    ++lines_[line].breaks;
    lines_[line].amount += amount;
  }

  void add_to_lines(const Life& life, Int128 amount, const BreakKnown* known) {
    if (!lives_.is_kept(life)) return;
    if (life.opened_in == lives_.period())
      add(life.first_seen == lives_.period() ? came : reopened, amount);
    if (known != nullptr && BreakLives::was_open(*known) && known->seen.amount != amount)
      add(changed, amount - known->seen.amount);
    if (!life.closed_in) add(closing, amount);
    if (life.closed_in == lives_.period())
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
      if (!told_.contains(id) && !found_.contains(id) && lives_.is_kept(lives_.gone(known)))
        missing(id, "which was known");
    for (const auto& [id, known] : known_)
      if (BreakLives::was_open(known)) add(opening, known.seen.amount);
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
    if (!lives_.is_first()) judge_link(statement, link, carried_from);
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
  const RecordedVersion& breaks_;
  const RecordedVersion& state_;
  Proof& proof_;
  Schema schema_;
  BreakShape shape_;
  int scale_ = 0;
  BreakLives lives_;
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
