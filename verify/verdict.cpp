#include "verify/verdict.h"

#include <algorithm>
#include <optional>
#include <set>

#include "core/break_word.h"
#include "core/csv_table.h"
#include "core/error.h"
#include "core/text.h"
#include "verify/published_rows.h"

namespace tallymill::verify {
namespace {

const std::string kVerdict = "the verdict is the worst of what its breaks and its input come to";

class VerdictCheck {
 public:
  VerdictCheck(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
               std::span<const CountedSide> sides, int scale, Proof& proof)
      : engine_(engine), job_(job), breaks_(breaks), sides_(sides), scale_(scale), proof_(proof) {}

  void check() {
    if (!job_.report.contains("verdict"))
      return proof_.leaves_out("the verdict: what the attempt counted is no longer kept");
    if (job_.options.has("complete_when")) judge_demands();
    if (!unknown_.empty()) return proof_.leaves_out("the verdict: " + unknown_);
    if (job_.options.has("life"))
      count_open();
    else
      count_found();
    expect(verdict(), json_text(job_.report, "verdict"));
    if (job_.options.has("complete_when")) {
      const json::value* told = job_.report.if_contains("incomplete");
      const std::size_t count = told == nullptr ? 0 : told->as_array().size();
      expect(std::to_string(lacks_) + " demands that do not hold",
             std::to_string(count) + " demands that do not hold");
    }
    if (pending_ > 0 || job_.report.contains("pending"))
      expect(std::to_string(pending_) + " pending breaks",
             std::to_string(job_.report.contains("pending") ? json_integer(job_.report, "pending")
                                                            : 0) +
                 " pending breaks");
  }

 private:
  void expect(const std::string& expected, const std::string& found) {
    proof_.looked_at(kVerdict, 1);
    if (expected != found)
      proof_.fails(
          {.dataset = job_.job, .identity = kVerdict, .expected = expected, .found = found});
  }

  std::string verdict() const {
    const bool is_empty =
        std::ranges::all_of(sides_, [](const CountedSide& side) { return side.rows == 0; });
    if (lacks_ > 0) return "incomplete";
    if (is_empty) return "not_applicable";
    if (findings_ > 0)
      return job_.options.text("severity", "error") == "warn" ? "warnings" : "breaks";
    return pending_ > 0 ? "pending" : "clean";
  }

  void count_found() {
    const bool has_rule = job_.options.has("accept");
    std::vector<std::string> names{"cause"};
    if (has_rule) names.emplace_back("accepted_as");
    std::set<std::string, std::less<>> waiting;
    if (job_.options.has("pending"))
      for (const std::string& cause : job_.options.texts("pending")) waiting.insert(cause);
    const std::vector<Column> columns =
        columns_named(row_shape(breaks_.folder).schema, names, breaks_.dataset);
    read_rows(engine_, breaks_, columns, {}, [&](const Row& row) {
      if (has_rule && !row.is_null(1)) return;
      ++(!row.is_null(0) && waiting.contains(row.text(0)) ? pending_ : findings_);
    });
  }

  /// With a life the breaks that are still open count.
  void count_open() {
    const RecordedVersion& state = made_version(job_, open_breaks_dataset(job_.job));
    const std::vector<std::string> names{"closed_in", "is_pending"};
    const std::vector<Column> columns =
        columns_named(row_shape(state.folder).schema, names, state.dataset);
    read_rows(engine_, state, columns, {}, [&](const Row& row) {
      const bool is_pending = !row.is_null(1) && row.units(1) != 0;
      if (is_pending) ++pending_;
      if (row.is_null(0) && !is_pending) ++findings_;
    });
  }

  void judge_demands() {
    std::size_t number = 0;
    for (const YamlNode& node : job_.options.list("complete_when")) {
      const Options demand(node);
      const auto side = std::ranges::find_if(sides_, [&](const CountedSide& each) {
        return each.side->which() == demand.text("side");
      });
      if (side != sides_.end()) judge_demand(demand, *side, number);
      ++number;
    }
  }

  /// Each thing that is asked of a side counts for itself.
  void judge_demand(const Options& demand, const CountedSide& side, std::size_t number) {
    const auto total = [&](const char* option, int scale, Int128 found) {
      if (!demand.has(option)) return;
      const auto wanted = number_of_text(job_, demand.text(option), scale);
      if (!wanted)
        unknown_ = "a control total of a parameter that is not known";
      else if (*wanted != found)
        ++lacks_;
    };
    total("rows", 0, side.rows);
    total("amount", scale_, side.amount);
    if (demand.has("condition") && !holds(*side.side, number)) ++lacks_;
    if (demand.has("expected") && !has_expected(demand, *side.side)) ++lacks_;
  }

  /// An SQL condition over all rows of a side together.
  bool holds(const Side& side, std::size_t number) {
    const auto condition = job_.expressions.find("complete_when " + std::to_string(number));
    const std::string where = side.condition();
    std::vector<std::string> selects;
    for (const RecordedVersion& version : side.versions())
      selects.push_back("SELECT * FROM (" + all_rows(version) + ")" +
                        (where.empty() ? "" : " WHERE (" + where + "\n)"));
    if (condition == job_.expressions.end() || selects.empty()) {
      unknown_ = "a condition over a side of which there is nothing";
      return true;
    }
    return engine_
               .query("SELECT coalesce((" + condition->second + "\n), false) FROM (" +
                      join(selects, " UNION ALL BY NAME ") + ")")
               .text(0, 0) == "true";
  }

  /// Whether every value of a table's column is on the side.
  bool has_expected(const Options& demand, const Side& side) {
    const std::vector<std::string> parts = split(demand.text("expected"), '.');
    const std::string path = "tables/" + parts.front() + ".csv";
    const auto text = job_.files.find(path);
    if (text == job_.files.end() || parts.size() != 2) {
      unknown_ = "the run did not keep " + path;
      return true;
    }
    Diagnostics diagnostics;
    const CsvTable table = read_csv_table(path, text->second, diagnostics);
    const auto column = std::find(table.columns.begin(), table.columns.end(), parts.back());
    if (diagnostics.has_errors() || column == table.columns.end()) {
      unknown_ = path + " has no column '" + parts.back() + "'";
      return true;
    }
    std::set<std::string> missing;
    for (const auto& row : table.rows)
      missing.insert(row[static_cast<std::size_t>(column - table.columns.begin())]);
    const std::vector<std::string> names{demand.text("column")};
    for (const RecordedVersion& version : side.versions()) {
      const std::vector<Column> columns =
          columns_named(row_shape(version.folder).schema, names, version.dataset);
      read_rows(engine_, version, columns, side.condition(), [&](const Row& row) {
        if (missing.empty()) return;
        if (const auto value = row.printed(0)) missing.erase(*value);
      });
    }
    return missing.empty();
  }

  Engine& engine_;
  const RecordedJob& job_;
  const RecordedVersion& breaks_;
  std::span<const CountedSide> sides_;
  int scale_;
  Proof& proof_;
  std::int64_t lacks_ = 0;
  std::int64_t findings_ = 0;
  std::int64_t pending_ = 0;
  std::string unknown_ = {};
};

}  // namespace

void check_verdict(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                   std::span<const CountedSide> sides, int scale, Proof& proof) {
  VerdictCheck(engine, job, breaks, sides, scale, proof).check();
}

}  // namespace tallymill::verify
