#include "cli/run_words.h"

#include <doctest/doctest.h>

using namespace tallymill;

TEST_CASE("run words: what people are to type is typed as a shell takes it") {
  CHECK(shell_word("city=beijing") == "city=beijing");
  CHECK(shell_word("city=北京") == "city=北京");
  CHECK(shell_word("city=north east") == "'city=north east'");
  CHECK(shell_word("city=a;rm") == "'city=a;rm'");
  CHECK(shell_word("city=o'hara $x") == "'city=o'\\''hara $x'");
  CHECK(shell_word("") == "''");
}
