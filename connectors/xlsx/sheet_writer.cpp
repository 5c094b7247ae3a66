#include "connectors/xlsx/sheet_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <utility>

#include "connectors/xlsx/excel_text.h"
#include "connectors/xlsx/sheet.h"
#include "connectors/xlsx/stored_number.h"
#include "connectors/xlsx/workbook_reader.h"
#include "connectors/xlsx/writer_library.h"
#include "core/ascii.h"
#include "core/disk_space.h"
#include "core/error.h"
#include "core/files.h"
#include "core/sync_all.h"
#include "core/text.h"

namespace tallymill::xlsx {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostRows = 1'048'576;
constexpr std::size_t kMostColumns = 16'384;
constexpr std::size_t kMostCharacters = 32'767;
constexpr std::size_t kKeptDigits = 15;
constexpr lxw_color_t kRed = 0xFFC7CE;
constexpr std::time_t kSameDay = 946'684'800;  ///< 2000-01-01: no clock in what is written

/// For what we wrote ourselves.
constexpr Limits kOwnFile{.unzipped_bytes = INT64_MAX, .ratio = INT64_MAX, .columns = kMostColumns};

/// As a spreadsheet counts them: UTF-16 units.
std::size_t characters_in(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) count += byte >= 0xF0 ? 2 : 1;
  }
  return count;
}

/// The decimals of a number that a number cell shows exactly as it is written; empty: of none such.
std::optional<int> exact_decimals(std::string_view text) {
  const std::string_view unsigned_text = text.starts_with('-') ? text.substr(1) : text;
  const std::size_t point = std::min(unsigned_text.find('.'), unsigned_text.size());
  const std::size_t digits = unsigned_text.size() - (point < unsigned_text.size() ? 1 : 0);
  if (point == 0 || digits > kKeptDigits || point + 1 == unsigned_text.size()) return std::nullopt;
  if (point > 1 && unsigned_text[0] == '0') return std::nullopt;
  for (std::size_t i = 0; i < unsigned_text.size(); ++i)
    if (i != point && !is_digit(unsigned_text[i])) return std::nullopt;
  if (text.starts_with('-') && text.find_first_of("123456789") == std::string_view::npos)
    return std::nullopt;  // a minus before zero would be lost
  return static_cast<int>(unsigned_text.size() - std::min(point + 1, unsigned_text.size()));
}

fs::path part_beside(const fs::path& file) {
  return file.parent_path() / ("." + file.filename().string() + ".part");
}

double width_of(const OutColumn& column) {
  constexpr double kNarrowest = 10;
  constexpr double kWidest = 60;
  const auto wanted =
      column.width > 0 ? column.width : static_cast<double>(display_width(column.name)) + 3;
  return std::clamp(wanted, kNarrowest, kWidest);
}

}  // namespace

struct SheetWriter::State {
  fs::path part;
  std::string folder;
  lxw_workbook* workbook = nullptr;
  lxw_worksheet* sheet = nullptr;
  /// By decimals (kText: of text), and whether red.
  std::map<std::pair<int, bool>, lxw_format*> formats;
  std::int64_t rows = 0;                                     ///< of the sheet at hand
  std::vector<std::pair<std::string, std::int64_t>> sheets;  ///< names, and how many cells

  static constexpr int kText = -1;

  ~State() {
    if (workbook != nullptr) writer_library().free(workbook);
    std::error_code ignored;
    fs::remove(part, ignored);
  }

  lxw_format* format(int decimals, bool is_marked) {
    lxw_format*& format = formats[{decimals, is_marked}];
    if (format != nullptr) return format;
    format = writer_library().add_format(workbook);
    std::string code = decimals == kText ? "@" : "0";
    if (decimals > 0) code += "." + std::string(static_cast<std::size_t>(decimals), '0');
    writer_library().set_num_format(format, code.c_str());
    if (is_marked) writer_library().set_bg_color(format, kRed);
    return format;
  }
};

SheetWriter::SheetWriter(const fs::path& file, const std::string& sheet,
                         std::vector<OutColumn> columns)
    : file_(file), state_(std::make_unique<State>()) {
  State& state = *state_;
  state.part = part_beside(fs::absolute(file_));
  state.folder = state.part.parent_path().string();
  // What cannot be made there is told here, with a reason; the library knows none.
  write_file_durably(state.part, "");
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  options.tmpdir = state.folder.data();
  state.workbook = writer_library().new_workbook(state.part.c_str(), &options);
  if (state.workbook == nullptr) throw std::bad_alloc();
  lxw_doc_properties properties{};
  properties.created = kSameDay;
  writer_library().set_properties(state.workbook, &properties);
  begin_sheet(sheet, std::move(columns));
}

