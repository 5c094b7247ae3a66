#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "connectors/xlsx/parts.h"

namespace tallymill::xlsx {

/// A workbook without a ZIP file around it.
class MemoryParts final : public Parts {
 public:
  explicit MemoryParts(std::map<std::string, std::string> parts) : parts_(std::move(parts)) {}

  std::unique_ptr<ByteStream> open(const std::string& name) override {
    const auto found = parts_.find(name);
    return found == parts_.end() ? nullptr : std::make_unique<Bytes>(found->second);
  }

 private:
  class Bytes final : public ByteStream {
   public:
    explicit Bytes(const std::string& bytes) : bytes_(bytes) {}
    std::size_t read(char* to, std::size_t capacity) override {
      const std::size_t size = std::min(capacity, bytes_.size() - at_);
      std::memcpy(to, bytes_.data() + at_, size);
      at_ += size;
      return size;
    }

   private:
    const std::string& bytes_;
    std::size_t at_ = 0;
  };

  std::map<std::string, std::string> parts_;
};

/// One sheet of the rows `data`, with two shared strings and, as style 1, a date.
inline std::map<std::string, std::string> small_workbook(const std::string& data) {
  return {
      {"xl/workbook.xml",
       "<workbook><sheets><sheet name=\"Data\" sheetId=\"1\" r:id=\"rId1\" "
       "xmlns:r=\"r\"/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships><Relationship Id=\"rId1\" Type=\"x/worksheet\" "
       "Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"x/sharedStrings\" "
       "Target=\"sharedStrings.xml\"/><Relationship Id=\"rId3\" Type=\"x/styles\" "
       "Target=\"styles.xml\"/></Relationships>"},
      {"xl/sharedStrings.xml", "<sst><si><t>one</t></si><si><t>two</t></si></sst>"},
      {"xl/styles.xml",
       "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"},
      {"xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + data + "</sheetData></worksheet>"},
  };
}

}  // namespace tallymill::xlsx
