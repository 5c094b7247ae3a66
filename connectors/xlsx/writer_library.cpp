#include "connectors/xlsx/writer_library.h"

#include <string>

#include "core/shared_library.h"

namespace tallymill::xlsx {
namespace {

const std::string kName = "libxlsxwriter.so.4";

class Opened {
 public:
  Opened() : library_(open_shared_library(kName, TALLYMILL_XLSXWRITER_LIBRARY)) {}

  template <typename Function>
  void find(Function& function, const char* name) const {
    function = reinterpret_cast<Function>(function_of(library_, kName, name));
  }

 private:
  void* library_;
};

WriterLibrary open_library() {
  const Opened opened;
  WriterLibrary library{};
  opened.find(library.new_workbook, "workbook_new_opt");
  opened.find(library.set_properties, "workbook_set_properties");
  opened.find(library.validate_sheet_name, "workbook_validate_sheet_name");
  opened.find(library.add_worksheet, "workbook_add_worksheet");
  opened.find(library.add_format, "workbook_add_format");
  opened.find(library.close, "workbook_close");
  opened.find(library.free, "lxw_workbook_free");
  opened.find(library.problem_text, "lxw_strerror");
  opened.find(library.set_num_format, "format_set_num_format");
  opened.find(library.set_bg_color, "format_set_bg_color");
  opened.find(library.set_bold, "format_set_bold");
  opened.find(library.set_column, "worksheet_set_column");
  opened.find(library.freeze_panes, "worksheet_freeze_panes");
  opened.find(library.write_string, "worksheet_write_string");
  opened.find(library.write_number, "worksheet_write_number");
  opened.find(library.write_blank, "worksheet_write_blank");
  return library;
}

}  // namespace

const WriterLibrary& writer_library() {
  static const WriterLibrary library = open_library();
  return library;
}

}  // namespace tallymill::xlsx
