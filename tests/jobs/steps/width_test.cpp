#include <doctest/doctest.h>

#include "jobs/text_functions.h"
#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("width: every full-width form becomes the ASCII character it stands for") {
  for (int code = 0x21; code <= 0x7E; ++code) {
    const int wide = code + 0xFEE0;
    const std::string utf8{static_cast<char>(0xE0 | (wide >> 12)),
                           static_cast<char>(0x80 | ((wide >> 6) & 0x3F)),
                           static_cast<char>(0x80 | (wide & 0x3F))};
    CAPTURE(code);
    CHECK(to_half_width(utf8) == std::string(1, static_cast<char>(code)));
  }
  CHECK(to_half_width("Ｋ０１\xE3\x80\x80０１") == "K01 01");
}

TEST_CASE("width: what only looks alike stays") {
  // U+FF00 does not exist, U+FF5F is a white parenthesis, U+FFE5 a yen sign.
  for (const char* text : {"\xEF\xBC\x80", "\xEF\xBD\x9F", "￥", "“”", "中文", "half", ""})
    CHECK(to_half_width(text) == text);
}

TEST_CASE("width: a text cut inside a character comes back as it is") {
  CHECK(to_half_width("a\xEF\xBC") == "a\xEF\xBC");
}

TEST_CASE("width: columns are folded, missing values stay missing") {
  JobFixture job;
  add_rows(job, "rows", "('Ｋ０１', 1), (NULL, 2), ('K01', 3)",
           columns_of({text_column("centre"), integer_column("n")}));
  job.set_steps("  - width: [centre]\n");
  job.run();
  CHECK(job.rows("clean", "n, centre") == Lines{"1|K01", "2|-", "3|K01"});
}
