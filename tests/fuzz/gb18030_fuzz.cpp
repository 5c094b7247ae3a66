// However GB18030 bytes come in pieces they decode alike; what decodes to valid UTF-8 shows as it
// is, and anything shows as valid UTF-8. Detection and signatures take any bytes.

#include <string>
#include <string_view>

#include "connectors/encoding/gb18030.h"
#include "connectors/encoding/text_encoding.h"
#include "core/text.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = 1 + data[0] % 16;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  std::string whole;
  Gb18030Decoder().decode(bytes, true, whole);
  std::string pieces;
  Gb18030Decoder decoder;
  for (std::size_t i = 0; i < bytes.size(); i += piece)
    decoder.decode(bytes.substr(i, piece), i + piece >= bytes.size(), pieces);
  TALLYMILL_REQUIRE(whole == pieces);
  TALLYMILL_REQUIRE(is_valid_utf8(shown_text(whole)));
  TALLYMILL_REQUIRE(is_valid_utf8(shown_text(bytes)));
  if (is_valid_utf8(whole) && whole.find('\0') == std::string::npos)
    TALLYMILL_REQUIRE(shown_text(whole) == whole);
  detect_encoding(bytes);
  looks_like_instead_of_text(bytes);
  TALLYMILL_REQUIRE(invalid_ratio(bytes, TextEncoding::gb18030) <= 1);
  TALLYMILL_REQUIRE(invalid_ratio(bytes, TextEncoding::utf8) <= 1);
  return 0;
}
