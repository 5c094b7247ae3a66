#include "core/time/written_date.h"

#include <doctest/doctest.h>

#include <map>

using namespace tallymill;

namespace {

std::string read(const std::string& text, const std::vector<std::string>& forms,
                 bool takes_first = false) {
  const Parsed<Date> date = WrittenDate(forms).parse(fold_date(text), takes_first);
  return date ? date.value.text() : std::string(to_string(date.problem));
}

const std::vector<std::string> kForms{"%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"};

}  // namespace

TEST_CASE("written date: one day in many forms") {
  for (const char* text :
       {"2024-03-01", "2024/3/1", "20240301", "2024年3月1日", "2024年03月01号",
        "二〇二四年三月一日", "二零二四年三月一號", "民国113年3月1日", "民國一一三年三月一日"}) {
    CAPTURE(text);
    CHECK(read(text, kForms) == "2024-03-01");
  }
}

TEST_CASE("written date: Chinese numerals of months and days") {
  const std::map<std::string, std::string> known{
      {"二〇二四年十月十日", "2024-10-10"},   {"二〇二四年十二月二十日", "2024-12-20"},
      {"二〇二四年元月廿一日", "2024-01-21"}, {"二〇二四年十二月三十一日", "2024-12-31"},
      {"二〇二四年一月卅一日", "2024-01-31"}, {"贰零贰肆年叁月十五日", "2024-03-15"}};
  for (const auto& [text, day] : known) {
    CAPTURE(text);
    CHECK(read(text, kForms) == day);
  }
}

TEST_CASE("written date: days that do not exist and other texts are no dates") {
  for (const char* text :
       {"2024-02-30", "2024-13-01", "24年3月1日", "三月一日", "二〇二四年十十月一日", "2024-03-01x",
        "二〇二四年二十二月一日", "二〇二四年三月二十零日", "民国年1月1日", "not a date"}) {
    CAPTURE(text);
    CHECK(read(text, kForms) == "not_a_date");
  }
  CHECK(read("", kForms) == "empty");
}

TEST_CASE("written date: a text that two forms read as two days is ambiguous") {
  const std::vector<std::string> both{"%d/%m/%Y", "%m/%d/%Y"};
  CHECK(read("03/04/2024", both) == "ambiguous");
  CHECK(read("03/04/2024", both, true) == "2024-04-03");
  CHECK(read("25/12/2024", both) == "2024-12-25");
  CHECK(read("12/25/2024", both) == "2024-12-25");
  CHECK(read("05/05/2024", both) == "2024-05-05");
}

TEST_CASE("written date: numbers of spreadsheets and clocks") {
  CHECK(read("45352", {"excel"}) == "2024-03-01");
  CHECK(read("61", {"excel"}) == "1900-03-01");
  CHECK(read("60", {"excel"}) == "not_a_date");
  CHECK(read("1709251199", {"epoch_s"}) == "2024-02-29");
  CHECK(read("1709251200", {"epoch_s"}) == "2024-03-01");
  CHECK(read("-1", {"epoch_s"}) == "1969-12-31");
  CHECK(read("1709251200000", {"epoch_ms"}) == "2024-03-01");
  CHECK(read("9223372036854775807", {"epoch_s"}) == "not_a_date");
  CHECK(read("20240301", {"%Y%m%d", "epoch_s"}) == "ambiguous");
}

TEST_CASE("written date: a form must say a whole day") {
  CHECK(WrittenDate::form_problem("%Y-%m-%d") == "");
  CHECK(WrittenDate::form_problem("excel") == "");
  CHECK(WrittenDate::form_problem("%Y-%m") ==
        "the pattern has no '%d'; a date needs %Y, %m and %d");
}
