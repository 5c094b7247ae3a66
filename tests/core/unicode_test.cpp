#include "core/unicode.h"

#include <doctest/doctest.h>

#include "core/utf8.h"

using namespace tallymill;

namespace {

std::string utf8_of(char32_t code) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
  if (code < 0x10000)
    return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
  return {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 0x3F)),
          byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
}

/// Every character of the first three planes, a thousand or so in each text.
std::vector<std::string> all_characters() {
  std::vector<std::string> texts(1);
  for (char32_t code = 1; code < 0x30000; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    if (texts.back().size() > 4096) texts.emplace_back();
    texts.back() += utf8_of(code);
  }
  return texts;
}

}  // namespace

TEST_CASE("unicode: NFC composes, NFKC also makes plain what only looks different") {
  CHECK(normalize_unicode("e\xCC\x81", UnicodeForm::nfc) == "é");
  CHECK(normalize_unicode("①Ⅳﬁ２", UnicodeForm::nfc) == "①Ⅳﬁ２");
  CHECK(normalize_unicode("①Ⅳﬁ２", UnicodeForm::nfkc) == "1IVfi2");
  CHECK(normalize_unicode("", UnicodeForm::nfkc) == "");
}

TEST_CASE("unicode: a result much longer than its text is whole") {
  const std::string ligature = utf8_of(0xFDFA);
  std::string many;
  for (int i = 0; i < 20; ++i) many += ligature;
  const std::string one = normalize_unicode(ligature, UnicodeForm::nfkc);
  CHECK(count_characters(one) == 18);
  CHECK(normalize_unicode(many, UnicodeForm::nfkc).size() == 20 * one.size());
}

TEST_CASE("unicode: what is in a normal form stays") {
  for (const std::string& text : all_characters())
    for (const UnicodeForm form : {UnicodeForm::nfc, UnicodeForm::nfkc}) {
      const std::string once = normalize_unicode(text, form);
      CHECK(normalize_unicode(once, form) == once);
    }
}

TEST_CASE("unicode: names of companies in the two scripts") {
  CHECK(to_script("電信股份有限公司廣東分公司", ChineseScript::simplified) ==
        "电信股份有限公司广东分公司");
  CHECK(to_script("中国电信 GZ-1", ChineseScript::traditional) == "中國電信 GZ-1");
}

TEST_CASE("unicode: to traditional knows words") {
  CHECK(to_script("头发发展", ChineseScript::traditional) == "頭髮發展");
  CHECK(to_script("皇后后面", ChineseScript::traditional) == "皇后後面");
}

TEST_CASE("unicode: quotation marks, kana and other letters are no Chinese characters") {
  for (const ChineseScript script : {ChineseScript::simplified, ChineseScript::traditional})
    CHECK(to_script("「カナ」“a”𠮷", script) == "「カナ」“a”𠮷");
}

TEST_CASE("unicode: what is of a script stays, also where ICU goes round in a circle") {
  CHECK(to_script("薴苧苎", ChineseScript::simplified) == "苎苎苎");
  for (const std::string& text : all_characters())
    for (const ChineseScript script : {ChineseScript::simplified, ChineseScript::traditional}) {
      const std::string once = to_script(text, script);
      CHECK(to_script(once, script) == once);
    }
}

TEST_CASE("unicode: white space and what nobody sees are different things") {
  for (const char32_t code : {U' ', U'\t', U'\n', U'\u00A0', U'\u2003', U'\u3000'}) {
    CHECK(is_white_space(code));
    CHECK_FALSE(is_invisible(code));
  }
  for (const char32_t code : {U'\0', U'\u007F', U'\u00AD', U'\u200B', U'\u202E', U'\uFEFF'}) {
    CHECK(is_invisible(code));
    CHECK_FALSE(is_white_space(code));
  }
  for (const char32_t code : {U'a', U'中', U'\u2019', U'\uFE0F'}) {
    CHECK_FALSE(is_white_space(code));
    CHECK_FALSE(is_invisible(code));
  }
}
