// The quick parser of plain YAML gives the document of the other one, or none.
#include "core/yaml_plain.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <filesystem>

#include "core/files.h"
#include "tests/folders.h"

using namespace tallymill;

namespace {

std::string document_text(const YamlDocument& document) {
  return json::serialize(document.root().to_json());
}

std::string by_plain(const std::string& text) {
  const auto document = parse_plain_yaml("t.yaml", std::make_shared<const std::string>(text));
  return document ? document_text(*document) : "not plain";
}

std::string by_all(const std::string& text) {
  Diagnostics diagnostics;
  const auto document =
      YamlDocument::parse_any("t.yaml", std::make_shared<const std::string>(text), diagnostics);
  return document && diagnostics.empty() ? document_text(*document) : "wrong";
}

void check_same(const std::string& text) {
  CAPTURE(text);
  const std::string plain = by_plain(text);
  if (plain != "not plain") CHECK(plain == by_all(text));
}

/// Pieces that make YAML and near misses of it when thrown together.
rc::Gen<std::string> line() {
  const auto indent = rc::gen::element<std::string>("", " ", "  ", "    ", "      ");
  const auto piece = rc::gen::element<std::string>(
      "a:", "b: 1", "c: [x, y]", "d: { e: 2, f: [g] }", "- a", "- b: 1", "- c:", "-", "- - x",
      "e: \"t\"", "f: 'u' # v", "# note", "", "null", "g: ~", "h: null", "i: a: b", "j: a:b", "k:v",
      "- [a, {b: c}]", "l: []", "m: {}", "n: [a,]", "o: [a b, c ]", "p: -5", "q: - 5", "r: a #b",
      "s: a#b", "null: 1", "t: |", "u: >-", "v: &x y", "w: \"a\\n\"", "x: 'it''s'", "y: [a: b]",
      "z: {a}", "---", "...", "% x", "\"q\": 1", "a b: c", "a : c", "b.c-d: e", "- null", "c: [~]",
      "c: [", "]", "e: $x/(y)", "f: (a) = b", "plain", "f: {a: }", "g: {a: null, b: ~}",
      "h: a: ", "a: b: ", "j: x ", "k: \"\" ", "l: ''", "m: .", "n: /x", "<<: a", "o: 2026-01-31",
      "p: +1", "- -1", "- -a b", "q: [-1, -a]", "r: {a: -1}", "- x: {y: z}", "s: [a, b] c",
      "t: \"a\" b");
  return rc::gen::apply([](std::string a, std::string b) { return a + b; }, indent, piece);
}

}  // namespace

TEST_CASE("yaml plain: every YAML file of the repository comes out the same") {
  int plain = 0;
  for (const char* folder : {"config", "tests", "bench", "docs"}) {
    const std::filesystem::path root = std::filesystem::path(kSourceFolder) / folder;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().extension() != ".yaml") continue;
      const std::string text = read_file(entry.path());
      if (by_plain(text) != "not plain") ++plain;
      check_same(text);
    }
  }
  CHECK(plain > 5);
}

TEST_CASE("yaml plain: what graphs are made of is plain") {
  const std::string graph =
      "graph: g\nperiod: month\njobs:\n  n0:\n    type: noop\n  n1:\n    type: noop\n"
      "    needs: [n0, n2]  # two\n  n3: { type: noop, needs: n1 }\n"
      "  n4:\n    checks:\n    - unique: id\n    - in_set: { column: a, values: [b, \"c\"] }\n";
  CHECK(by_plain(graph) != "not plain");
  check_same(graph);
}

TEST_CASE("yaml plain: what is wrong or more than plain is left to the other parser") {
  for (const char* text :
       {"", "# only a comment\n", "a: 1\n b: 2\n", "a: x\n  y\n", "a: [1,\n  2]\n", "a: 1\na: 2\n",
        "a: \"\\x41\"\n", "---\na: 1\n", "a: |\n  x\n", "a: &x 1\n", "\ta: 1\n", "a:\tb\n",
        "- a\nb: 1\n", "a: 1\n- b\n", "a: b: c\n", "a: \xC3\xA4\n", "text\n", "null: 1\n"}) {
    CAPTURE(std::string(text));
    CHECK(by_plain(text) == "not plain");
  }
}

TEST_CASE("yaml plain: whatever lines are thrown together, both parsers agree") {
  CHECK(rc::check("both parsers agree", [] {
    std::string text;
    for (const std::string& part : *rc::gen::container<std::vector<std::string>>(line()))
      text += part + "\n";
    const std::string plain = by_plain(text);
    RC_TAG(std::string(plain == "not plain" ? "left to the other" : "plain"));
    if (plain != "not plain") RC_ASSERT(plain == by_all(text));
  }));
}
