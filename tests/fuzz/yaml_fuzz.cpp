// Any bytes are either refused with a located error or become a document whose positions lie in
// the text, whose keys are found, and which travels through JSON unchanged.

#include <algorithm>
#include <string>

#include "core/yaml.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

namespace {

void look_at(const YamlNode& node, int lines) {
  const SourcePosition where = node.position();
  TALLYMILL_REQUIRE(where.line >= 1 && where.line <= lines);
  TALLYMILL_REQUIRE(where.column >= 1 && where.length >= 1);
  for (std::size_t i = 0; i < node.size(); ++i) {
    TALLYMILL_REQUIRE(node[i]);
    look_at(node[i], lines);
    if (node.is_mapping() && node.key(i).is_scalar())
      TALLYMILL_REQUIRE(node.find(node.key(i).text()));
  }
  (void)node.as_boolean();
  (void)node.as_integer();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("f.yaml", text, diagnostics);
  TALLYMILL_REQUIRE(document != nullptr || diagnostics.has_errors());
  TALLYMILL_REQUIRE(diagnostics.empty() == diagnostics.render().empty());
  if (document == nullptr) return 0;
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
  look_at(document->root(), lines + 1);  // yaml-cpp marks the end of input as a line of its own
  if (diagnostics.has_errors()) return 0;
  const json::value travelled = document->root().to_json();
  // However the text was read, the parser of all of YAML reads the same.
  Diagnostics of_all;
  const auto by_all = YamlDocument::parse_any("f.yaml", document->shared_text(), of_all);
  TALLYMILL_REQUIRE(by_all != nullptr && !of_all.has_errors());
  TALLYMILL_REQUIRE(by_all->root().to_json() == travelled);
  const auto back = YamlDocument::from_json(travelled);
  TALLYMILL_REQUIRE(back->root().canonical() == document->root().canonical());
  TALLYMILL_REQUIRE(back->root().to_json() == travelled);
  return 0;
}
