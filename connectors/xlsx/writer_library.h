#pragma once

#include <xlsxwriter.h>

namespace tallymill::xlsx {

/// The functions of libxlsxwriter that are used. It comes as a shared library only and brings three
/// more, which cost every worker a millisecond to start with: so it is opened by the first sheet
/// that is written.
struct WriterLibrary {
  decltype(&::workbook_new_opt) new_workbook;
  decltype(&::workbook_set_properties) set_properties;
  decltype(&::workbook_validate_sheet_name) validate_sheet_name;
  decltype(&::workbook_add_worksheet) add_worksheet;
  decltype(&::workbook_add_format) add_format;
  decltype(&::workbook_close) close;
  decltype(&::lxw_workbook_free) free;
  decltype(&::lxw_strerror) problem_text;
  decltype(&::format_set_num_format) set_num_format;
  decltype(&::format_set_bg_color) set_bg_color;
  decltype(&::format_set_bold) set_bold;
  decltype(&::worksheet_set_column) set_column;
  decltype(&::worksheet_freeze_panes) freeze_panes;
  decltype(&::worksheet_write_string) write_string;
  decltype(&::worksheet_write_number) write_number;
  decltype(&::worksheet_write_blank) write_blank;
};

/// Throws Error(config) if the library is not there.
const WriterLibrary& writer_library();

}  // namespace tallymill::xlsx
