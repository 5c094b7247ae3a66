#include "books/stage_placing.h"

#include <algorithm>

namespace tallymill::books {
namespace {

constexpr std::size_t kLeftOnly = 0;
constexpr std::size_t kRightOnly = 1;
constexpr std::size_t kCutOff = 2;

/// Hands placed rows on to one thread.
class PlacedRows final : public TableSource {
 public:
  explicit PlacedRows(std::vector<PlacedRow> rows) : rows_(std::move(rows)) {}
  std::unique_ptr<Cursor> open_cursor() override { return std::make_unique<Reader>(rows_); }
  std::size_t max_threads() const override { return 1; }

 private:
  class Reader final : public Cursor {
   public:
    explicit Reader(const std::vector<PlacedRow>& rows) : rows_(rows) {}
    std::size_t fill(std::span<ColumnWriter> columns, std::size_t capacity) override {
      const std::size_t count = std::min(capacity, rows_.size() - next_);
      for (std::size_t i = 0; i < count; ++i) write(rows_[next_ + i], columns, i);
      next_ += count;
      return count;
    }

   private:
    static void write(const PlacedRow& row, std::span<ColumnWriter> columns, std::size_t at) {
      columns[0].as<std::int64_t>()[at] = row.row;
      columns[1].as<std::int64_t>()[at] = row.group;
      columns[2].as<std::int64_t>()[at] = row.stage;
      columns[3].set_text(at, row.cardinality);
      columns[4].as<Int128>()[at] = row.drift;
      columns[5].as<Int128>()[at] = row.allowed;
      columns[6].as<std::int64_t>()[at] = row.alternatives;
      columns[7].as<bool>()[at] = row.was_cut_off;
      columns[8].as<std::int64_t>()[at] = row.near_row;
      columns[9].set_text(at, row.failed);
      columns[10].set_text(at, row.distance);
    }

    const std::vector<PlacedRow>& rows_;
    std::size_t next_ = 0;
  };

