#include "connectors/xlsx/sheet_part.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "connectors/xlsx/excel_text.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time/date.h"

namespace tallymill::xlsx {
namespace {

constexpr std::int64_t kMostRows = 1'048'576;
constexpr std::size_t kMostReference = 16;
constexpr const char* kNoDay = "#NO_DAY!";

/// The start of what a message quotes.
std::string shown(std::string_view text) {
  std::size_t size = std::min(text.size(), kMostReference);
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
    --size;
  return std::string(text.substr(0, size));
}

template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

/// The column of "C7"; the row, which is its element's, must be `row`. False if it is no such name.
bool parse_reference(std::string_view text, std::int64_t row, std::size_t& column) {
  constexpr std::size_t kLetters = 26;
  constexpr std::size_t kMostLetters = 4;
  std::size_t letters = 0;
  std::size_t number = 0;
  for (; letters < text.size() && text[letters] >= 'A' && text[letters] <= 'Z'; ++letters)
    if (letters < kMostLetters)
      number = number * kLetters + static_cast<std::size_t>(text[letters] - 'A' + 1);
  std::int64_t row_there = 0;
  if (letters == 0 || letters > kMostLetters || text.size() > kMostReference) return false;
  if (!parse_number(text.substr(letters), row_there) || row_there != row) return false;
  column = number - 1;
  return true;
}

}  // namespace

SheetPartHandler::SheetPartHandler(std::string place, const SharedStrings& strings,
                                   std::vector<DateStyle> styles, bool is_1904,
                                   const Limits& limits)
    : place_(std::move(place)),
      strings_(strings),
      styles_(std::move(styles)),
      is_1904_(is_1904),
      limits_(limits) {}

/// At the cell at hand.
void SheetPartHandler::fail(const std::string& what) const {
  const std::size_t column = next_column_ == 0 ? 0 : next_column_ - 1;
  throw Error(ErrorClass::data, place_ + "!" + cell_name(column, row_.number) + ": " + what);
}

// worksheet / sheetData / row / c / v, f or is; is / t or is / r / t
void SheetPartHandler::start(int depth, std::string_view name, const XmlAttributes& attributes) {
  is_text_ = false;
  switch (depth) {
    case 2:
      is_in_data_ = name == "sheetData";
      break;
    case 3:
      is_in_row_ = is_in_data_ && name == "row";
      if (is_in_row_) start_row(attributes);
      break;
    case 4:
      is_in_cell_ = is_in_row_ && name == "c";
      if (is_in_cell_) start_cell(attributes);
      break;
    case 5:
      if (!is_in_cell_) break;
      is_inline_ = name == "is";
      is_text_ = name == "v";
      stored_.has_formula = stored_.has_formula || name == "f";
      stored_.has_value = stored_.has_value || is_inline_ || is_text_;
      break;
    case 6:
      is_run_ = is_in_cell_ && is_inline_ && name == "r";
      is_text_ = is_in_cell_ && is_inline_ && name == "t";
      break;
    case 7:
      is_text_ = is_in_cell_ && is_inline_ && is_run_ && name == "t";
      break;
    default:
      break;
  }
}

void SheetPartHandler::end(int depth, std::string_view) {
  is_text_ = false;
  if (depth == 2) is_in_data_ = false;
  if (depth == 3 && std::exchange(is_in_row_, false) && !row_.cells.empty()) {
    rows_.push_back(Row{row_.number, std::move(row_.cells)});
    row_.cells.clear();
  }
  if (depth == 4 && std::exchange(is_in_cell_, false)) end_cell();
  if (depth == 5) is_inline_ = false;
  if (depth == 6) is_run_ = false;
}

void SheetPartHandler::text(std::string_view text) {
  if (!is_text_) return;
  require_cell_bytes(stored_.value.size() + text.size());
  stored_.value += text;
}

void SheetPartHandler::require_cell_bytes(std::size_t size) const {
  if (size > limits_.cell_bytes)
    fail("the cell holds more than " + group_digits(static_cast<std::int64_t>(limits_.cell_bytes)) +
         " bytes, more than a spreadsheet allows; shorten it");
}

void SheetPartHandler::start_row(const XmlAttributes& attributes) {
  const std::int64_t before = row_.number;
  row_.cells.clear();
  next_column_ = 0;
  const auto number = attributes.find("r");
  row_.number = before + 1;
  if (number && !parse_number(*number, row_.number))
    fail("'" + shown(*number) + "' is no row's number; the file is damaged");
  if (row_.number <= before)
    fail("the row comes after row " + std::to_string(before) +
         "; the file is damaged: open it in a spreadsheet and save it");
  if (row_.number > kMostRows) fail("a sheet has at most " + group_digits(kMostRows) + " rows");
}

void SheetPartHandler::start_cell(const XmlAttributes& attributes) {
  stored_ = {};
  std::size_t column = next_column_;
  if (const auto reference = attributes.find("r")) {
    if (!parse_reference(*reference, row_.number, column))
      fail("'" + shown(*reference) +
           "' is no cell of this row; the file is damaged: open it in a spreadsheet and save it");
    if (column < next_column_)
      fail("cell " + std::string(*reference) +
           " comes after it; the file is damaged: open it in a spreadsheet and save it");
  }
  next_column_ = column + 1;
  if (column >= limits_.columns)
    fail("the sheet has more than " + group_digits(static_cast<std::int64_t>(limits_.columns)) +
         " columns; delete those that are not needed");
  stored_.type = attributes.find("t").value_or("n");
  if (const auto style = attributes.find("s"); style && !parse_number(*style, stored_.style))
    fail("'" + shown(*style) + "' is no style's number; the file is damaged");
}

void SheetPartHandler::end_cell() {
  Cell cell;
  cell.column = next_column_ - 1;
  const bool is_text = stored_.type == "inlineStr" || stored_.type == "str";
  if (!stored_.has_value || (!is_text && stored_.value.empty())) {
    if (!stored_.has_formula) return;
    // Written by a program that does not reckon: empty would be a wrong answer.
    cell.kind = CellKind::error;
    cell.text = "#NOT_COMPUTED!";
  } else {
    set_value(cell);
  }
  row_.cells.push_back(std::move(cell));
}

void SheetPartHandler::set_value(Cell& cell) {
  const std::string& type = stored_.type;
  if (type == "n") return set_number(cell);
  if (type == "s") {
    std::size_t number = 0;
    if (!parse_number(stored_.value, number) || number >= strings_.size())
      fail("shared string '" + shown(stored_.value) +
           "' is not there; the file is damaged: open it in a spreadsheet and save it");
    cell.text = strings_.at(number);
    require_cell_bytes(cell.text.size());
  } else if (type == "inlineStr" || type == "str") {
    cell.text = unescaped(std::move(stored_.value));
  } else if (type == "b") {
    cell.kind = CellKind::boolean;
    if (stored_.value != "0" && stored_.value != "1")
      fail("'" + shown(stored_.value) + "' is neither 0 nor 1, as a truth value is");
    cell.text = stored_.value == "1" ? "true" : "false";
  } else if (type == "e") {
    cell.kind = CellKind::error;
    cell.text = std::move(stored_.value);
  } else if (type == "d") {
    const bool is_date = parse_date(stored_.value) || parse_timestamp(stored_.value);
    cell.kind = is_date ? CellKind::date : CellKind::error;
    cell.text = is_date ? std::move(stored_.value) : kNoDay;
  } else {
    fail("'" + shown(type) + "' is no type of a cell; the file is damaged");
  }
}

void SheetPartHandler::set_number(Cell& cell) const {
  const std::string_view written = trim(stored_.value);
  const DateStyle style = stored_.style < styles_.size() ? styles_[stored_.style] : DateStyle::none;
  if (style == DateStyle::none) {
    auto number = number_text(written);
    if (!number) fail_number(written);
    cell.kind = CellKind::number;
    cell.text = std::move(number->text);
    cell.is_inexact = number->is_inexact;
    return;
  }
  const auto serial = StoredNumber::parse(written);
  if (!serial) fail_number(written);
  const auto date = date_text(*serial, style, is_1904_);
  cell.kind = date ? CellKind::date : CellKind::error;
  cell.text = date.value_or(kNoDay);
}

void SheetPartHandler::fail_number(std::string_view written) const {
  fail("'" + shown(written) +
       "' is no number; the file is damaged: open it in a spreadsheet and save it");
}

}  // namespace tallymill::xlsx
