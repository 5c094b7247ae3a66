#include "datasets/row_table.h"

#include <algorithm>
#include <cstdint>

#include "core/text.h"

namespace tallymill {
namespace {

constexpr const char* kRow = "\"tm:row\"";
constexpr std::size_t kFlagsPerWord = 63;  ///< of a BIGINT, without its sign

std::string word_column(std::size_t word) { return "\"tm:flags" + std::to_string(word) + "\""; }

std::string bit(std::size_t flag) {
  return std::to_string(std::int64_t{1} << (flag % kFlagsPerWord));
}

}  // namespace

std::string RowTable::make(const std::string& source) const {
  std::vector<std::string> fields;
  std::vector<std::string> shown;
  const auto keep = [&](const std::string& column, const std::string& value) {
    fields.push_back(column + " := " + value);
  };
  for (const std::string& column : columns) {
    keep(column, column);
    shown.push_back(std::string(kRow) + "." + column + " AS " + column);
  }
  for (std::size_t from = 0; from < flags.size(); from += kFlagsPerWord) {
    const std::string word = word_column(from / kFlagsPerWord);
    std::vector<std::string> bits;
    for (std::size_t i = from; i < std::min(from + kFlagsPerWord, flags.size()); ++i) {
      bits.push_back("CAST(" + flags[i] + " AS BIGINT) * " + bit(i));
      shown.push_back("(" + std::string(kRow) + "." + word + " & " + bit(i) + ") <> 0 AS " +
                      flags[i]);
    }
    keep(word, "(" + join(bits, " | ") + ")::BIGINT");
  }
  std::string beside;
  for (const std::string& column : plain) {
    beside += ", " + column;
    shown.push_back(column);
  }
  const std::string stored = quote_identifier(name + ":stored");
  return "CREATE OR REPLACE TEMP TABLE " + stored + " AS SELECT struct_pack(" + join(fields, ", ") +
         ") AS " + kRow + beside + " " + source + "; CREATE OR REPLACE TEMP VIEW " + name +
         " AS SELECT " + join(shown, ", ") + " FROM " + stored;
}

std::string RowTable::drop() const {
  return "DROP VIEW " + name + "; DROP TABLE " + quote_identifier(name + ":stored");
}

}  // namespace tallymill
