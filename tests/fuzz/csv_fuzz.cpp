// However the bytes of a CSV file are cut into blocks, the scan and the splitter find the records
// that a plain parser, one byte at a time, finds in the whole; and the scan counts them right.

#include <string>
#include <string_view>

#include "connectors/csv/record_scanner.h"
#include "tests/connectors/csv/plain_csv.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 3) return 0;
  csv::Syntax syntax;
  syntax.is_padded = (data[0] & 1) != 0;
  syntax.newline = (data[0] & 2) != 0 ? '\r' : '\n';
  syntax.delimiter = ",;|\t"[(data[0] >> 2) & 3];
  if ((data[0] & 16) != 0) syntax.quote = (data[0] & 32) != 0 ? '\'' : '\0';
  const std::size_t window = 1 + data[1] * (data[2] & 7U);
  const std::string_view text(reinterpret_cast<const char*>(data + 3), size - 3);
  std::size_t record_ends = 0;
  const auto found = csv::read_in_blocks(text, window, syntax, record_ends);
  TALLYMILL_REQUIRE(record_ends == found.size());
  TALLYMILL_REQUIRE(found == csv::PlainCsv(text, syntax).read());
  return 0;
}
