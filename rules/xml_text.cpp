#include "rules/xml_text.h"

#include <expat.h>

#include <memory>
#include <new>

namespace tallymill {
namespace {

constexpr char kSeparator = '\n';  ///< between a namespace and a local name

struct Root {
  std::string name;
  bool is_seen = false;
};

void XMLCALL begin_element(void* data, const XML_Char* name, const XML_Char**) {
  auto* root = static_cast<Root*>(data);
  if (root->is_seen) return;
  root->is_seen = true;
  const std::string_view full(name);
  const std::size_t separator = full.rfind(kSeparator);
  root->name = full.substr(separator == std::string_view::npos ? 0 : separator + 1);
}

}  // namespace

bool is_xml(std::string_view text, const std::string& root) {
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
      XML_ParserCreateNS("UTF-8", kSeparator), &XML_ParserFree);
  if (parser == nullptr) throw std::bad_alloc();
  Root first;
  XML_SetUserData(parser.get(), &first);
  XML_SetStartElementHandler(parser.get(), begin_element);
  if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) !=
      XML_STATUS_OK)
    return false;
  return root.empty() || first.name == root;
}

}  // namespace tallymill