void SheetWriter::begin_sheet(const std::string& sheet, std::vector<OutColumn> columns) {
  State& state = *state_;
  sheet_ = sheet;
  columns_ = std::move(columns);
  if (columns_.empty() || columns_.size() > kMostColumns)
    throw Error(ErrorClass::data,
                "a sheet has from 1 to 16,384 columns, not " + std::to_string(columns_.size()));
  if (writer_library().validate_sheet_name(state.workbook, sheet_.c_str()) != LXW_NO_ERROR)
    throw Error(ErrorClass::data, "'" + sheet_ +
                                      "' is no name of a sheet: at most 31 characters, none of "
                                      "[ ] : * ? / \\ and no ' at either end");
  state.sheet = writer_library().add_worksheet(state.workbook, sheet_.c_str());
  state.sheets.emplace_back(sheet_, 0);
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    // Text in the format too: what people type into such a column stays what they typed.
    lxw_format* const format =
        columns_[c].kind == OutColumn::Kind::text ? state.format(State::kText, false) : nullptr;
    const auto column = static_cast<lxw_col_t>(c);
    writer_library().set_column(state.sheet, column, column, width_of(columns_[c]), format);
  }
  writer_library().freeze_panes(state.sheet, 1, 0);
  lxw_format* const bold = writer_library().add_format(state.workbook);
  writer_library().set_bold(bold);
  writer_library().set_num_format(bold, "@");
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    writer_library().write_string(state.sheet, 0, static_cast<lxw_col_t>(c),
                                  escaped(columns_[c].name).c_str(), bold);
    state.sheets.back().second += columns_[c].name.empty() ? 0 : 1;
  }
  state.rows = 1;
}

SheetWriter::~SheetWriter() = default;

void SheetWriter::write(std::span<const OutCell> cells) {
  if (state_->rows >= kMostRows)
    throw Error(ErrorClass::data, "a sheet holds at most " + group_digits(kMostRows) +
                                      " rows; write fewer, or a CSV file");
  for (std::size_t c = 0; c < columns_.size(); ++c) write_cell(c, cells[c]);
  ++state_->rows;
}

void SheetWriter::write_cell(std::size_t column, const OutCell& cell) {
  State& state = *state_;
  const auto row = static_cast<lxw_row_t>(state.rows);
  const auto at = static_cast<lxw_col_t>(column);
  if (cell.is_null || cell.text.empty()) {
    if (cell.is_marked)
      writer_library().write_blank(state.sheet, row, at, state.format(State::kText, true));
    return;
  }
  ++state.sheets.back().second;
  if (columns_[column].kind == OutColumn::Kind::number)
    if (const auto decimals = exact_decimals(cell.text)) {
      // At most 15 digits, so the double stands for this number and no other of so few.
      writer_library().write_number(state.sheet, row, at,
                                    std::strtod(std::string(cell.text).c_str(), nullptr),
                                    state.format(*decimals, cell.is_marked));
      return;
    }
  write_text(column, cell);
}

void SheetWriter::write_text(std::size_t column, const OutCell& cell) {
  State& state = *state_;
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorClass::data, file_.filename().string() + ", " + sheet_ + "!" +
                                      cell_name(column, state.rows + 1) + ": " + what);
  };
  if (!is_valid_utf8(cell.text) || cell.text.find('\0') != std::string_view::npos)
    fail("the text holds bytes of no character, which no spreadsheet holds; write a CSV file");
  const std::string text = escaped(cell.text);
  if (characters_in(text) > kMostCharacters)
    fail("the text has more than " + group_digits(static_cast<std::int64_t>(kMostCharacters)) +
         " characters, which no spreadsheet holds; write a CSV file");
  writer_library().write_string(state.sheet, static_cast<lxw_row_t>(state.rows),
                                static_cast<lxw_col_t>(column), text.c_str(),
                                state.format(State::kText, cell.is_marked));
}

void SheetWriter::close() {
  State& state = *state_;
  errno = 0;
  const lxw_error problem = writer_library().close(std::exchange(state.workbook, nullptr));
  if (problem != LXW_NO_ERROR && is_no_space(errno)) throw file_problem("write", file_, errno);
  if (problem != LXW_NO_ERROR)
    throw Error(ErrorClass::transient, "writing '" + file_.string() +
                                           "' failed: " + writer_library().problem_text(problem));
  // The library does not notice a disk that fills up meanwhile: what is there is looked at.
  const auto reads_back = [&](const std::string& sheet, std::int64_t written) {
    std::int64_t cells = 0;
    try {
      WorkbookReader reader(state.part, sheet, kOwnFile);
      for (Row row; reader.next(row);) cells += static_cast<std::int64_t>(row.cells.size());
    } catch (const Error&) {
      return false;
    }
    return cells == written;
  };
  for (const auto& [sheet, cells] : state.sheets)
    if (!reads_back(sheet, cells))
      throw Error(ErrorClass::transient, "writing '" + file_.string() +
                                             "' failed: what was written does not read back; is "
                                             "the disk full?");
  sync_all(std::span(&state.part, 1));
  std::error_code renamed;
  fs::rename(state.part, file_, renamed);
  if (renamed)
    throw Error(ErrorClass::transient,
                "renaming to '" + file_.string() + "' failed: " + renamed.message());
  sync_folder(state.part.parent_path());
}

void write_sheet(const fs::path& file, const std::string& sheet,
                 const std::vector<OutColumn>& columns,
                 const std::vector<std::vector<OutCell>>& rows) {
  SheetWriter writer(file, sheet, columns);
  for (const auto& row : rows) writer.write(row);
  writer.close();
}

}  // namespace tallymill::xlsx
