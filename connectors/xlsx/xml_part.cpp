#include "connectors/xlsx/xml_part.h"

#include <expat.h>

#include <exception>
#include <utility>

#include "core/error.h"

namespace tallymill::xlsx {
namespace {

constexpr std::size_t kBlockBytes = 65'536;
/// A tag, with its attributes, that does not end for so long is none of a workbook; expat would
/// keep, and look through, all of it again with each block.
constexpr std::int64_t kMostTagBytes = 1 << 20;

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

std::optional<std::string_view> XmlAttributes::find(std::string_view name) const {
  for (const char** at = pairs_; *at != nullptr; at += 2)
    if (name == at[0]) return at[1];
  return std::nullopt;
}

std::optional<std::string_view> XmlAttributes::find_prefixed(std::string_view name) const {
  for (const char** at = pairs_; *at != nullptr; at += 2)
    if (without_prefix(at[0]) == name && name != at[0]) return at[1];
  return std::nullopt;
}

/// Nothing may be thrown through expat, which is C: what a handler throws stops the parser and goes
/// on from parse_block().
struct XmlPart::Parser {
  XML_Parser expat = XML_ParserCreate(nullptr);
  XmlHandler& handler;
  int depth = 0;
  bool has_document_type = false;
  std::exception_ptr thrown;

  explicit Parser(XmlHandler& taker) : handler(taker) {
    if (expat == nullptr) throw std::bad_alloc();
    XML_SetUserData(expat, this);
    XML_SetElementHandler(expat, on_start, on_end);
    XML_SetCharacterDataHandler(expat, on_text);
    XML_SetStartDoctypeDeclHandler(expat, on_document_type);
  }
  ~Parser() { XML_ParserFree(expat); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  template <typename Call>
  void guarded(const Call& call) {
    if (thrown) return;
    try {
      call();
    } catch (...) {
      thrown = std::current_exception();
      XML_StopParser(expat, XML_FALSE);
    }
  }

  static void on_start(void* self, const char* name, const char** attributes) {
    auto& parser = *static_cast<Parser*>(self);
    ++parser.depth;
    parser.guarded([&] {
      parser.handler.start(parser.depth, without_prefix(name), XmlAttributes(attributes));
    });
  }
  static void on_end(void* self, const char* name) {
    auto& parser = *static_cast<Parser*>(self);
    parser.guarded([&] { parser.handler.end(parser.depth, without_prefix(name)); });
    --parser.depth;
  }
  static void on_text(void* self, const char* text, int size) {
    auto& parser = *static_cast<Parser*>(self);
    parser.guarded([&] { parser.handler.text({text, static_cast<std::size_t>(size)}); });
  }
  static void on_document_type(void* self, const char*, const char*, const char*, int) {
    auto& parser = *static_cast<Parser*>(self);
    parser.has_document_type = true;
    XML_StopParser(parser.expat, XML_FALSE);
  }
};

XmlPart::XmlPart(std::string name, std::unique_ptr<ByteStream> bytes, XmlHandler& handler)
    : name_(std::move(name)),
      bytes_(std::move(bytes)),
      parser_(std::make_unique<Parser>(handler)) {}

XmlPart::~XmlPart() = default;

bool XmlPart::parse_block() {
  XML_Parser expat = parser_->expat;
  void* buffer = XML_GetBuffer(expat, static_cast<int>(kBlockBytes));
  if (buffer == nullptr) throw std::bad_alloc();
  const std::size_t size = bytes_->read(static_cast<char*>(buffer), kBlockBytes);
  const XML_Status status = XML_ParseBuffer(expat, static_cast<int>(size), size == 0 ? 1 : 0);
  if (parser_->thrown) std::rethrow_exception(parser_->thrown);
  if (parser_->has_document_type)
    throw Error(ErrorClass::data, name_ +
                                      " declares a document type, which no workbook needs and "
                                      "which can hide what it really holds; it is not read");
  if (status != XML_STATUS_OK)
    throw Error(ErrorClass::data,
                name_ + " is damaged at line " + std::to_string(XML_GetCurrentLineNumber(expat)) +
                    ", column " + std::to_string(XML_GetCurrentColumnNumber(expat) + 1) + ": " +
                    XML_ErrorString(XML_GetErrorCode(expat)) +
                    "; fetch it again, or open it in a spreadsheet and save it");
  int pending = 0;
  int offset = 0;
  if (XML_GetInputContext(expat, &offset, &pending) != nullptr &&
      std::int64_t{pending} - offset > kMostTagBytes)
    throw Error(ErrorClass::data, name_ + " has a tag of over a megabyte; it is not read");
  return size > 0;
}

}  // namespace tallymill::xlsx
