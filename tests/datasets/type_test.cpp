#include "datasets/type.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

struct Loaded {
  Diagnostics diagnostics;
  std::shared_ptr<const YamlDocument> document;
  Column column;
};

Loaded load(const std::string& yaml) {
  Loaded loaded;
  loaded.document = YamlDocument::parse("g.yaml", "c: " + yaml + "\n", loaded.diagnostics);
  REQUIRE(loaded.document);
  loaded.column = parse_column("c", loaded.document->root().find("c"), 2, loaded.diagnostics);
  return loaded;
}

std::string problem(const std::string& yaml) {
  const Loaded loaded = load(yaml);
  const auto items = loaded.diagnostics.sorted();
  if (items.empty()) return "";
  return items[0].where.text() + ": " + items[0].message + "; " + items[0].hint;
}

}  // namespace

TEST_CASE("type: every decimal is at least 18 digits wide in DuckDB") {
  CHECK(Type::money(2).sql() == "DECIMAL(18,2)");
  CHECK(Type::decimal(6, 4).sql() == "DECIMAL(18,4)");
  CHECK(Type::decimal(30, 4).sql() == "DECIMAL(30,4)");
  CHECK(Type::ratio().sql() == "DECIMAL(18,9)");
}

TEST_CASE("type: words are read strictly") {
  CHECK(type_from_word("decimal(12, 4)", 2) == Type::decimal(12, 4));
  CHECK(type_from_word("money", 3) == Type::money(3));
  for (const char* word : {"decimal", "decimal(4,5)", "decimal(39,1)", "decimal(a,1)",
                           "decimal(-1,0)", "double", "float", "Money", ""}) {
    CAPTURE(word);
    CHECK_FALSE(type_from_word(word, 2));
  }
}

TEST_CASE("type: a column is a word or a mapping") {
  CHECK(load("money").column.type == Type::money(2));
  const Loaded loaded = load("{ type: enum, values: [a, b], required: true, sensitive: true }");
  CHECK(loaded.diagnostics.empty());
  CHECK(loaded.column.type.values == std::vector<std::string>{"a", "b"});
  CHECK(loaded.column.required);
  CHECK(loaded.column.sensitive);
}

TEST_CASE("type: what is wrong with a column is said where it stands") {
  CHECK(problem("mony") == "g.yaml:1:4: unknown type 'mony'; did you mean 'money'?");
  CHECK(
      problem("enum") ==
      "g.yaml:1:4: an enum needs the list of its values; write c: { type: enum, values: [a, b] }");
  CHECK(problem("{ type: enum, values: [a, a] }") ==
        "g.yaml:1:30: enum value 'a' is listed twice; ");
  CHECK(problem("{ type: text, values: [a] }") ==
        "g.yaml:1:26: 'values' belongs to type enum, not text; ");
}

TEST_CASE("type: a schema survives its JSON") {
  Schema schema;
  schema.columns = {{.name = "k", .type = Type::text(), .required = true},
                    {.name = "a", .type = Type::money(3), .sensitive = true},
                    {.name = "d", .type = Type::decimal(12, 4)},
                    {.name = "e", .type = {TypeKind::enumeration, 0, 0, {"x", "y"}}},
                    {.name = "t", .type = Type::timestamp()}};
  schema.key = {"k"};
  schema.has_provenance = true;
  CHECK(Schema::from_json(schema.to_json()) == schema);
}
