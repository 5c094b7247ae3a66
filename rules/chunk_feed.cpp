#include "rules/chunk_feed.h"

#include <algorithm>

#include "core/error.h"
#include "rules/lua_value.h"

namespace tallymill {
namespace {

constexpr int kNarrowPrecision = 18;

bool is_int64(const Type& type) {
  return type.kind == TypeKind::integer || type.kind == TypeKind::timestamp || type.is_decimal();
}

}  // namespace

ChunkFeed::ChunkFeed(const RulePlan& plan)
    : plan_(plan),
      columns_(plan.columns.size()),
      skips_(plan.rules.size()),
      skip_bytes_(plan.rules.size()),
      zeros_(kChunkRows, 0) {
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (is_text(plan.columns[i].type)) columns_[i].indexes.resize(kChunkRows);
}

void ChunkFeed::read(std::span<const ColumnView> arguments, std::size_t rows) {
  rows_ = rows;
  has_nulls_ = false;
  if (plan_.has_provenance) {
    provenance_[0] = arguments[plan_.arguments()];
    provenance_[1] = arguments[plan_.arguments() + 1];
    has_provenance_ = true;
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) read_column(i, arguments);
  read_skips();
}

void ChunkFeed::read_column(std::size_t index, std::span<const ColumnView> arguments) {
  Column& column = columns_[index];
  const PlanColumn& planned = plan_.columns[index];
  const ColumnView& view = arguments[planned.argument];
  if (is_text(planned.type)) {
    read_texts(index, view.as<std::int64_t>(), arguments[planned.argument + 1]);
    return;
  }
  read_nulls(column, view);
  column.data = view.data;
  if (planned.type.is_decimal() && planned.type.precision > kNarrowPrecision)
    narrow(index, view);
  else if (is_int64(planned.type))
    require_exact(index, view, view.as<std::int64_t>());
}

/// Numbers become indexes; a text without a number gets one of the first kChunkRows, which stand
/// for no text of the dictionary.
void ChunkFeed::read_texts(std::size_t index, const std::int64_t* codes, const ColumnView& texts) {
  Column& column = columns_[index];
  read_new_texts(index);
  column.codes = codes;
  std::int64_t lowest = 0;
  for (std::size_t i = 0; i < rows_; ++i) {
    column.indexes[i] = static_cast<std::int32_t>(codes[i]);
    lowest = std::min(lowest, codes[i]);
  }
  column.data = column.indexes.data();
  column.nulls = zeros_.data();
  column.texts = texts.as<StringRef>();
  if (lowest == 0) return;
  column.null_bytes.assign(kChunkRows, 0);
  for (std::size_t i = 0; i < rows_; ++i) {
    if (codes[i] >= 0) continue;
    column.indexes[i] = 0;
    if (codes[i] == TextCodes::kNull) {
      column.null_bytes[i] = 1;
      has_nulls_ = true;
      column.nulls = column.null_bytes.data();
      continue;
    }
    column.indexes[i] = static_cast<std::int32_t>(i + 1);
  }
}

/// All threads number texts together, so others may have added some too.
void ChunkFeed::read_new_texts(std::size_t index) {
  Column& column = columns_[index];
  const TextCodes& codes = *plan_.columns[index].codes;
  column.new_texts.clear();
  if (codes.size() == column.known_texts) return;
  std::vector<std::string_view> texts;
  codes.read(column.known_texts, texts);
  for (const std::string_view text : texts) {
    const auto number = codes.first() + static_cast<std::int64_t>(++column.known_texts);
    column.new_texts.push_back({static_cast<std::int32_t>(number), text});
  }
}

/// A decimal of more than 18 digits, whose values must fit a Lua number all the same.
void ChunkFeed::narrow(std::size_t index, const ColumnView& view) {
  Column& column = columns_[index];
  column.narrowed.resize(kChunkRows);
  const auto* wide = view.as<Int128>();
  for (std::size_t i = 0; i < rows_; ++i) {
    if (view.is_null(i)) continue;
    if (wide[i] > kMaxExact || wide[i] < -kMaxExact)
      refuse(index, i, format_decimal(wide[i], plan_.columns[index].type.scale));
    column.narrowed[i] = static_cast<std::int64_t>(wide[i]);
  }
  column.data = column.narrowed.data();
}

void ChunkFeed::read_nulls(Column& column, const ColumnView& view) {
  column.nulls = zeros_.data();
  if (view.validity == nullptr) return;
  column.null_bytes.resize(kChunkRows);
  bool any = false;
  for (std::size_t i = 0; i < rows_; ++i) {
    const bool is_null = view.is_null(i);
    column.null_bytes[i] = is_null ? 1 : 0;
    any = any || is_null;
  }
  if (!any) return;
  column.nulls = column.null_bytes.data();
  has_nulls_ = true;
}

void ChunkFeed::read_skips() {
  for (std::size_t rule = 0; rule < skips_.size(); ++rule) {
    skips_[rule] = zeros_.data();
    for (const std::size_t index : plan_.rules[rule].required) skip_nulls(rule, index);
    for (const std::size_t index : plan_.rules[rule].lookups) skip_nulls(rule, index);
  }
}

void ChunkFeed::skip_nulls(std::size_t rule, std::size_t index) {
  const std::uint8_t* nulls = columns_[index].nulls;
  if (nulls == zeros_.data()) return;
  std::vector<std::uint8_t>& bytes = skip_bytes_[rule];
  if (skips_[rule] == zeros_.data()) bytes.assign(kChunkRows, 0);
  for (std::size_t i = 0; i < rows_; ++i) bytes[i] |= nulls[i];
  skips_[rule] = bytes.data();
}

std::string ChunkFeed::text(std::size_t column, std::size_t row) const {
  const Column& read = columns_[column];
  const std::int64_t code = read.codes[row];
  if (code == TextCodes::kUnknown) {
    for (const NewText& text : read.new_texts)
      if (text.index == read.indexes[row]) return std::string(text.text);
    return {};
  }
  const TextCodes& codes = *plan_.columns[column].codes;
  if (code <= codes.first()) return {};
  std::vector<std::string_view> texts;
  codes.read(static_cast<std::size_t>(code - codes.first() - 1), texts);
  return texts.empty() ? std::string() : std::string(texts.front());
}

/// One pass without branches first, because nearly always everything fits.
void ChunkFeed::require_exact(std::size_t index, const ColumnView& view,
                              const std::int64_t* values) {
  std::uint64_t outside = 0;
  for (std::size_t i = 0; i < rows_; ++i) {
    const auto shifted =
        static_cast<std::uint64_t>(values[i]) + static_cast<std::uint64_t>(kMaxExact);
    outside |= shifted > static_cast<std::uint64_t>(2 * kMaxExact) ? 1U : 0U;
  }
  if (outside == 0) return;
  for (std::size_t i = 0; i < rows_; ++i) {
    if (view.is_null(i) || (values[i] <= kMaxExact && values[i] >= -kMaxExact)) continue;
    refuse(index, i, format_decimal(values[i], plan_.columns[index].type.scale));
  }
}

void ChunkFeed::refuse(std::size_t index, std::size_t row, const std::string& value) const {
  const PlanColumn& column = plan_.columns[index];
  std::string reader;
  for (const PlanRule& rule : plan_.rules)
    for (const RuleNeed& need : rule.rule->info.needs)
      if (need.column == column.name && reader.empty()) reader = rule.title;
  throw Error(ErrorClass::config,
              reader + " reads column '" + column.name + "', which holds " +
                  (column.sensitive ? std::string("a number") : value) + " in row " +
                  row_text(row) +
                  ": beyond 2^53, where Lua's numbers stop being exact; declare the column text");
}

std::string ChunkFeed::row_text(std::size_t row) const {
  if (has_provenance_ && !provenance_[0].is_null(row) && !provenance_[1].is_null(row))
    return std::string(provenance_[0].as<StringRef>()[row].view()) + ":" +
           std::to_string(provenance_[1].as<std::int64_t>()[row]);
  return std::to_string(row + 1) + " of a chunk";
}

}  // namespace tallymill
