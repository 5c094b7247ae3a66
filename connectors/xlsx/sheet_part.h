#pragma once

#include <deque>
#include <string>
#include <vector>

#include "connectors/xlsx/shared_strings.h"
#include "connectors/xlsx/sheet.h"
#include "connectors/xlsx/stored_number.h"
#include "connectors/xlsx/xml_part.h"

namespace tallymill::xlsx {

/// Makes rows of the events of a sheet's part.
class SheetPartHandler final : public XmlHandler {
 public:
  /// `place` is file and sheet, for messages: "orders.xlsx, Orders". The strings outlive it.
  SheetPartHandler(std::string place, const SharedStrings& strings, std::vector<DateStyle> styles,
                   bool is_1904, const Limits& limits);

  /// Complete rows that hold something, in order; the caller takes them out.
  std::deque<Row>& rows() { return rows_; }

  void start(int depth, std::string_view name, const XmlAttributes& attributes) override;
  void end(int depth, std::string_view name) override;
  void text(std::string_view text) override;

 private:
  /// What a cell's element says, before it is a value.
  struct Stored {
    std::string type;
    std::size_t style = 0;
    bool has_formula = false;
    bool has_value = false;
    std::string value;
  };

  void start_row(const XmlAttributes& attributes);
  void start_cell(const XmlAttributes& attributes);
  void end_cell();
  void set_value(Cell& cell);
  void set_number(Cell& cell) const;
  void require_cell_bytes(std::size_t size) const;
  [[noreturn]] void fail_number(std::string_view written) const;
  [[noreturn]] void fail(const std::string& what) const;

  std::string place_;
  const SharedStrings& strings_;
  std::vector<DateStyle> styles_;
  bool is_1904_;
  Limits limits_;

  std::deque<Row> rows_;
  Row row_;
  std::size_t next_column_ = 0;
  Stored stored_;
  bool is_in_data_ = false;
  bool is_in_row_ = false;
  bool is_in_cell_ = false;
  bool is_inline_ = false;
  bool is_run_ = false;
  bool is_text_ = false;
};

}  // namespace tallymill::xlsx
