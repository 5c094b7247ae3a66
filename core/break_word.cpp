#include "core/break_word.h"

namespace tallymill {

std::string open_breaks_dataset(const std::string& job) { return job + ".open_breaks"; }

std::string break_statement_dataset(const std::string& job) { return job + ".break_statement"; }

const std::vector<std::string>& word_cells() {
  static const std::vector<std::string> cells{kOwner, kNote, kPendingUntil, kResolution};
  return cells;
}

const std::vector<std::string>& resolutions() {
  static const std::vector<std::string> words{kAccepted, kExplained, kWrittenOff, kOpen};
  return words;
}

void BreakWords::add(const std::vector<Correction>& said, const std::string& who,
                     const std::string& period) {
  for (const Correction& word : said) {
    Correction& standing = by_break_[word.place];
    standing.place = word.place;
    for (const auto& [cell, value] : word.cells) standing.cells[cell] = value;
    if (!word.cells.contains(kResolution)) continue;
    // A resolution is about the difference its author saw; owner and note are about the break.
    standing.original = word.original;
    standing.cells[kResolvedBy] = who;
    standing.cells[kResolvedIn] = period;
  }
}

std::vector<Correction> BreakWords::standing() const {
  std::vector<Correction> words;
  for (const auto& [place, word] : by_break_) words.push_back(word);
  return words;
}

}  // namespace tallymill