  std::vector<PlacedRow> rows_;
};

}  // namespace

StagePlacing::StagePlacing(const StagePlan& plan, std::size_t first_stage)
    : plan_(plan),
      stages_(std::span(plan.stages).subspan(first_stage)),
      numbers_(plan.values.size()) {}

std::vector<StageLine>& StagePlacing::lines_of(const std::string& currency) {
  std::vector<StageLine>& lines = lines_[currency];
  if (!lines.empty()) return lines;
  for (const CascadeStage& stage : stages_)
    lines.push_back({.name = stage.name, .currency = currency});
  for (const char* name : {"left_only", "right_only", "search_cut_off"})
    lines.push_back({.name = name, .currency = currency, .is_break = true});
  return lines;
}

std::vector<Type> StagePlacing::columns() const {
  std::vector<Type> types{Type::integer(), Type::boolean(), Type::decimal(38, plan_.amount.scale),
                          Type::date(), Type::text()};
  types.insert(types.end(), plan_.values.size() + (plan_.currency ? 1 : 0), Type::text());
  return types;
}

std::int32_t StagePlacing::number_of(std::size_t column, std::string_view value) {
  auto& numbers = numbers_[column];
  return numbers.emplace(value, static_cast<std::int32_t>(numbers.size())).first->second;
}

void StagePlacing::take(std::span<const ColumnView> columns, std::size_t rows) {
  for (std::size_t at = 0; at < rows; ++at) {
    const std::int64_t block = columns[0].as<std::int64_t>()[at];
    std::string_view currency;
    if (plan_.currency && !columns.back().is_null(at))
      currency = columns.back().as<StringRef>()[at].view();
    // All rows of a block that is run are of one currency; block 0 may hold several.
    if (block != block_number_ || currency != currency_) close_block();
    block_number_ = block;
    currency_ = currency;
    CascadeRow row{.has_amount = !columns[2].is_null(at)};
    if (row.has_amount) row.amount = columns[2].as<Int128>()[at];
    if (!columns[3].is_null(at)) row.day = columns[3].as<std::int32_t>()[at];
    if (!columns[4].is_null(at)) row.text = columns[4].as<StringRef>()[at].view();
    for (std::size_t i = 0; i < plan_.values.size(); ++i) {
      const ColumnView& values = columns[5 + i];
      row.values.push_back(values.is_null(at) ? -1
                                              : number_of(i, values.as<StringRef>()[at].view()));
    }
    const bool is_left = columns[1].as<bool>()[at];
    (is_left ? left_rows_ : right_rows_).push_back(++last_row_);
    (is_left ? block_.left : block_.right).push_back(std::move(row));
  }
}

void StagePlacing::close_block() {
  if (block_.left.empty() && block_.right.empty()) return;
  block_lines_ = &lines_of(currency_);
  CascadeResult result;
  if (block_number_ != 0) {
    result = run_cascade(block_, stages_);
  } else {
    result.left_cut_off.resize(block_.left.size());
    result.right_cut_off.resize(block_.right.size());
  }
  place_groups(result);
  place_rest(result);
  block_ = {};
  left_rows_.clear();
  right_rows_.clear();
  for (auto& numbers : numbers_) numbers.clear();
}

void StagePlacing::place_groups(const CascadeResult& result) {
  for (const CascadeGroup& group : result.groups) {
    StageLine& line = (*block_lines_)[group.stage];
    PlacedRow placed{
        .group = ++last_group_,
        .stage = static_cast<std::int64_t>(group.stage),
        .cardinality = std::to_string(group.left.size()) + ":" + std::to_string(group.right.size()),
        .allowed = group.allowed,
        .alternatives = group.alternatives};
    Int128 left = 0;
    Int128 right = 0;
    for (const std::uint32_t row : group.left) left += block_.left[row].amount;
    for (const std::uint32_t row : group.right) right += block_.right[row].amount;
    placed.drift = left - right;
    for (const std::uint32_t row : group.left) {
      placed.row = left_rows_[row];
      placed_.push_back(placed);
    }
    for (const std::uint32_t row : group.right) {
      placed.row = right_rows_[row];
      placed_.push_back(placed);
    }
    ++line.groups;
    line.left_rows += static_cast<std::int64_t>(group.left.size());
    line.right_rows += static_cast<std::int64_t>(group.right.size());
    line.left_amount += left;
    line.right_amount += right;
    if (group.alternatives > 0) ++line.ambiguous;
  }
}

void StagePlacing::place_rest(const CascadeResult& result) {
  std::vector<bool> left_open(block_.left.size(), true);
  std::vector<bool> right_open(block_.right.size(), true);
  for (const CascadeGroup& group : result.groups) {
    for (const std::uint32_t row : group.left) left_open[row] = false;
    for (const std::uint32_t row : group.right) right_open[row] = false;
  }
  const NearMissNames names{.values = plan_.values,
                            .day = plan_.day_name,
                            .text = plan_.text_name,
                            .scale = plan_.amount.scale};
  const auto place = [&](bool is_left) {
    const auto& rows = is_left ? block_.left : block_.right;
    const auto& others = is_left ? block_.right : block_.left;
    const auto& numbers = is_left ? left_rows_ : right_rows_;
    const auto& other_numbers = is_left ? right_rows_ : left_rows_;
    const auto& open = is_left ? left_open : right_open;
    auto taken = is_left ? right_open : left_open;
    taken.flip();
    const auto& cut = is_left ? result.left_cut_off : result.right_cut_off;
    std::vector<std::optional<NearMiss>> near(rows.size());
    if (block_number_ != 0)
      near = find_near_misses(rows, open, others, taken, is_left, stages_, names);
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
      if (!open[row]) continue;
      StageLine& line = (*block_lines_)[stages_.size() + (cut[row]  ? kCutOff
                                                          : is_left ? kLeftOnly
                                                                    : kRightOnly)];
      ++line.groups;
      (is_left ? line.left_rows : line.right_rows) += 1;
      (is_left ? line.left_amount : line.right_amount) += rows[row].amount;
      PlacedRow placed{.row = numbers[row], .was_cut_off = cut[row]};
      if (near[row]) {
        placed.near_row = other_numbers[near[row]->candidate];
        placed.failed = near[row]->failed_predicate;
        placed.distance = near[row]->distance;
      }
      placed_.push_back(std::move(placed));
    }
  };
  place(true);
  place(false);
}

std::vector<Column> StagePlacing::table_columns(int scale) {
  const Type wide = Type::decimal(38, scale);
  const Type number = Type::integer();
  return {{.name = "tm_row", .type = number},
          {.name = "tm_group", .type = number},
          {.name = "tm_stage", .type = number},
          {.name = "tm_cardinality", .type = Type::text()},
          {.name = "tm_drift", .type = wide},
          {.name = "tm_allowed", .type = wide},
          {.name = "tm_alternatives", .type = number},
          {.name = "tm_cut_off", .type = Type::boolean()},
          {.name = "tm_near", .type = number},
          {.name = "tm_failed", .type = Type::text()},
          {.name = "tm_distance", .type = Type::text()}};
}

std::shared_ptr<TableSource> StagePlacing::table(std::vector<PlacedRow> rows) {
  return std::make_shared<PlacedRows>(std::move(rows));
}

}  // namespace tallymill::books
