#include "core/yaml.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace tallymill;

namespace {

std::shared_ptr<const YamlDocument> parsed(std::string text) {
  Diagnostics diagnostics;
  auto document = YamlDocument::parse("g.yaml", std::move(text), diagnostics);
  CHECK(diagnostics.render() == "");
  REQUIRE(document != nullptr);
  return document;
}

std::string problems_of(std::string text) {
  Diagnostics diagnostics;
  YamlDocument::parse("g.yaml", std::move(text), diagnostics);
  return diagnostics.render();
}

std::string place_of(const YamlNode& node) {
  return node.position().text() + "+" + std::to_string(node.position().length);
}

}  // namespace

TEST_CASE("yaml: kinds, texts and positions of a small graph") {
  const auto document = parsed(
      "graph: cost\n"
      "jobs:\n"
      "  load:\n"
      "    key: [a, \"b c\"]\n"
      "    empty:\n"
      "    tilde: ~\n");
  const YamlNode root = document->root();
  REQUIRE(root.is_mapping());
  CHECK(root.size() == 2);
  CHECK(root.find("graph").text() == "cost");
  CHECK(place_of(root.find("graph")) == "g.yaml:1:8+4");
  CHECK(root.key(1).text() == "jobs");
  CHECK(place_of(root.key(1)) == "g.yaml:2:1+4");
  const YamlNode load = root.find("jobs").find("load");
  const YamlNode key = load.find("key");
  REQUIRE(key.is_sequence());
  CHECK(key.kind_name() == "list");
  CHECK(key.size() == 2);
  CHECK(key[0].text() == "a");
  CHECK_FALSE(key[0].is_quoted());
  CHECK(key[1].text() == "b c");
  CHECK(key[1].is_quoted());
  CHECK(place_of(key[1]) == "g.yaml:4:14+5");
  CHECK(load.find("empty").is_null());
  CHECK(load.find("tilde").is_null());
  CHECK(load.find("tilde").kind_name() == "nothing");
  CHECK_FALSE(load.find("absent"));
  CHECK_FALSE(load.find("absent").find("deeper"));
}

TEST_CASE("yaml: positions are right after wide characters, CRLF and a byte order mark") {
  const auto document = parsed("\xEF\xBB\xBF名字: 成本\r\nlist: [甲, 乙, \"丙\"]\r\n");
  CHECK(place_of(document->root().find("名字")) == "g.yaml:1:5+2");
  const YamlNode list = document->root().find("list");
  CHECK(place_of(list[1]) == "g.yaml:2:11+1");
  CHECK(place_of(list[2]) == "g.yaml:2:14+3");
  CHECK(list[2].text() == "丙");
}

TEST_CASE("yaml: an empty file and a file of comments are documents with a null root") {
  CHECK(parsed("")->root().is_null());
  CHECK(parsed("# nothing yet\n")->root().is_null());
}

TEST_CASE("yaml: block texts are quoted texts") {
  const auto document = parsed("sql: |\n  select 1\n  from t\nfolded: >-\n  a\n  b\n");
  CHECK(document->root().find("sql").text() == "select 1\nfrom t\n");
  CHECK(document->root().find("sql").is_quoted());
  CHECK(document->root().find("folded").text() == "a b");
}

TEST_CASE("yaml: only the booleans of YAML 1.2 are booleans") {
  const auto document = parsed("[true, False, yes, on, 'true', TRUE]");
  const YamlNode root = document->root();
  CHECK(root[0].as_boolean() == true);
  CHECK(root[1].as_boolean() == false);
  CHECK(root[2].as_boolean() == std::nullopt);
  CHECK(root[3].as_boolean() == std::nullopt);
  CHECK(root[4].as_boolean() == std::nullopt);
  CHECK(root[5].as_boolean() == true);
}

