#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "connectors/xlsx/parts.h"
#include "connectors/xlsx/sheet.h"

namespace tallymill::xlsx {

/// One sheet of a workbook, row by row; memory grows with its shared strings only. Not thread-safe.
///
/// Text is what the cell holds, whatever its format shows of it. Of merged cells the first has the
/// value. Nothing outside the file is ever opened. All functions throw Error(data) that names the
/// file and, where there is one, sheet and cell: "orders.xlsx, Orders!C7: ...".
class WorkbookReader {
 public:
  /// `sheet` is its name; empty: the first that is not hidden.
  explicit WorkbookReader(const std::filesystem::path& file, const std::string& sheet = {},
                          const Limits& limits = {});
  /// Of parts that lie elsewhere; `name` stands for the file in messages.
  WorkbookReader(std::unique_ptr<Parts> parts, const std::string& name,
                 const std::string& sheet = {}, const Limits& limits = {});
  ~WorkbookReader();
  WorkbookReader(const WorkbookReader&) = delete;
  WorkbookReader& operator=(const WorkbookReader&) = delete;

  /// Of the sheet that is read.
  const std::string& sheet() const;
  /// All of them, hidden ones too, in the order of their tabs.
  const std::vector<std::string>& sheets() const;

  /// The next row that holds something; false at the end.
  bool next(Row& row);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tallymill::xlsx
