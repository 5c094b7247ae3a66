#include <doctest/doctest.h>

#include "core/options.h"

using namespace tallymill;

namespace {

const std::vector<OptionSpec> kUnique{
    {"columns", OptionKind::columns, "Columns of the key.", true},
    {"where", OptionKind::expression, "Rows to look at."},
};
const std::vector<OptionSpec> kForeignKey{
    {"column", OptionKind::columns, "Column to look up.", true},
    {"references", OptionKind::name, "Where its values are.", true},
};

std::shared_ptr<const YamlDocument> load(std::string text) {
  Diagnostics diagnostics;
  auto document = YamlDocument::parse("t.yaml", std::move(text), diagnostics);
  REQUIRE(diagnostics.empty());
  return document;
}

std::string problems_of(const std::string& text, const std::vector<OptionSpec>& specs,
                        std::string_view main) {
  const auto document = load(text);
  Diagnostics diagnostics;
  validate_unit_options(document->root().find("unit"), specs, main, "check 'unique'", diagnostics);
  return diagnostics.render();
}

}  // namespace

TEST_CASE("unit options: the main option may stand for the mapping") {
  CHECK(problems_of("unit: [a, b]", kUnique, "columns").empty());
  CHECK(problems_of("unit: a", kUnique, "columns").empty());
  CHECK(problems_of("unit: { columns: [a, b], where: a > 0 }", kUnique, "columns").empty());

  const auto document = load("unit: [a, b]");
  const Options options(document->root().find("unit"), "columns");
  CHECK(options.columns("columns") == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(options.has("where"));
  CHECK(options.position("columns").text() == "t.yaml:1:7");
}

TEST_CASE("unit options: what stands for the mapping is validated like the main option") {
  CHECK(problems_of("unit: []", kUnique, "columns") ==
        "t.yaml:1:7: error: check 'unique' must name at least one column\n");
}

TEST_CASE("unit options: the main option alone does not hide another that is required") {
  CHECK(problems_of("unit: a", kForeignKey, "column") ==
        "t.yaml:1:7: error: check 'unique' lacks the option 'references'; 'references' is: Where "
        "its values are\n");
}

TEST_CASE("unit options: a unit without a main option takes a mapping only") {
  CHECK(problems_of("unit: a", kUnique, "") ==
        "t.yaml:1:7: error: check 'unique' must be a mapping of options, got 'a'\n");
  CHECK(
      problems_of("unit:", kUnique, "columns") ==
      "t.yaml:1:1: error: check 'unique' lacks the option 'columns'; 'columns' is: Columns of the "
      "key\n");
}

TEST_CASE("unit options: the JSON Schema offers the short form where it is enough") {
  CHECK(unit_options_schema(kUnique, "columns").contains("anyOf"));
  CHECK_FALSE(unit_options_schema(kForeignKey, "column").contains("anyOf"));
  CHECK_FALSE(unit_options_schema(kUnique, "").contains("anyOf"));
}
