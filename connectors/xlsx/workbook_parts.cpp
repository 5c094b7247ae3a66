#include "connectors/xlsx/workbook_parts.h"

#include <charconv>
#include <map>
#include <utility>

#include "connectors/xlsx/xml_part.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::xlsx {
namespace {

struct Relation {
  std::string type;  ///< the last word of its URI: "worksheet"
  std::string part;
  bool is_external = false;
};

/// `target` as a part's name, seen from the folder of part `from`.
std::string resolved(const std::string& from, const std::string& target) {
  std::vector<std::string> path;
  if (!target.starts_with('/')) {
    path = split(from, '/');
    path.pop_back();
  }
  for (std::string& step : split(target, '/')) {
    if (step == ".." && !path.empty())
      path.pop_back();
    else if (!step.empty() && step != "." && step != "..")
      path.push_back(std::move(step));
  }
  return join(path, "/");
}

/// Of part `from`, by id.
class Relations final : public XmlHandler {
 public:
  explicit Relations(std::string from) : from_(std::move(from)) {}

  std::map<std::string, Relation> by_id;

  void start(int depth, std::string_view name, const XmlAttributes& attributes) override {
    if (depth != 2 || name != "Relationship") return;
    const std::string type = attributes.text("Type");
    by_id[attributes.text("Id")] = {type.substr(type.rfind('/') + 1),
                                    resolved(from_, attributes.text("Target")),
                                    attributes.text("TargetMode") == "External"};
  }
  void end(int, std::string_view) override {}
  void text(std::string_view) override {}

 private:
  std::string from_;
};

std::string relations_part(const std::string& part) {
  const std::size_t slash = part.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  return part.substr(0, name) + "_rels/" + part.substr(name) + ".rels";
}

bool parse_if_there(Parts& parts, const std::string& part, const std::string& name,
                    XmlHandler& handler) {
  auto bytes = parts.open(part);
  if (bytes == nullptr) return false;
  XmlPart(name + ", part " + part + ",", std::move(bytes), handler).parse();
  return true;
}

std::map<std::string, Relation> relations_of(Parts& parts, const std::string& part,
                                             const std::string& name) {
  Relations relations(part);
  parse_if_there(parts, relations_part(part), name, relations);
  return std::move(relations.by_id);
}

/// xl/workbook.xml: its sheets still without their parts.
class WorkbookPart final : public XmlHandler {
 public:
  struct Entry {
    std::string name;
    std::string id;
    bool is_hidden = false;
  };
  std::vector<Entry> entries;
  bool is_1904 = false;
  bool is_workbook = false;

  void start(int depth, std::string_view name, const XmlAttributes& attributes) override {
    if (depth == 1) is_workbook = name == "workbook";
    if (depth == 2 && name == "workbookPr") {
      const std::string flag = attributes.text("date1904");
      is_1904 = flag == "1" || flag == "true" || flag == "on";
    }
    if (depth == 2) is_in_sheets_ = name == "sheets";
    if (depth == 3 && is_in_sheets_ && name == "sheet")
      entries.push_back({attributes.text("name"),
                         std::string(attributes.find_prefixed("id").value_or("")),
                         attributes.find("state").value_or("visible") != "visible"});
  }
  void end(int, std::string_view) override {}
  void text(std::string_view) override {}

 private:
  bool is_in_sheets_ = false;
};

class StylesPart final : public XmlHandler {
 public:
  std::vector<DateStyle> styles;

  void start(int depth, std::string_view name, const XmlAttributes& attributes) override {
    if (depth == 2) group_ = name;
    if (depth != 3) return;
    if (group_ == "numFmts" && name == "numFmt")
      codes_[number(attributes.text("numFmtId"))] = date_style_of(attributes.text("formatCode"));
    if (group_ == "cellXfs" && name == "xf") {
      const int format = number(attributes.text("numFmtId"));
      const auto own = codes_.find(format);
      styles.push_back(own != codes_.end() ? own->second : built_in_date_style(format));
    }
  }
  void end(int, std::string_view) override {}
  void text(std::string_view) override {}

 private:
  static int number(const std::string& text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }

  std::string group_;
  std::map<int, DateStyle> codes_;
};

[[noreturn]] void throw_no_workbook(Parts& parts, const std::string& name) {
  std::string what = "is a ZIP file, but no workbook; save it as .xlsx";
  if (parts.open("xl/workbook.bin") != nullptr)
    what = "is a binary workbook (.xlsb); save it as .xlsx";
  else if (parts.open("content.xml") != nullptr)
    what = "is an OpenDocument file; save it as .xlsx";
  throw Error(ErrorClass::data, name + " " + what);
}

}  // namespace

Workbook read_workbook_parts(Parts& parts, const std::string& name) {
  std::string part = "xl/workbook.xml";
  for (const auto& [id, relation] : relations_of(parts, "", name))
    if (relation.type == "officeDocument" && !relation.is_external) part = relation.part;
  WorkbookPart found;
  if (!parse_if_there(parts, part, name, found) || !found.is_workbook)
    throw_no_workbook(parts, name);
  Workbook workbook;
  workbook.is_1904 = found.is_1904;
  const auto relations = relations_of(parts, part, name);
  for (const auto& [id, relation] : relations) {
    if (relation.is_external) continue;
    if (relation.type == "sharedStrings") workbook.shared_strings = relation.part;
    if (relation.type == "styles") workbook.styles = relation.part;
  }
  for (WorkbookPart::Entry& entry : found.entries) {
    const auto relation = relations.find(entry.id);
    if (relation != relations.end() && relation->second.type == "worksheet" &&
        !relation->second.is_external)
      workbook.sheets.push_back({std::move(entry.name), relation->second.part, entry.is_hidden});
  }
  return workbook;
}

std::vector<DateStyle> read_date_styles(Parts& parts, const std::string& part,
                                        const std::string& name) {
  StylesPart styles;
  if (!part.empty()) parse_if_there(parts, part, name, styles);
  return std::move(styles.styles);
}

}  // namespace tallymill::xlsx
