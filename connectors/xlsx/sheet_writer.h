#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tallymill::xlsx {

struct OutColumn {
  enum class Kind {
    text,
    /// A number cell where the value is a plain decimal of at most 15 digits, which a spreadsheet
    /// keeps exactly, shown with as many decimals as it has; else text.
    number,
  };
  std::string name;
  Kind kind = Kind::text;
  double width = 0;  ///< in characters; 0: by its name
};

struct OutCell {
  std::string_view text;
  bool is_null = false;
  bool is_marked = false;  ///< red
};

/// Writes a workbook sheet by sheet: a bold header that stays in sight, then the rows. Memory does
/// not grow with them. Text is always text: "=1+1" is four characters in a cell, never a formula.
/// The same cells give the same bytes.
///
/// It becomes visible as a whole by close(), under a temporary name in the same folder until then.
/// Functions throw Error(data) that names the cell, or Error(transient) if the disk does.
class SheetWriter {
 public:
  SheetWriter(const std::filesystem::path& file, const std::string& sheet,
              std::vector<OutColumn> columns);
  ~SheetWriter();  ///< without close(), as if nothing had been written
  SheetWriter(const SheetWriter&) = delete;
  SheetWriter& operator=(const SheetWriter&) = delete;

  /// Ends the sheet at hand and begins another one.
  void begin_sheet(const std::string& sheet, std::vector<OutColumn> columns);
  /// As many cells as there are columns.
  void write(std::span<const OutCell> cells);
  void close();

 private:
  struct State;
  void write_cell(std::size_t column, const OutCell& cell);
  void write_text(std::size_t column, const OutCell& cell);

  std::filesystem::path file_;
  std::string sheet_;
  std::vector<OutColumn> columns_;
  std::unique_ptr<State> state_;
};

/// All at once.
void write_sheet(const std::filesystem::path& file, const std::string& sheet,
                 const std::vector<OutColumn>& columns,
                 const std::vector<std::vector<OutCell>>& rows);

}  // namespace tallymill::xlsx
