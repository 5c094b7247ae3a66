#include "core/chinese_number.h"

#include <doctest/doctest.h>

#include <map>

using namespace tallymill;

namespace {

std::string read(const std::string& text) {
  const Parsed<std::string> plain = plain_chinese_number(text);
  return plain ? plain.value : std::string(to_string(plain.problem));
}

/// The everyday numeral of 1 to 99,999,999, made apart from the reader.
std::string section_numeral(int value) {
  static const std::vector<std::string> digits{"零", "一", "二", "三", "四",
                                               "五", "六", "七", "八", "九"};
  static const std::vector<std::pair<int, std::string>> units{
      {1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}};
  std::string text;
  bool gap = false;
  for (const auto& [unit, name] : units) {
    const int digit = value / unit % 10;
    if (digit == 0) {
      gap = !text.empty();
      continue;
    }
    if (gap) text += digits[0];
    gap = false;
    text += digits[static_cast<std::size_t>(digit)] + name;
  }
  return text;
}

std::string numeral(int value) {
  const int high = value / 10'000;
  const int low = value % 10'000;
  if (high == 0) return section_numeral(low);
  std::string text = section_numeral(high) + "万";
  if (low == 0) return text;
  return text + (low < 1000 ? "零" : "") + section_numeral(low);
}

}  // namespace

TEST_CASE("chinese number: numbers with units, everyday and financial, of both scripts") {
  const std::map<std::string, std::string> known{{"一百二十三", "123"},
                                                 {"壹佰贰拾叁", "123"},
                                                 {"十", "10"},
                                                 {"十五", "15"},
                                                 {"二十", "20"},
                                                 {"一千零五", "1005"},
                                                 {"两千零五十", "2050"},
                                                 {"一万", "10000"},
                                                 {"一万零五百", "10500"},
                                                 {"一万五千", "15000"},
                                                 {"三億二千萬", "320000000"},
                                                 {"一万亿", "1000000000000"},
                                                 {"負十二", "-12"},
                                                 {"負零", "0"},
                                                 {"零", "0"},
                                                 {"貳拾萬零參", "200003"},
                                                 {"一亿零一", "100000001"},
                                                 {"一百一十", "110"}};
  for (const auto& [text, plain] : known) {
    CAPTURE(text);
    CHECK(read(text) == plain);
  }
}

TEST_CASE("chinese number: digits one by one, a point, percentages") {
  CHECK(read("二〇二四") == "2024");
  CHECK(read("三点一四") == "3.14");
  CHECK(read("一百點五〇") == "100.5");
  CHECK(read("百分之十二") == "0.12");
  CHECK(read("百分之三点五") == "0.035");
  CHECK(read("负百分之一") == "-0.01");
}

TEST_CASE("chinese number: amounts of yuan, jiao and fen") {
  CHECK(read("壹佰贰拾叁元整") == "123");
  CHECK(read("人民币壹佰贰拾叁元肆角伍分") == "123.45");
  CHECK(read("壹佰元零伍分") == "100.05");
  CHECK(read("伍角整") == "0.5");
  CHECK(read("叁分") == "0.03");
  CHECK(read("负壹萬圓正") == "-10000");
  CHECK(read("三点五元") == "3.5");
}

TEST_CASE("chinese number: what has two readings is ambiguous") {
  for (const char* text : {"一百五", "三千二", "一万五", "一亿三", "三块五"}) {
    CAPTURE(text);
    CHECK(read(text) == "ambiguous");
  }
}

TEST_CASE("chinese number: what is no number is none") {
  for (const char* text : {"百",         "一百零", "万",           "亿一",         "十百", "一十十",
                           "五十六七",   "一二百", "零零百",       "点五",         "三点", "元",
                           "元整",       "五分角", "三点五元五角", "一百二十三个", "12",   "百分之",
                           "百分之五元", "负负一", "一角一角",     "五角五角"}) {
    CAPTURE(text);
    CHECK(read(text) == "not_a_number");
  }
  CHECK(read("") == "empty");
  std::string long_one;
  for (int i = 0; i < 65; ++i) long_one += "一";
  CHECK(read(long_one) == "not_a_number");
}

TEST_CASE("chinese number: every written number reads back") {
  for (int value = 1; value < 100'000'000; value += value < 20'000 ? 1 : 9'973) {
    const std::string text = numeral(value);
    if (read(text) != std::to_string(value)) {
      CAPTURE(text);
      CHECK(read(text) == std::to_string(value));
    }
  }
}
