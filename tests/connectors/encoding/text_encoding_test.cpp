#include "connectors/encoding/text_encoding.h"

#include <doctest/doctest.h>

#include "connectors/encoding/gb18030.h"

using namespace tallymill;

namespace {

const std::string kChinese =
    "交易时间,交易分类,交易对方,金额\n2023-01-18,转账红包,小王,28.50\n2023-01-19,日用百货,超市,9."
    "90\n";

}  // namespace

TEST_CASE("encoding: UTF-8 and GB18030 are told apart by their text") {
  CHECK(detect_encoding(kChinese) == TextEncoding::utf8);
  CHECK(detect_encoding(encode_gb18030(kChinese)) == TextEncoding::gb18030);
  CHECK(detect_encoding("plain,ascii\n1,2\n") == TextEncoding::utf8);
  CHECK(detect_encoding(encode_gb18030("中\n")) == TextEncoding::gb18030);
}

TEST_CASE("encoding: a sample may end within a character") {
  for (std::size_t cut = 1; cut < 4; ++cut) {
    CAPTURE(cut);
    CHECK(detect_encoding(kChinese.substr(0, kChinese.size() - 10 - cut)) == TextEncoding::utf8);
    const std::string gbk = encode_gb18030(kChinese);
    CHECK(detect_encoding(gbk.substr(0, gbk.size() - 10 - cut)) == TextEncoding::gb18030);
  }
}

TEST_CASE("encoding: UTF-8 with a broken byte stays UTF-8, Latin-1 does not become Chinese") {
  std::string broken = kChinese;
  broken[3] = '\xFF';
  CHECK(detect_encoding(broken) == TextEncoding::utf8);
  CHECK(detect_encoding("caf\xE9,1\nna\xEF,2\n") == TextEncoding::utf8);
}

TEST_CASE("encoding: what is no text is named") {
  CHECK(looks_like_instead_of_text("a,b\n1,2\n").empty());
  CHECK(looks_like_instead_of_text("PAR1,is a word\n").empty());
  CHECK(looks_like_instead_of_text({"PK\x03\x04\x14\0", 6}) == "a ZIP archive or an XLSX workbook");
  CHECK(looks_like_instead_of_text({"SQLite format 3\0\x10", 17}) == "a SQLite database");
  CHECK(looks_like_instead_of_text({"\xFF\xFE"
                                    "a\0,\0b\0",
                                    8}) == "UTF-16 text; save it as UTF-8");
  CHECK(looks_like_instead_of_text({"a\0,\0b\0,\0c\0\n\0", 12}) == "UTF-16 text; save it as UTF-8");
  CHECK(looks_like_instead_of_text({"abc\0def", 7}) == "binary data (it holds NUL bytes)");
  CHECK(looks_like_instead_of_text("%PDF-1.7\n") == "a PDF document");
}

TEST_CASE("encoding: the share of invalid bytes is measured by the encoding at hand") {
  CHECK(invalid_ratio(kChinese, TextEncoding::utf8) == 0);
  CHECK(invalid_ratio(encode_gb18030(kChinese), TextEncoding::gb18030) == 0);
  CHECK(invalid_ratio(encode_gb18030(kChinese), TextEncoding::utf8) > 0.3);
  CHECK(is_surely_utf8(kChinese));
  CHECK_FALSE(is_surely_utf8(encode_gb18030(kChinese)));
}
