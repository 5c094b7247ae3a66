#pragma once

#include <string>
#include <vector>

#include "connectors/xlsx/parts.h"
#include "connectors/xlsx/stored_number.h"

namespace tallymill::xlsx {

/// A sheet of cells; charts are none.
struct SheetPart {
  std::string name;
  std::string part;
  bool is_hidden = false;
};

/// What a workbook says about itself.
struct Workbook {
  bool is_1904 = false;
  std::vector<SheetPart> sheets;  ///< in the order of their tabs
  std::string shared_strings;     ///< its part; empty: none
  std::string styles;
};

/// `name` is the file's, for messages. Throws Error(data) if this is no workbook, or of a kind we
/// do not read.
Workbook read_workbook_parts(Parts& parts, const std::string& name);

/// By the number of a cell's style, what date it shows.
std::vector<DateStyle> read_date_styles(Parts& parts, const std::string& part,
                                        const std::string& name);

}  // namespace tallymill::xlsx
