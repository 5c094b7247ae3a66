// Whatever a workbook holds, reading it ends with rows in order or with an Error of class data;
// and what date formats and numbers become is what the laws of sheet.h say.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/xlsx/stored_number.h"
#include "connectors/xlsx/workbook_reader.h"
#include "core/error.h"
#include "core/text.h"
#include "tests/connectors/xlsx/memory_parts.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

namespace {

void read_all(const std::map<std::string, std::string>& parts) {
  xlsx::Limits limits;
  limits.unzipped_bytes = 1 << 20;
  xlsx::WorkbookReader reader(std::make_unique<xlsx::MemoryParts>(parts), "fuzz.xlsx", {}, limits);
  std::int64_t last_row = 0;
  for (xlsx::Row row; reader.next(row);) {
    TALLYMILL_REQUIRE(row.number > last_row);
    TALLYMILL_REQUIRE(!row.cells.empty());
    last_row = row.number;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      TALLYMILL_REQUIRE(i == 0 || row.cells[i - 1].column < row.cells[i].column);
      TALLYMILL_REQUIRE(is_valid_utf8(row.cells[i].text));
      TALLYMILL_REQUIRE(row.at(row.cells[i].column) == &row.cells[i]);
    }
  }
}

void read_number(std::string_view text) {
  const auto number = xlsx::number_text(text);
  TALLYMILL_REQUIRE(number.has_value() == xlsx::StoredNumber::parse(text).has_value());
  if (!number) return;
  const auto again = xlsx::number_text(number->text);
  TALLYMILL_REQUIRE(again && again->text == number->text);
}

}  // namespace

/// The first byte says what the rest stands for: one part of a workbook, or a number.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  auto parts =
      xlsx::small_workbook("<row><c t=\"s\"><v>0</v></c><c s=\"1\"><v>45000.5</v></c></row>");
  switch (data[0] % 7) {
    case 0:
      parts["xl/worksheets/sheet1.xml"] = text;
      break;
    case 1:
      parts["xl/sharedStrings.xml"] = text;
      break;
    case 2:
      parts["xl/styles.xml"] = text;
      break;
    case 3:
      parts["xl/workbook.xml"] = text;
      break;
    case 4:
      parts["xl/_rels/workbook.xml.rels"] = text;
      break;
    case 5:
      parts = xlsx::small_workbook(text);
      break;
    default:
      read_number(text);
      xlsx::date_style_of(text);
      return 0;
  }
  try {
    read_all(parts);
  } catch (const Error& error) {
    TALLYMILL_REQUIRE(error.error_class() == ErrorClass::data);
  }
  return 0;
}
