#include "books/alone_rows.h"

#include <algorithm>
#include <memory>

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

}  // namespace

AloneRows::AloneRows(std::vector<Column> key, Tolerance tolerance, int scale)
    : key_(std::move(key)), tolerance_(std::move(tolerance)), scale_(scale), values_(key_.size()) {}

std::vector<Type> AloneRows::columns() const {
  std::vector<Type> types{Type::integer(), Type::decimal(38, scale_)};
  types.insert(types.end(), key_.size(), Type::text());
  return types;
}

std::int32_t AloneRows::number_of(std::size_t part, std::string_view value) {
  auto& values = values_[part];
  return values.emplace(value, static_cast<std::int32_t>(values.size())).first->second;
}

void AloneRows::take(std::span<const ColumnView> columns, std::size_t rows) {
  for (std::size_t at = 0; at < rows; ++at) {
    CascadeRow row{.has_amount = !columns[1].is_null(at)};
    if (row.has_amount) row.amount = columns[1].as<Int128>()[at];
    for (std::size_t i = 0; i < key_.size(); ++i) {
      const ColumnView& part = columns[2 + i];
      row.values.push_back(part.is_null(at) ? -1 : number_of(i, part.as<StringRef>()[at].view()));
    }
    Known& known = by_parties_[columns[0].as<std::int64_t>()[at]];
    known.rows.push_back(std::move(row));
    known.numbers.push_back(++last_row_);
  }
}

/// The rows that none of these parties knows, in the order of their numbers; put into `mixed` where
/// they are of several groups.
const AloneRows::Known& AloneRows::strangers_of(std::int64_t parties, Known& mixed) const {
  std::vector<const Known*> groups;
  for (const auto& [others, known] : by_parties_)
    if ((others & parties) == 0) groups.push_back(&known);
  if (groups.size() == 1) return *groups.front();
  std::vector<std::pair<std::int64_t, const CascadeRow*>> found;
  for (const Known* known : groups)
    for (std::size_t i = 0; i < known->rows.size(); ++i)
      found.emplace_back(known->numbers[i], &known->rows[i]);
  std::ranges::sort(found);
  for (const auto& [number, row] : found) {
    mixed.rows.push_back(*row);
    mixed.numbers.push_back(number);
  }
  return mixed;
}

void AloneRows::make_candidates(Engine& engine, const std::string& name) const {
  CascadeStage stage{.name = "key", .tolerance = tolerance_};
  NearMissNames names{.scale = scale_};
  for (std::size_t i = 0; i < key_.size(); ++i) {
    stage.by.push_back(i);
    names.values.push_back(key_[i].name);
  }
  std::vector<Candidate> found;
  for (const auto& [parties, known] : by_parties_) {
    Known mixed;
    const Known& others = strangers_of(parties, mixed);
    const auto near = find_near_misses(known.rows, std::vector<bool>(known.rows.size(), true),
                                       others.rows, std::vector<bool>(others.rows.size(), false),
                                       true, std::span(&stage, 1), names);
    for (std::size_t i = 0; i < known.rows.size(); ++i)
      if (near[i])
        found.push_back({known.numbers[i], others.numbers[near[i]->candidate],
                         near[i]->failed_predicate, near[i]->distance});
  }
  engine.add_source(name,
                    {{.name = "tm_row", .type = Type::integer()},
                     {.name = "tm_candidate", .type = Type::integer()},
                     {.name = "tm_failed", .type = Type::text()},
                     {.name = "tm_distance", .type = Type::text()}},
                    std::make_shared<CandidateRows>(std::move(found)));
}

}  // namespace tallymill::books
