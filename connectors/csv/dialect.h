#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "connectors/csv/syntax.h"
#include "connectors/encoding/text_encoding.h"
#include "core/diagnostics.h"
#include "core/options.h"

namespace tallymill::csv {

/// Where a file's column names come from.
enum class Header {
  first_record,  ///< the first record behind the preamble
  none,          ///< column1, column2, ...: as many as the first record has cells
  declared,      ///< the graph names them; the file has no header
};

/// How a CSV file is written, as `from:` declares it.
struct Dialect {
  Syntax syntax;
  Header header = Header::first_record;
  std::vector<std::string> names;  ///< with Header::declared
  std::string header_starts_with;  ///< the header is the first line that starts so; empty: any
  std::int64_t skip_lines = 0;     ///< physical lines before the header or the first record
  std::optional<TextEncoding> encoding;                 ///< empty: detected
  std::optional<std::vector<std::string>> null_values;  ///< empty: an empty cell without quotes
  bool pads_short_records = false;   ///< `ragged: pad`: missing cells at the end are null
  bool ignores_extra_empty = false;  ///< surplus cells at the end are fine if they are empty

  static Dialect from(const Options& from);
};

/// The keys of `from:` that Dialect::from() reads.
std::vector<OptionSpec> dialect_options();
/// Reports delimiters and quotes that are no single ASCII character, and options that contradict
/// each other.
void check_dialect(const Options& from, Diagnostics& diagnostics);

}  // namespace tallymill::csv
