#include "books/key_candidates.h"

#include <unordered_map>

#include "books/examples.h"
#include "books/near_miss.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

struct Candidate {
  std::int64_t row = 0;
  std::int64_t candidate = 0;
  std::string failed;
  std::string distance;
};

/// Hands candidates on to one thread.
class CandidateRows final : public TableSource {
 public:
  explicit CandidateRows(std::vector<Candidate> rows) : rows_(std::move(rows)) {}
  std::unique_ptr<Cursor> open_cursor() override { return std::make_unique<Reader>(rows_); }
  std::size_t max_threads() const override { return 1; }

 private:
  class Reader final : public Cursor {
   public:
    explicit Reader(const std::vector<Candidate>& rows) : rows_(rows) {}
    std::size_t fill(std::span<ColumnWriter> columns, std::size_t capacity) override {
      const std::size_t count = std::min(capacity, rows_.size() - next_);
      for (std::size_t i = 0; i < count; ++i) {
        const Candidate& row = rows_[next_ + i];
        columns[0].as<std::int64_t>()[i] = row.row;
        columns[1].as<std::int64_t>()[i] = row.candidate;
        columns[2].set_text(i, row.failed);
        columns[3].set_text(i, row.distance);
      }
      next_ += count;
      return count;
    }

   private:
    const std::vector<Candidate>& rows_;
    std::size_t next_ = 0;
  };

  std::vector<Candidate> rows_;
};

/// The one-sided breaks, numbered by their keys: side, amount and key parts.
class OneSided {
 public:
  explicit OneSided(std::size_t parts) : numbers_(parts) {}

  void take(std::span<const ColumnView> columns, std::size_t rows) {
    for (std::size_t at = 0; at < rows; ++at) {
      CascadeRow row{.has_amount = !columns[1].is_null(at)};
      if (row.has_amount) row.amount = columns[1].as<Int128>()[at];
      for (std::size_t i = 0; i < numbers_.size(); ++i) {
        const ColumnView& part = columns[2 + i];
        row.values.push_back(part.is_null(at) ? -1 : number_of(i, part.as<StringRef>()[at].view()));
      }
      const bool is_left = columns[0].as<bool>()[at];
      (is_left ? left_ : right_).push_back(std::move(row));
      (is_left ? left_rows_ : right_rows_).push_back(++last_row_);
    }
  }

  std::vector<Candidate> candidates(const MatchPlan& plan) const {
    CascadeStage stage{.name = "key", .tolerance = plan.tolerance};
    NearMissNames names{.scale = plan.amount.scale};
    for (std::size_t i = 0; i < plan.key.size(); ++i) {
      stage.by.push_back(i);
      names.values.push_back(plan.key[i].name);
    }
    std::vector<Candidate> found;
    const auto search = [&](bool is_left) {
      const auto& rows = is_left ? left_ : right_;
      const auto& others = is_left ? right_ : left_;
      const auto near = find_near_misses(rows, std::vector<bool>(rows.size(), true), others,
                                         std::vector<bool>(others.size(), false), is_left,
                                         std::span(&stage, 1), names);
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (near[i])
          found.push_back({(is_left ? left_rows_ : right_rows_)[i],
                           (is_left ? right_rows_ : left_rows_)[near[i]->candidate],
                           near[i]->failed_predicate, near[i]->distance});
    };
    search(true);
    search(false);
    return found;
  }

 private:
  std::int32_t number_of(std::size_t part, std::string_view value) {
    auto& numbers = numbers_[part];
    return numbers.emplace(value, static_cast<std::int32_t>(numbers.size())).first->second;
  }

  std::vector<std::unordered_map<std::string, std::int32_t>> numbers_;
  std::vector<CascadeRow> left_, right_;
  std::vector<std::int64_t> left_rows_, right_rows_;
  std::int64_t last_row_ = 0;
};

