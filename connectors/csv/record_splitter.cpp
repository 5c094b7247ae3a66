#include "connectors/csv/record_splitter.h"

#include <algorithm>
#include <cstring>

#include "connectors/csv/byte_masks.h"

namespace tallymill::csv {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

/// Bits of the bytes at and behind `position` in the word that holds it.
std::uint64_t from_here(std::size_t position) {
  return ~std::uint64_t{0} << (position % Bytes64::kSize);
}

}  // namespace

RecordSplitter::RecordSplitter() : cells_(64), unescaped_(kMaxQuotedBytes) {}

void RecordSplitter::start(std::string_view block, std::int64_t first_line, const Syntax& syntax) {
  syntax_ = syntax;
  block_ = block;
  position_ = 0;
  line_ = first_line;
  word_ = kNone;
  const std::size_t longest = std::min(block.size(), syntax.max_quoted_bytes);
  if (unescaped_.size() < longest) unescaped_.resize(longest);
}

bool RecordSplitter::next(Record& record) {
  if (position_ >= block_.size()) return false;
  count_ = 0;
  lines_within_ = 0;
  unescaped_size_ = 0;
  record.kind = Record::Kind::record;
  record.line = line_;
  std::size_t at = position_;
  std::size_t end = 0;
  while (true) {
    load(at);
    std::uint64_t ahead = at < block_.size() ? separators_ & from_here(at) : 0;
    if (!take_plain_cells(at, ahead, end)) {
      const std::size_t quote = skip_padding(at);
      const Step closing = take_quoted(quote);
      if (closing.is_unclosed) return take_unclosed(record);
      if (!ends_cell(skip_padding(closing.at + 1))) record.kind = Record::Kind::text_after_quote;
      end = next_separator(closing.at + 1);
    }
    if (end == block_.size() || block_[end] == syntax_.newline) break;
    at = end + 1;
  }
  const bool has_line_end = end < block_.size();
  finish(record, end, has_line_end ? end + 1 : end);
  line_ += has_line_end ? 1 : 0;
  return true;
}

/// Takes cells from `at` on until the record ends (true; `end` is its line end) or a quoted cell
/// starts (false; `at` is its start). `ahead`: separators at and behind `at` in the word at hand.
bool RecordSplitter::take_plain_cells(std::size_t& at, std::uint64_t ahead, std::size_t& end) {
  const char* const bytes = block_.data();
  const std::size_t size = block_.size();
  while (true) {
    const std::size_t start = syntax_.is_padded ? skip_padding(at) : at;
    if (start < size && bytes[start] == syntax_.quote && syntax_.has_quotes()) return false;
    while (ahead == 0) {
      if (word_ + Bytes64::kSize >= size) break;
      load(word_ + Bytes64::kSize);
      ahead = separators_;
    }
    end = ahead != 0 ? word_ + lowest_bit(ahead) : size;
    ahead &= ahead - 1;
    const bool is_last = end == size || bytes[end] == syntax_.newline;
    add_unquoted(start, end, is_last);
    if (is_last) return true;
    at = end + 1;
  }
}

void RecordSplitter::load(std::size_t position) {
  const std::size_t word = position / Bytes64::kSize * Bytes64::kSize;
  if (word == word_) return;
  word_ = word;
  const Bytes64 bytes(block_, word);
  newlines_ = bytes.equal_to(syntax_.newline);
  quotes_ = syntax_.has_quotes() ? bytes.equal_to(syntax_.quote) : 0;
  separators_ = newlines_ | bytes.equal_to(syntax_.delimiter);
}

std::size_t RecordSplitter::next_separator(std::size_t from) {
  if (from >= block_.size()) return block_.size();
  load(from);
  std::uint64_t found = separators_ & from_here(from);
  while (found == 0) {
    if (word_ + Bytes64::kSize >= block_.size()) return block_.size();
    load(word_ + Bytes64::kSize);
    found = separators_;
  }
  return word_ + lowest_bit(found);
}

