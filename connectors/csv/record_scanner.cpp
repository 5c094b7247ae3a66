#include "connectors/csv/record_scanner.h"

#include <algorithm>

#include "connectors/csv/byte_masks.h"

namespace tallymill::csv {

namespace {

std::size_t count_newlines(std::string_view bytes, const Syntax& syntax) {
  return static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), syntax.newline));
}

RecordEnd first_line_end(std::string_view bytes, std::size_t begin, bool is_last,
                         const Syntax& syntax) {
  const std::size_t newline = bytes.find(syntax.newline, begin);
  if (newline != std::string_view::npos) return {RecordEnd::Kind::unclosed, newline + 1};
  return {is_last ? RecordEnd::Kind::unclosed : RecordEnd::Kind::unfinished, bytes.size()};
}

/// Walks the bytes 64 at a time. In well-formed quoting every quote toggles "inside", a doubled one
/// twice, so a prefix-xor of the quote mask tells which newlines end records. A quote that opens
/// anywhere but at the start of a cell, or an open quote that reaches too far, breaks that
/// reasoning; the one record concerned then goes through find_record_end().
class Scanner {
 public:
  Scanner(std::string_view bytes, bool is_last, const Syntax& syntax)
      : bytes_(bytes), is_last_(is_last), syntax_(syntax) {}

  Scan run() {
    while (true) {
      while (position_ < bytes_.size())
        if (!step() && !take_record_slowly()) return done_;
      if (done_.bytes == bytes_.size() || !is_last_) return done_;
      if (inside_ == 0) {
        done_.bytes = bytes_.size();
        ++done_.records;
        return done_;
      }
      if (!take_record_slowly()) return done_;
    }
  }

 private:
  /// Takes the next 64 bytes; false (and nothing taken) if the record at hand needs the slow way.
  bool step() {
    const Bytes64 word(bytes_, position_);
    const std::uint64_t newlines = word.equal_to(syntax_.newline);
    const std::uint64_t quotes = syntax_.has_quotes() ? word.equal_to(syntax_.quote) : 0;
    const std::size_t lines = lines_ + count_bits(newlines);
    std::uint64_t ends = newlines;
    std::uint64_t inside = 0;
    if ((quotes | inside_) != 0) {
      if (syntax_.reaches_too_far(position_ + Bytes64::kSize - done_.bytes, lines - done_.lines))
        return false;
      inside = prefix_xor(quotes) ^ inside_;
      const std::uint64_t cell_ends = newlines | quotes | word.equal_to(syntax_.delimiter);
      const std::uint64_t may_open =
          (cell_ends << 1) | static_cast<std::uint64_t>(may_open_first());
      if ((quotes & inside & ~may_open) != 0) return false;
      ends = newlines & ~inside;
    }
    if (ends != 0) take_ends(newlines, ends);
    lines_ = lines;
    inside_ = (inside >> 63) != 0 ? ~std::uint64_t{0} : 0;
    position_ += Bytes64::kSize;
    return true;
  }

  void take_ends(std::uint64_t newlines, std::uint64_t ends) {
    const int last = 63 - std::countl_zero(ends);
    const std::uint64_t up_to_last = ~std::uint64_t{0} >> (63 - last);
    done_.records += count_bits(ends);
    done_.lines = lines_ + count_bits(newlines & up_to_last);
    done_.bytes = position_ + static_cast<std::size_t>(last) + 1;
  }

  /// Whether a quote that is the first of the next 64 bytes would stand at the start of a cell, or
  /// be the second of a doubled one.
  bool may_open_first() const {
    if (position_ == done_.bytes) return true;
    const char before = bytes_[position_ - 1];
    return before == syntax_.delimiter || before == syntax_.newline || before == syntax_.quote;
  }

  bool take_record_slowly() {
    const RecordEnd end = find_record_end(bytes_, done_.bytes, is_last_, syntax_);
    if (end.kind == RecordEnd::Kind::unfinished) return false;
    done_.lines += count_newlines(bytes_.substr(done_.bytes, end.end - done_.bytes), syntax_);
    done_.bytes = end.end;
    ++done_.records;
    position_ = done_.bytes;
    lines_ = done_.lines;
    inside_ = 0;
    return true;
  }

  std::string_view bytes_;
  bool is_last_;
  Syntax syntax_;
  Scan done_;                 ///< up to the end of the last whole record
  std::size_t position_ = 0;  ///< next byte to look at
  std::size_t lines_ = 0;     ///< before position_
  std::uint64_t inside_ = 0;  ///< all ones: the byte at position_ is within a quote
};

}  // namespace

Scan scan_records(std::string_view bytes, bool is_last, const Syntax& syntax) {
  return Scanner(bytes, is_last, syntax).run();
}

QuoteEnd find_quote_end(std::string_view bytes, std::size_t begin, std::size_t open, bool is_last,
                        const Syntax& syntax) {
  const std::size_t reach = std::min(bytes.size(), begin + syntax.max_quoted_bytes);
  const std::string_view within = bytes.substr(0, reach);
  std::size_t lines = count_newlines(bytes.substr(begin, open - begin), syntax);
  QuoteEnd result;
  std::size_t from = open + 1;
  while (true) {
    const std::size_t quote = from < reach ? within.find(syntax.quote, from) : within.npos;
    const std::size_t looked_at = std::min(quote, reach);
    if (from < looked_at) lines += count_newlines(bytes.substr(from, looked_at - from), syntax);
    if (lines >= syntax.max_quoted_lines) break;
    if (quote == within.npos) {
      if (is_last || reach == begin + syntax.max_quoted_bytes) break;
      return result;  // unfinished
    }
    if (quote + 1 == bytes.size() && !is_last) return result;
    if (quote + 1 == bytes.size() || bytes[quote + 1] != syntax.quote) {
      result.kind = QuoteEnd::Kind::closed;
      result.at = quote;
      return result;
    }
    result.has_escapes = true;
    from = quote + 2;
  }
  result.kind = QuoteEnd::Kind::unclosed;
  return result;
}

RecordEnd find_record_end(std::string_view bytes, std::size_t begin, bool is_last,
                          const Syntax& syntax) {
  std::size_t at = begin;
  while (true) {
    std::size_t cell = at;
    while (syntax.is_padded && cell < bytes.size() && syntax.is_padding(bytes[cell])) ++cell;
    if (syntax.has_quotes() && cell < bytes.size() && bytes[cell] == syntax.quote) {
      const QuoteEnd quote = find_quote_end(bytes, begin, cell, is_last, syntax);
      if (quote.kind == QuoteEnd::Kind::unfinished) return {};
      if (quote.kind == QuoteEnd::Kind::unclosed)
        return first_line_end(bytes, begin, is_last, syntax);
      at = quote.at + 1;
    }
    while (at < bytes.size() && bytes[at] != syntax.delimiter && bytes[at] != syntax.newline) ++at;
    if (at == bytes.size())
      return {is_last ? RecordEnd::Kind::complete : RecordEnd::Kind::unfinished, at};
    if (bytes[at] == syntax.newline) return {RecordEnd::Kind::complete, at + 1};
    ++at;
  }
}

}  // namespace tallymill::csv
