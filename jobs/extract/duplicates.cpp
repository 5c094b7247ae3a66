#include "jobs/extract/duplicates.h"

#include <unordered_map>

#include "core/error.h"
#include "core/text.h"
#include "datasets/sql_text.h"
#include "jobs/extract/record_table.h"

namespace tallymill {

namespace {

const std::string kDuplicates = "extract_duplicates";

std::string quoted_list(const std::vector<std::string>& names) { return join(quoted(names), ", "); }

std::string list_of(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(quote_literal(text));
  return "[" + join(quoted, ", ") + "]::varchar[]";
}

struct Position {
  std::int64_t source = 0;
  std::int64_t line = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

struct PositionHash {
  std::size_t operator()(const Position& position) const {
    return std::hash<std::int64_t>()(position.line * 1'000'003 + position.source);
  }
};

/// From a duplicate to the row that is kept.
using FirstOf = std::unordered_map<Position, Position, PositionHash>;

FirstOf read_positions(Engine& engine) {
  FirstOf first_of;
  const std::vector<Type> types(4, Type::integer());
  engine.read("select _nth_source, _line, _first_source, _first_line from " + kDuplicates, types,
              [&](std::span<const ColumnView> columns, std::size_t rows) {
                const auto at = [&](std::size_t column, std::size_t row) {
                  return columns[column].as<std::int64_t>()[row];
                };
                for (std::size_t row = 0; row < rows; ++row)
                  first_of[{at(0, row), at(1, row)}] = {at(2, row), at(3, row)};
              });
  return first_of;
}

/// Picks the duplicates out of the source and logs them.
class DuplicateSink final : public RecordSink {
 public:
  DuplicateSink(FirstOf first_of, std::string key, const RecordReader& reader, RejectLog& rejects)
      : first_of_(std::move(first_of)), key_(std::move(key)), reader_(reader), rejects_(rejects) {}

  void record(std::size_t source, std::int64_t line, std::span<const SourceField> fields,
              std::string_view original) override {
    const auto found = first_of_.find({static_cast<std::int64_t>(source), line});
    if (found == first_of_.end()) return;
    ++found_;
    const Position& first = found->second;
    rejects_.add({.source = source,
                  .line = line,
                  .reason = kDuplicateKey,
                  .reasons = kDuplicateKey,
                  .message = "the key (" + key_ + ") also stands in " +
                             reader_.sources()[static_cast<std::size_t>(first.source)] + " line " +
                             std::to_string(first.line) + ", which is kept",
                  .original = original.empty() ? record_text(fields) : std::string(original)});
  }
  void malformed(std::size_t, std::int64_t, std::string_view, std::string,
                 std::string_view) override {}
  bool is_full() const override { return false; }

  std::size_t found() const { return found_; }

 private:
  FirstOf first_of_;
  std::string key_;
  const RecordReader& reader_;
  RejectLog& rejects_;
  std::size_t found_ = 0;
};

}  // namespace

Duplicates find_duplicates(Engine& engine, const std::string& rows, const ExtractSpec& spec,
                           const std::vector<std::string>& sources) {
  const std::string key = quoted_list(spec.key);
  engine.execute(
      "create temp table " + kDuplicates +
      " as select _source, _line, _nth_source, _first_source, _first_line from (select *, "
      "first_value(_nth_source) over w as _first_source, first_value(_line) over w as "
      "_first_line, row_number() over w as _nth from (select " +
      key + ", _source, _line, list_position(" + list_of(sources) +
      ", _source)::bigint - 1 as _nth_source from " + rows + " where (" + key + ") in (select (" +
      key + ") from " + rows + " group by " + key +
      " having count(*) > 1)) window w as (partition by " + key +
      " order by _nth_source, _line)) where _nth > 1");
  std::string sums = "select count(*)";
  std::vector<const Column*> summed;
  for (const ExtractColumn& column : spec.columns) {
    if (!column.column.type.is_summable()) continue;
    summed.push_back(&column.column);
    sums += ", sum(" + quote_identifier(column.column.name) + ")";
  }
  const Rows result = engine.query(sums + " from " + rows + " semi join " + kDuplicates +
                                   " using (_source, _line)");
  Duplicates duplicates;
  duplicates.rows = result.integer(0, 0);
  for (std::size_t i = 0; i < summed.size(); ++i)
    if (const auto& sum = result.cells[0][i + 1])
      duplicates.amounts[summed[i]->name] = parse_decimal(*sum, 38, summed[i]->type.scale).value;
  return duplicates;
}

std::string without_duplicates(const std::string& rows) {
  return "select * from " + rows + " anti join " + kDuplicates + " using (_source, _line)";
}

void reject_duplicates(Engine& engine, const Duplicates& duplicates, const ExtractSpec& spec,
                       RecordReader& again, RejectLog& rejects) {
  DuplicateSink sink(read_positions(engine), join(spec.key, ", "), again, rejects);
  const auto cursor = again.open_cursor();
  while (cursor->read(sink)) {
  }
  again.finish();
  if (static_cast<std::int64_t>(sink.found()) != duplicates.rows)
    throw Error(ErrorClass::transient, "the source changed while it was read: of " +
                                           std::to_string(duplicates.rows) + " duplicates " +
                                           std::to_string(sink.found()) + " were found again");
}

}  // namespace tallymill
