#include "jobs/compared_dataset.h"

#include "core/text.h"

namespace tallymill {
namespace {

const std::string kHashes = "tm_compared";

/// A text table that is in memory already; one thread reads it.
class TextRows final : public TableSource {
 public:
  explicit TextRows(std::vector<std::vector<std::optional<std::string>>> rows)
      : rows_(std::move(rows)) {}
  std::size_t max_threads() const override { return 1; }
  std::unique_ptr<Cursor> open_cursor() override { return std::make_unique<Walk>(rows_); }

 private:
  class Walk final : public Cursor {
   public:
    explicit Walk(const std::vector<std::vector<std::optional<std::string>>>& rows) : rows_(rows) {}
    std::size_t fill(std::span<ColumnWriter> columns, std::size_t capacity) override {
      std::size_t filled = 0;
      for (; filled < capacity && at_ < rows_.size(); ++filled, ++at_)
        for (std::size_t i = 0; i < columns.size(); ++i) {
          if (const auto& cell = rows_[at_][i])
            columns[i].set_text(filled, *cell);
          else
            columns[i].set_null(filled);
        }
      return filled;
    }

   private:
    const std::vector<std::vector<std::optional<std::string>>>& rows_;
    std::size_t at_ = 0;
  };

  std::vector<std::vector<std::optional<std::string>>> rows_;
};

/// SQL: the value of a column as it is hashed.
std::string value(const Column& column) {
  const std::string name = quote_identifier(column.name);
  std::string text = "CAST(" + name + " AS VARCHAR)";
  switch (field_letter(column.type)) {
    case 'n':
      // 12.30 is 12.3, 5.00 is 5.
      return column.type.scale == 0 ? text : "rtrim(rtrim(" + text + ", '0'), '.')";
    case 'd':
      return "strftime(" + name + ", '%Y-%m-%d')";
    case 's':
      return "strftime(" + name + ", '%Y-%m-%dT%H:%M:%S.%f')";
    default:
      return text;
  }
}

std::string bits_of(const std::string& hash, int part) {
  return "CAST('0x' || substr(" + hash + ", " + std::to_string(8 * part + 1) + ", 8) AS BIGINT)";
}

std::string segment_of(int bits) {
  return "(" + bits_of("key_hash", 0) + " >> " + std::to_string(32 - bits) + ")";
}

}  // namespace

void add_text_table(Engine& engine, const std::string& name,
                    const std::vector<std::string>& columns,
                    std::vector<std::vector<std::optional<std::string>>> rows) {
  std::vector<Column> typed;
  for (const std::string& column : columns) typed.push_back({.name = column});
  const std::string source = name + "_" + std::to_string(engine.next_name());
  engine.add_source(source, std::move(typed), std::make_shared<TextRows>(std::move(rows)));
  engine.execute("CREATE OR REPLACE TEMP TABLE " + name + " AS SELECT * FROM " + source + "()");
}

ComparedDataset::ComparedDataset(Engine& engine, const std::string& relation,
                                 std::vector<Column> key, std::vector<Column> columns,
                                 const std::string& salt)
    : engine_(engine),
      relation_(relation),
      key_(std::move(key)),
      columns_(std::move(columns)),
      salt_(salt) {
  engine_.execute("CREATE OR REPLACE TEMP TABLE " + kHashes +
                  " AS SELECT key_hash, row_hash FROM " + hashed_rows(false));
  rows_ = engine_.query("SELECT count(*) FROM " + kHashes).integer(0, 0);
}

/// key_hash, row_hash and, if asked for, v0, v1, ... of every row.
std::string ComparedDataset::hashed_rows(bool with_values) const {
  std::string values;
  std::string key = quote_literal(salt_);
  std::string rest;
  std::size_t number = 0;
  const auto add = [&](const Column& column, std::string& text) {
    const std::string name = "v" + std::to_string(number++);
    values += (values.empty() ? "" : ", ") + value(column) + " AS " + name;
    text += " || coalesce('" + std::string(1, field_letter(column.type)) + "' || strlen(" + name +
            ") || ':' || " + name + ", '-')";
  };
  for (const Column& column : key_) add(column, key);
  for (const Column& column : columns_) add(column, rest);
  const auto hash = [](const std::string& text) { return "substr(sha256(" + text + "), 1, 32)"; };
  return "(SELECT " + hash(key) + " AS key_hash, " + hash(key + " || '|'" + rest) + " AS row_hash" +
         (with_values ? ", *" : "") + " FROM (SELECT " + values + " FROM " + relation_ + "))";
}

std::vector<SegmentSum> ComparedDataset::segments(int bits) const {
  std::string sums;
  for (int part = 0; part < 4; ++part)
    sums += ", CAST(sum(" + bits_of("row_hash", part) + ") AS VARCHAR)";
  const Rows rows = engine_.query("SELECT " + segment_of(bits) + " AS segment, count(*)" + sums +
                                  " FROM " + kHashes + " GROUP BY 1 ORDER BY 1");
  std::vector<SegmentSum> found;
  for (std::size_t row = 0; row < rows.cells.size(); ++row) {
    SegmentSum& sum = found.emplace_back();
    sum.segment = rows.integer(row, 0);
    sum.rows = rows.integer(row, 1);
    for (std::size_t i = 0; i < sum.sums.size(); ++i) sum.sums[i] = rows.text(row, 2 + i);
  }
  return found;
}

std::string ComparedDataset::hashes(int bits, const std::vector<std::int64_t>& segments) const {
  std::vector<std::vector<std::optional<std::string>>> rows;
  for (const std::int64_t segment : segments) rows.push_back({std::to_string(segment)});
  add_text_table(engine_, "tm_segments", {"segment"}, std::move(rows));
  return "(SELECT key_hash, row_hash FROM " + kHashes + " WHERE CAST(" + segment_of(bits) +
         " AS VARCHAR) IN (SELECT segment FROM tm_segments))";
}

void ComparedDataset::rows(const std::vector<std::string>& keys,
                           const ComparedTable::TakeRow& take) const {
  std::vector<std::vector<std::optional<std::string>>> asked;
  for (const std::string& key : keys) asked.push_back({key});
  add_text_table(engine_, "tm_asked", {"key_hash"}, std::move(asked));
  const Rows rows = engine_.query("SELECT * FROM " + hashed_rows(true) +
                                  " WHERE key_hash IN (SELECT key_hash FROM tm_asked)");
  for (const auto& cells : rows.cells) take(*cells[0], std::span(cells).subspan(2));
}

}  // namespace tallymill
