#include "core/sheet_cell.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <vector>

using namespace tallymill;

namespace {

/// Texts of what a guard is about, so that beginnings of all kinds turn up.
rc::Gen<std::string> any_text() {
  const auto part = rc::gen::elementOf(std::vector<std::string>{"'", "'", "=", "+", "-", "@", "\t",
                                                                "\r", "\n", "＝", "＋", "－", "＠",
                                                                "1", "a", " ", "\"", ",", "张"});
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(part),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const std::string& one : parts) text += one;
                        return text;
                      });
}

bool begins_formula(const std::string& text) {
  for (const char* start : {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"})
    if (text.starts_with(start)) return true;
  return false;
}

}  // namespace

TEST_CASE("sheet cells: a text that would run as a formula gets an apostrophe, no other does") {
  CHECK(guarded_cell("=1+1") == "'=1+1");
  CHECK(guarded_cell("-5") == "'-5");
  CHECK(guarded_cell("＝cmd") == "'＝cmd");
  CHECK(guarded_cell("'=1") == "''=1");
  CHECK(guarded_cell("O'Neil") == "O'Neil");
  CHECK(guarded_cell("'quoted'") == "'quoted'");
  CHECK(guarded_cell("'") == "'");
  CHECK(guarded_cell("") == "");
  CHECK(guarded_cell("a=b") == "a=b");
}

TEST_CASE("sheet cells: what a person writes is taken literally") {
  CHECK(unguarded_cell("=1+1") == "=1+1");
  CHECK(unguarded_cell("'=1+1") == "=1+1");
  CHECK(unguarded_cell("''=1+1") == "'=1+1");
  CHECK(unguarded_cell("'s-Gravenhage") == "'s-Gravenhage");
  CHECK(unguarded_cell("'") == "'");
}

TEST_CASE("law: a guarded cell is never a formula, and comes back as the text it was") {
  const bool holds = rc::check("guards come off", [] {
    const std::string text = *any_text();
    const std::string cell = guarded_cell(text);
    RC_ASSERT(!begins_formula(cell));
    RC_ASSERT(unguarded_cell(cell) == text);
  });
  CHECK(holds);
}
