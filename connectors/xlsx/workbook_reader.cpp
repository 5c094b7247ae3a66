#include "connectors/xlsx/workbook_reader.h"

#include <algorithm>
#include <utility>

#include "connectors/xlsx/sheet_part.h"
#include "connectors/xlsx/workbook_parts.h"
#include "connectors/xlsx/zip_parts.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::xlsx {
namespace {

const SheetPart& find_sheet(const Workbook& workbook, const std::string& sheet,
                            const std::vector<std::string>& names, const std::string& file) {
  if (sheet.empty()) {
    for (const SheetPart& part : workbook.sheets)
      if (!part.is_hidden) return part;
    throw Error(ErrorClass::data, file + " has no sheet of cells that is not hidden");
  }
  for (const SheetPart& part : workbook.sheets)
    if (part.name == sheet) return part;
  const std::string meant = did_you_mean(sheet, names);
  throw Error(
      ErrorClass::data,
      file + " has no sheet '" + sheet + "'; " +
          (meant.empty() ? "it has " + (names.empty() ? "none" : join(names, ", ")) : meant));
}

}  // namespace

struct WorkbookReader::State {
  std::unique_ptr<Parts> parts;
  std::vector<std::string> names;
  std::string sheet;
  std::unique_ptr<SharedStrings> strings;
  std::unique_ptr<SheetPartHandler> handler;
  std::unique_ptr<XmlPart> part;
  bool is_at_end = false;
};

WorkbookReader::WorkbookReader(const std::filesystem::path& file, const std::string& sheet,
                               const Limits& limits)
    : WorkbookReader(std::make_unique<ZipParts>(file, file.filename().string(), limits),
                     file.filename().string(), sheet, limits) {}

WorkbookReader::WorkbookReader(std::unique_ptr<Parts> parts, const std::string& name,
                               const std::string& sheet, const Limits& limits)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.parts = std::move(parts);
  const Workbook workbook = read_workbook_parts(*state.parts, name);
  for (const SheetPart& part : workbook.sheets) state.names.push_back(part.name);
  const SheetPart& chosen = find_sheet(workbook, sheet, state.names, name);
  state.sheet = chosen.name;
  state.strings = std::make_unique<SharedStrings>(name, limits.shared_string_bytes);
  if (!workbook.shared_strings.empty())
    if (auto bytes = state.parts->open(workbook.shared_strings))
      XmlPart(name + ", part " + workbook.shared_strings + ",", std::move(bytes), *state.strings)
          .parse();
  state.handler = std::make_unique<SheetPartHandler>(
      name + ", " + chosen.name, *state.strings,
      read_date_styles(*state.parts, workbook.styles, name), workbook.is_1904, limits);
  auto bytes = state.parts->open(chosen.part);
  if (bytes == nullptr)
    throw Error(ErrorClass::data, name + " lacks its part " + chosen.part + " of sheet '" +
                                      chosen.name + "'; fetch it again");
  state.part = std::make_unique<XmlPart>(name + ", part " + chosen.part + ",", std::move(bytes),
                                         *state.handler);
}

WorkbookReader::~WorkbookReader() = default;

const std::string& WorkbookReader::sheet() const { return state_->sheet; }

const std::vector<std::string>& WorkbookReader::sheets() const { return state_->names; }

bool WorkbookReader::next(Row& row) {
  auto& rows = state_->handler->rows();
  while (rows.empty() && !state_->is_at_end) state_->is_at_end = !state_->part->parse_block();
  if (rows.empty()) return false;
  row = std::move(rows.front());
  rows.pop_front();
  return true;
}

}  // namespace tallymill::xlsx