TEST_CASE("yaml: integers are decimal, 010 is ten") {
  const auto document = parsed(
      "[010, -3, +4, 0x10, 1_000, 9223372036854775807, 9223372036854775808, '5', +-1, 1.0, "
      "-9223372036854775808]");
  const YamlNode root = document->root();
  CHECK(root[0].as_integer() == 10);
  CHECK(root[1].as_integer() == -3);
  CHECK(root[2].as_integer() == 4);
  CHECK(root[3].as_integer() == std::nullopt);
  CHECK(root[4].as_integer() == std::nullopt);
  CHECK(root[5].as_integer() == INT64_MAX);
  CHECK(root[6].as_integer() == std::nullopt);
  CHECK(root[7].as_integer() == std::nullopt);
  CHECK(root[8].as_integer() == std::nullopt);
  CHECK(root[9].as_integer() == std::nullopt);
  CHECK(root[10].as_integer() == INT64_MIN);
}

TEST_CASE("yaml: a duplicate key is reported where it stands the second time") {
  CHECK(problems_of("jobs:\n  a: 1\n  b: 2\n  a: 3\n") ==
        "g.yaml:4:3: error: duplicate key 'a'; it stands already in line 2\n"
        "    4 |   a: 3\n"
        "      |   ^\n");
}

TEST_CASE("yaml: duplicates are found in big mappings too, and the first one counts") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "k" + std::to_string(i) + ": " + std::to_string(i) + "\n";
  text += "k42: again\n";
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("g.yaml", text, diagnostics);
  REQUIRE(document != nullptr);
  REQUIRE(diagnostics.sorted().size() == 1);
  CHECK(diagnostics.sorted()[0].message == "duplicate key 'k42'");
  CHECK(document->root().find("k42").text() == "42");
  for (int i = 0; i < 100; ++i)
    CHECK(document->root().find("k" + std::to_string(i)).as_integer() == i);
  CHECK_FALSE(document->root().find("k100"));
  CHECK_FALSE(document->root().find(""));
}

TEST_CASE("yaml: the empty text is a key like any other, also among keys that are no text") {
  std::string small = "'': 1\n~: 2\n[x]: 3\n";
  std::string big = small;
  for (int i = 0; i < 20; ++i) big += "k" + std::to_string(i) + ": 0\n";
  for (const std::string& text : {small, big}) {
    Diagnostics diagnostics;
    const auto document = YamlDocument::parse("g.yaml", text, diagnostics);
    REQUIRE(document != nullptr);
    CHECK(diagnostics.sorted().size() == 2);
    CHECK(document->root().find("").as_integer() == 1);
    CHECK(problems_of(text + "\"\": 4\n").find("duplicate key ''; it stands already in line 1") !=
          std::string::npos);
  }
}

TEST_CASE("yaml: what a graph does not need is refused with its place") {
  CHECK(problems_of("a: &x 1\nb: *x\n") ==
        "g.yaml:1:4: error: anchors ('&x') are not supported; write the value out, or use the "
        "graph's defaults and params\n"
        "    1 | a: &x 1\n"
        "      |    ^\n"
        "g.yaml:2:4: error: aliases ('*name') are not supported; write the value out, or use the "
        "graph's defaults and params\n"
        "    2 | b: *x\n"
        "      |    ^\n");
  CHECK(problems_of("a: {<<: {b: 1}}\n") ==
        "g.yaml:1:5: error: merge keys ('<<') are not supported; write the keys out, or use the "
        "graph's defaults and params\n"
        "    1 | a: {<<: {b: 1}}\n"
        "      |     ^~\n");
  CHECK(problems_of("a: !money 12.00\n") ==
        "g.yaml:1:4: error: tag '!money' is not supported here; remove the tag\n"
        "    1 | a: !money 12.00\n"
        "      |    ^\n");
  CHECK(problems_of("a: !!binary 12\n").find("error: tag '!!binary' is not supported here") !=
        std::string::npos);
  CHECK(problems_of("a: 1\n---\nb: 2\n") ==
        "g.yaml:2:1: error: a second YAML document starts here; keep one document per file\n"
        "    2 | ---\n"
        "      | ^\n");
  CHECK(problems_of("[a, b]: 1\n") ==
        "g.yaml:1:1: error: a key must be text, got a list\n"
        "    1 | [a, b]: 1\n"
        "      | ^\n");
  CHECK(problems_of("~: 1\n") ==
        "g.yaml:1:1: error: a key must be text, got nothing\n"
        "    1 | ~: 1\n"
        "      | ^\n");
}