/// The numbered one-sided breaks as a table; empty where candidates are not sought.
std::string one_sided_table(Engine& engine, const MatchPlan& plan, const std::string& breaks) {
  const std::string one_sided = " FROM (" + breaks + ") WHERE class IN ('left_only', 'right_only')";
  const Rows counts =
      engine.query("SELECT count(*) FILTER (WHERE class = 'left_only'), count(*)" + one_sided);
  const std::int64_t left = counts.integer(0, 0);
  const std::int64_t all = counts.integer(0, 1);
  if (plan.key.empty() || left == 0 || left == all || all > kMostCandidates) return {};
  std::string table = "tm_one_sided_" + std::to_string(engine.next_name());
  engine.execute("CREATE TEMP TABLE " + table + " AS SELECT break_id, " + column_list(plan.key) +
                 ", class = 'left_only' AS tm_is_left, CAST(coalesce("
                 "left_amount, right_amount) AS DECIMAL(38," +
                 std::to_string(plan.amount.scale) +
                 ")) AS tm_amount, row_number() OVER (ORDER BY " + column_list(plan.key) +
                 ", break_id) AS tm_row" + one_sided);
  return table;
}

}  // namespace

std::string with_candidates(Engine& engine, const MatchPlan& plan, const std::string& breaks) {
  const std::string own_key =
      "CASE WHEN class = 'duplicate' THEN " + row_name_sql(plan.key) + " END AS nearest_candidate";
  const std::string duplicates =
      "SELECT * REPLACE (CASE WHEN class = 'duplicate' THEN 'taken' ELSE failed_predicate END AS "
      "failed_predicate, CASE WHEN class = 'duplicate' THEN 'matched with others' ELSE distance "
      "END AS distance), " +
      own_key + " FROM (" + breaks + ")";
  const std::string table = one_sided_table(engine, plan, breaks);
  if (table.empty())
    return plan.key.empty() ? "SELECT *, NULL::VARCHAR AS nearest_candidate FROM (" + breaks + ")"
                            : duplicates;
  OneSided rows(plan.key.size());
  std::vector<Type> types{Type::boolean(), Type::decimal(38, plan.amount.scale)};
  std::string parts;
  for (const Column& column : plan.key) {
    types.push_back(Type::text());
    parts += ", CAST(" + quote_identifier(column.name) + " AS VARCHAR)";
  }
  engine.read(
      "SELECT tm_is_left, tm_amount" + parts + " FROM " + table + " ORDER BY tm_row", types,
      [&](std::span<const ColumnView> columns, std::size_t count) { rows.take(columns, count); });
  const std::string source = "tm_candidates_" + std::to_string(engine.next_name());
  engine.add_source(source,
                    {{.name = "tm_row", .type = Type::integer()},
                     {.name = "tm_candidate", .type = Type::integer()},
                     {.name = "tm_failed", .type = Type::text()},
                     {.name = "tm_distance", .type = Type::text()}},
                    std::make_shared<CandidateRows>(rows.candidates(plan)));
  const std::string near =
      "(SELECT o.break_id AS tm_id, p.tm_failed, p.tm_distance, c.tm_name FROM " + source +
      "() p JOIN " + table +
      " o ON p.tm_row = o.tm_row JOIN (SELECT "
      "tm_row, " +
      row_name_sql(plan.key) + " AS tm_name FROM " + table + ") c ON p.tm_candidate = c.tm_row)";
  return "SELECT b.* EXCLUDE (tm_id, tm_failed, tm_distance, tm_name) REPLACE (coalesce(tm_failed, "
         "failed_predicate) AS failed_predicate, coalesce(tm_distance, distance) AS distance, "
         "coalesce(tm_name, nearest_candidate) AS nearest_candidate) FROM (SELECT * FROM (" +
         duplicates + ") d LEFT JOIN " + near + " n ON d.break_id = n.tm_id) b";
}

}  // namespace tallymill::books
