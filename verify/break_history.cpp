#include "verify/break_history.h"

#include <algorithm>

#include "core/break_word.h"
#include "core/error.h"
#include "verify/hash_index.h"

namespace tallymill::verify {
namespace {

constexpr std::size_t kDigestDigits = 32;

std::optional<std::string> cell_of(const Correction& word, const char* name) {
  const auto cell = word.cells.find(name);
  return cell == word.cells.end() ? std::nullopt : cell->second;
}

}  // namespace

BreakShape::BreakShape(const Schema& breaks) : columns_(breaks.columns) {
  bool is_behind_rows = false;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string& name = columns_[i].name;
    if (is_behind_rows && (name.starts_with("left_") || name.starts_with("right_")))
      compared_.push_back(i);
    is_behind_rows = is_behind_rows || name == "right_rows";
  }
}

std::size_t BreakShape::place(const std::string& name) const {
  const auto column =
      std::ranges::find_if(columns_, [&](const Column& each) { return each.name == name; });
  if (column == columns_.end())
    throw Error(ErrorClass::data, "breaks have no column '" + name + "'");
  return static_cast<std::size_t>(column - columns_.begin());
}

BreakSeen BreakShape::seen(const Row& row) const {
  const std::size_t difference = place("difference");
  BreakSeen seen;
  std::string bytes;
  for (std::size_t i = 0; i < columns_.size(); ++i) row.encode(i, bytes);
  seen.cells = number_of(xxh3_128(bytes));
  std::vector<std::size_t> changing{difference, place("class")};
  changing.insert(changing.end(), compared_.begin(), compared_.end());
  seen.difference = number_of(hash_of(row, changing, bytes));
  if (!row.is_null(difference)) seen.amount = row.units(difference);
  return seen;
}

std::string BreakShape::digest(const Row& row) const {
  std::string text = row.printed(place("difference")).value_or("") + " " +
                     row.printed(place("class")).value_or("");
  for (const std::size_t column : compared_)
    if (const auto value = row.printed(column))
      text += " " + std::to_string(value->size()) + ":" + *value;
    else
      text += " -";
  return sha256_hex(text).substr(0, kDigestDigits);
}

std::map<std::string, BreakSaid> words_of(const RecordedJob& job) {
  std::map<std::string, BreakSaid> said;
  const std::string path = corrections_path(job.job);
  const auto text = job.files.find(path);
  if (text == job.files.end()) return said;
  for (const Correction& word : corrections_from(text->second, path)) {
    const auto id = word.place.find(kBreakId);
    if (id == word.place.end()) continue;
    BreakSaid& into = said[id->second];
    into = {.seen = word.original,
            .by = cell_of(word, kResolvedBy).value_or(""),
            .in = cell_of(word, kResolvedIn).value_or(""),
            .owner = cell_of(word, kOwner),
            .note = cell_of(word, kNote),
            .pending_until = cell_of(word, kPendingUntil)};
    if (word.cells.contains(kResolution))
      into.resolution = cell_of(word, kResolution).value_or(kOpen);
  }
  return said;
}

}  // namespace tallymill::verify