TEST_CASE("yaml: core tags are understood") {
  const auto document = parsed("[!!str 12, !!int 12, !!null '', !!seq [a], !!map {a: b}]");
  CHECK(document->root()[0].is_quoted());
  CHECK(document->root()[1].as_integer() == 12);
  CHECK(document->root()[2].is_null());
  CHECK(document->root()[3].is_sequence());
  CHECK(document->root()[4].is_mapping());
}

TEST_CASE("yaml: 64 levels of nesting are read, 65 are refused") {
  CHECK(problems_of(std::string(64, '[') + std::string(64, ']')) == "");
  CHECK(problems_of(std::string(65, '[') + std::string(65, ']'))
            .starts_with("g.yaml:1:65: error: values are nested more than 64 levels deep\n"));
  CHECK(problems_of(std::string(100'000, '[')).find("nested more than 64") != std::string::npos);
}

TEST_CASE("yaml: syntax errors say what to mend, with a place") {
  CHECK(problems_of("a: b: c\n") ==
        "g.yaml:1:5: error: a second ': ' in one line; put quotes around a text that holds ': '\n"
        "    1 | a: b: c\n"
        "      |     ^\n");
  const auto headline_of = [](const char* text) {
    const std::string problems = problems_of(text);
    return problems.substr(0, problems.find('\n'));
  };
  CHECK(headline_of("jobs:\n  a:\n\ttype: x\n") ==
        "g.yaml:3:2: error: a tab in the indentation; indent with spaces");
  CHECK(headline_of("a: 1\n\t\nb: 2\n") ==
        "g.yaml:2:1: error: a tab in the indentation; indent with spaces");
  CHECK(headline_of("a: b\n c: d\n") ==
        "g.yaml:2:3: error: this key does not fit below the line above it; check its indentation, "
        "and that the line above has ': ' behind its key");
  CHECK(headline_of("jobs:\n  a:\n    type: x\n   key: y\n") ==
        "g.yaml:4:4: error: this does not fit into the mapping above it; check the indentation of "
        "this line");
  CHECK(headline_of("- a\nb: c\n") ==
        "g.yaml:2:1: error: this does not belong to what stands above it; check the indentation of "
        "this line");
  CHECK(headline_of("a: 'x' y\n") ==
        "g.yaml:1:8: error: text behind the end of a value; put quotes around the whole text");
  CHECK(headline_of("a: [1, 2\nb: 3\n") ==
        "g.yaml:2:2: error: a list opened with '[' is not closed before this; close it with ']'");
  CHECK(headline_of("a: {b: 1\nc: 3\n") ==
        "g.yaml:2:2: error: a mapping opened with '{' is not closed before this; close it with "
        "'}'");
  CHECK(headline_of("a: [b]]\n") ==
        "g.yaml:1:7: error: this closes nothing that is open; remove it, or put quotes around the "
        "text");
  CHECK(headline_of("a: - b\n") ==
        "g.yaml:1:4: error: a list cannot start here; start it on a new line, or write it as [a, "
        "b]");
  CHECK(headline_of("a: %x\n") ==
        "g.yaml:1:4: error: a text cannot start with this character; put quotes around it");
  CHECK(headline_of("a: \"\\d\"\n") ==
        "g.yaml:1:7: error: unknown escape in double quotes; use single quotes around a text with "
        "backslashes");
}

TEST_CASE("yaml: quotes that are never closed are an error, also at the end of the file") {
  CHECK(problems_of("b: 1\na: \"open\nc: 2\n") ==
        "g.yaml:2:4: error: the quotes opened here are never closed; close the quotes\n"
        "    2 | a: \"open\n"
        "      |    ^\n");
  for (const char* text :
       {"a: 'open\n", "a: 'it''s\n", "a: \"b\\\"\n", "a: !!str 'open\n", "a: \"open"})
    CHECK_MESSAGE(problems_of(text) != "", text);
  for (const char* text :
       {"a: ''\n", "a: 'it''s'\n", "a: \"b\\\"\"\n", "a: \"x\n  y\"\n", "'a': '''b'''"})
    CHECK_MESSAGE(problems_of(text) == "", text);
}

TEST_CASE("yaml: bytes that are not UTF-8 and control characters are refused with their place") {
  CHECK(problems_of("a: 1\nb: \xB3\xC9\n")
            .starts_with("g.yaml:2:4: error: this byte is not UTF-8; save the file as UTF-8\n"));
  CHECK(problems_of(std::string("a: x\x04y\n"))
            .starts_with("g.yaml:1:5: error: control character 4 in a YAML file; "));
  CHECK(problems_of(std::string("a: \0b\n", 6)).find("control character 0") != std::string::npos);
}

TEST_CASE("yaml: a subtree travels through JSON with its positions") {
  const auto document = parsed("x: 1\njobs:\n  a:\n    key: ['1', 2, ~]\n    deep: {m: {n: 名}}\n");
  const YamlNode node = document->root().find("jobs");
  const auto back = YamlDocument::from_json(parse_json(json::serialize(node.to_json()), "spec"));
  CHECK(back->root().canonical() == node.canonical());
  const YamlNode name = back->root().find("a").find("deep").find("m").find("n");
  CHECK(name.text() == "名");
  CHECK(name.position() == node.find("a").find("deep").find("m").find("n").position());
  CHECK(back->root().find("a").find("key")[0].is_quoted());
  CHECK(back->root().find("a").find("key")[2].is_null());
  CHECK(back->file() == "g.yaml");
}

TEST_CASE("yaml: malformed JSON of a subtree is refused") {
  for (const char* text :
       {"1", "{}", R"({"file":"f","nodes":1})", R"({"file":"f","nodes":[]})",
        R"({"file":"f","nodes":[3,1,1,1,5]})", R"({"file":"f","nodes":[9,1,1,1,5]})",
        R"({"file":"f","nodes":[1,1,1,1,"a",0]})", R"({"file":"f","nodes":[1,1,1,-1,"a"]})",
        R"({"file":"f","nodes":[4,1,1,1,1,0,1,1,1,null,0,1,1,1,null]})"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(YamlDocument::from_json(parse_json(text, "spec")), Error);
  }
  json::array nodes;
  for (int i = 0; i < 1000; ++i)
    for (int item : {3, 1, 1, 1, 1}) nodes.push_back(item);
  CHECK_THROWS_AS(YamlDocument::from_json({{"file", "f"}, {"nodes", nodes}}), Error);
}

TEST_CASE("yaml: the canonical text sees content, not layout") {
  const auto canonical = [](std::string text) {
    return parsed(std::move(text))->root().canonical();
  };
  CHECK(canonical("b: [1, x]\na: 'y' # why\n") == R"({"a":"y","b":[1,"x"]})");
  CHECK(canonical("b:\n- 1\n- x\na: y\n") == canonical("{a: y, b: [1, \"x\"]}"));
  CHECK(canonical("[1]") != canonical("['1']"));
  CHECK(canonical("[true]") != canonical("['true']"));
  CHECK(canonical("[010]") != canonical("[10]"));
  CHECK(canonical("[a, b]") != canonical("[b, a]"));
  CHECK(canonical("[~]") == canonical("[null]"));
  CHECK(canonical("[~]") != canonical("['~']"));
}

TEST_CASE("yaml: a copy with other texts keeps keys and places") {
  const auto document = parsed("a: [x, 'y']\nx: 1\n");
  const auto copy = document->with_texts(
      [](YamlNode node) { return node.text() == "x" ? "longer" : std::string(node.text()); });
  CHECK(copy->root().canonical() == R"({"a":["longer","y"],"x":1})");
  CHECK(copy->root().find("a")[0].position() == document->root().find("a")[0].position());
  CHECK(document->root().find("a")[0].text() == "x");
}

TEST_CASE("yaml: a subtree in JSON reads back without having been text") {
  const auto document = parsed("a: [1, 'y', ~]\n");
  CHECK(YamlDocument::from_json(document->root().to_json())->root().canonical() ==
        document->root().canonical());
}