std::size_t RecordSplitter::next_quote(std::size_t from, std::size_t& newlines) {
  if (from >= block_.size()) return kNone;
  load(from);
  std::uint64_t found = quotes_ & from_here(from);
  std::uint64_t passed = newlines_ & from_here(from);
  while (found == 0) {
    newlines += count_bits(passed);
    if (word_ + Bytes64::kSize >= block_.size()) return kNone;
    load(word_ + Bytes64::kSize);
    found = quotes_;
    passed = newlines_;
  }
  const std::uint64_t before = (std::uint64_t{1} << lowest_bit(found)) - 1;
  newlines += count_bits(passed & before);
  return word_ + lowest_bit(found);
}

std::size_t RecordSplitter::skip_padding(std::size_t at) const {
  while (syntax_.is_padded && at < block_.size() && syntax_.is_padding(block_[at])) ++at;
  return at;
}

std::string_view RecordSplitter::cell_text(std::size_t begin, std::size_t end) const {
  if (syntax_.is_padded) {
    while (begin < end && syntax_.is_padding(block_[begin])) ++begin;
    while (begin < end && syntax_.is_padding(block_[end - 1])) --end;
  }
  return begin < end ? block_.substr(begin, end - begin) : std::string_view();
}

RecordSplitter::Step RecordSplitter::take_quoted(std::size_t open) {
  bool has_escapes = false;
  std::size_t from = open + 1;
  while (true) {
    const std::size_t quote = next_quote(from, lines_within_);
    if (quote == kNone || syntax_.reaches_too_far(quote - position_, lines_within_))
      return {0, true};
    if (quote + 1 < block_.size() && block_[quote + 1] == syntax_.quote) {
      has_escapes = true;
      from = quote + 2;
      continue;
    }
    add_quoted(open + 1, quote, has_escapes);
    return {quote, false};
  }
}

inline void RecordSplitter::add(std::string_view text, bool is_quoted) {
  if (count_ == cells_.size()) cells_.resize(2 * count_);
  Cell& cell = cells_[count_++];
  cell.text = text;
  cell.is_quoted = is_quoted;
}

inline void RecordSplitter::add_unquoted(std::size_t begin, std::size_t end, bool is_last) {
  if (is_last && syntax_.newline == '\n' && end > begin && block_[end - 1] == '\r') --end;
  if (syntax_.is_padded)
    add(cell_text(begin, end), false);
  else
    add({block_.data() + begin, end - begin}, false);
}

void RecordSplitter::add_quoted(std::size_t begin, std::size_t end, bool has_escapes) {
  std::string_view text = cell_text(begin, end);
  if (has_escapes) {
    char* const to = unescaped_.data() + unescaped_size_;
    std::size_t size = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      to[size++] = text[i];
      if (text[i] == syntax_.quote) ++i;
    }
    unescaped_size_ += size;
    text = {to, size};
  }
  add(text, true);
}

bool RecordSplitter::ends_cell(std::size_t at) const {
  if (at >= block_.size()) return true;
  const char c = block_[at];
  if (c == syntax_.delimiter || c == syntax_.newline) return true;
  return c == '\r' && syntax_.newline == '\n' &&
         (at + 1 == block_.size() || block_[at + 1] == '\n');
}

void RecordSplitter::finish(Record& record, std::size_t end, std::size_t next) {
  if (syntax_.newline == '\n' && end > position_ && block_[end - 1] == '\r') --end;
  record.original = block_.substr(position_, end - position_);
  line_ += static_cast<std::int64_t>(lines_within_);
  position_ = next;
  const bool is_blank = count_ == 1 && !cells_[0].is_quoted && cells_[0].text.empty();
  if (is_blank) {
    record.kind = Record::Kind::blank;
    count_ = 0;
  }
  record.cells = {cells_.data(), count_};
}

bool RecordSplitter::take_unclosed(Record& record) {
  count_ = 0;
  lines_within_ = 0;
  const std::size_t newline = block_.find(syntax_.newline, position_);
  const bool has_end = newline != kNone;
  const std::size_t end = has_end ? newline : block_.size();
  record.kind = Record::Kind::unclosed_quote;
  finish(record, end, has_end ? end + 1 : end);
  record.cells = {};
  line_ += has_end ? 1 : 0;
  return true;
}

}  // namespace tallymill::csv
