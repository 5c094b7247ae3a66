#include "jobs/extract/record_corrections.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "datasets/sql_text.h"
#include "jobs/extract/reject_log.h"

namespace tallymill {
namespace {

std::string text_or(const std::map<std::string, std::string>& place, std::string_view column) {
  const auto found = place.find(std::string(column));
  return found == place.end() ? std::string() : found->second;
}

std::string literal(const std::optional<std::string>& text) {
  return text ? quote_literal(*text) : "NULL::VARCHAR";
}

}  // namespace

RecordCorrections::RecordCorrections(const std::vector<Correction>& corrections,
                                     const std::vector<ExtractColumn>& columns,
                                     const std::vector<std::string>& sources)
    : columns_(columns), sources_(sources) {
  for (const Correction& correction : corrections) {
    const std::string line = text_or(correction.place, kLineColumn);
    std::int64_t number = 0;
    std::from_chars(line.data(), line.data() + line.size(), number);
    said_.insert_or_assign({text_or(correction.place, kSourceColumn), number},
                           Said{&correction, kNoSuchRow, {}});
  }
}

bool RecordCorrections::correct(std::size_t source, std::int64_t line,
                                std::span<const SourceField> fields, std::string_view original,
                                std::vector<SourceField>& corrected) {
  const auto found = said_.find({sources_[source], line});
  if (found == said_.end()) return false;
  Said& said = found->second;
  const std::lock_guard guard(mutex_);
  if (record_digest(std::string(kept_original(original))) != said.correction->original) {
    said.outcome = kRowChanged;
    return false;
  }
  said.outcome = kCorrectionApplied;
  corrected.assign(columns_.size(), SourceField{.text = {}, .is_null = true});
  std::copy_n(fields.begin(), std::min(fields.size(), columns_.size()), corrected.begin());
  for (const auto& [name, value] : said.correction->cells) {
    const auto column =
        std::find_if(columns_.begin(), columns_.end(),
                     [&](const ExtractColumn& candidate) { return candidate.column.name == name; });
    if (column == columns_.end()) continue;
    SourceField& field = corrected[static_cast<std::size_t>(column - columns_.begin())];
    said.before[name] = field.is_null ? std::optional<std::string>() : std::string(field.text);
    field = SourceField{.text = value ? std::string_view(*value) : std::string_view(),
                        .is_null = !value};
  }
  return true;
}

void RecordCorrections::stage(JobContext& context, bool sensitive) const {
  if (empty()) return;
  const Schema schema =
      corrections_schema({std::string(kSourceColumn), std::string(kLineColumn)}, sensitive);
  const std::vector<std::string> names = quoted(schema.names());
  std::vector<std::string> rows;
  for (const auto& [place, said] : said_)
    for (const auto& [name, value] : said.correction->cells) {
      const auto before = said.before.find(name);
      const bool is_known = std::any_of(
          columns_.begin(), columns_.end(),
          [&, column = &name](const ExtractColumn& known) { return known.column.name == *column; });
      rows.push_back("(" + quote_literal(place.first) + ", " +
                     quote_literal(std::to_string(place.second)) + ", " + quote_literal(name) +
                     ", " + literal(before == said.before.end() ? std::nullopt : before->second) +
                     ", " + literal(value) + ", " +
                     quote_literal(is_known ? said.outcome : kNoSuchColumn) + ")");
    }
  const std::string select =
      "SELECT * FROM (VALUES " + join(rows, ", ") + ") c(" + join(names, ", ") + ")";
  context.stage({.dataset = corrections_dataset(context.task().job),
                 .select = select,
                 .schema = schema,
                 .evidence = true});
  report_corrections(context, select);
}

}  // namespace tallymill
