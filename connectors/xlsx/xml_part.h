#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/files/byte_stream.h"

namespace tallymill::xlsx {

/// The attributes of one element; valid until the call it is passed to returns.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}
  std::optional<std::string_view> find(std::string_view name) const;
  /// Of whatever prefix: "id" finds r:id.
  std::optional<std::string_view> find_prefixed(std::string_view name) const;
  std::string text(std::string_view name) const { return std::string(find(name).value_or("")); }

 private:
  const char** pairs_;
};

/// Takes the events of a part. Names come without their prefix; depth 1 is the root element.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void start(int depth, std::string_view name, const XmlAttributes& attributes) = 0;
  virtual void end(int depth, std::string_view name) = 0;
  virtual void text(std::string_view text) = 0;
};

/// One XML part, parsed block by block. Document types, and so entities of one's own, are refused:
/// no workbook has them, and they can unfold to gigabytes or name other files.
class XmlPart {
 public:
  /// `name` is for messages: "orders.xlsx, part xl/workbook.xml".
  XmlPart(std::string name, std::unique_ptr<ByteStream> bytes, XmlHandler& handler);
  ~XmlPart();
  XmlPart(const XmlPart&) = delete;
  XmlPart& operator=(const XmlPart&) = delete;

  /// Hands the events of the next block to the handler; false at the end. Throws Error(data) if the
  /// part is not well-formed, and what the handler throws.
  bool parse_block();
  void parse() {
    while (parse_block()) {
    }
  }

 private:
  struct Parser;
  std::string name_;
  std::unique_ptr<ByteStream> bytes_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace tallymill::xlsx
