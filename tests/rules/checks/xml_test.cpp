#include "../check_fixture.h"
#include "rules/xml_text.h"

using namespace tallymill;

TEST_CASE("xml: one element, closed, with declared prefixes") {
  for (const char* text :
       {"<a/>", "<?xml version='1.0'?><a b='1'>&lt;<!-- c --></a>", "<n:a xmlns:n='u'/>",
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "<票>一</票>"}) {
    CAPTURE(text);
    CHECK(is_xml(text, ""));
  }
  for (const char* text : {"", "a", "<a>", "<a></b>", "<a/><b/>", "<a b=1/>", "<a>&e;</a>",
                           "<n:a/>", "<a>\xff</a>", "<a b='1' b='2'/>"}) {
    CAPTURE(text);
    CHECK_FALSE(is_xml(text, ""));
  }
}

TEST_CASE("xml: entities that multiply without end are refused") {
  std::string text = "<!DOCTYPE a [<!ENTITY e0 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'>";
  for (int i = 1; i < 12; ++i) {
    text += "<!ENTITY e" + std::to_string(i) + " '";
    for (int j = 0; j < 10; ++j) text += "&e" + std::to_string(i - 1) + ";";
    text += "'>";
  }
  CHECK_FALSE(is_xml(text + "]><a>&e11;</a>", ""));
}

TEST_CASE("xml: the root's name counts, not its prefix") {
  CHECK(is_xml("<n:bill xmlns:n='u'><x/></n:bill>", "bill"));
  CHECK_FALSE(is_xml("<n:bill xmlns:n='u'><x/></n:bill>", "x"));
}

TEST_CASE("xml: rows that are none fail, nulls are not applicable, numbers are refused") {
  CheckFixture data({{"notice", Type::text()}, {"n", Type::integer()}},
                    "values ('<a/>', 1), ('<b/>', 1), ('<a>', 1), (null, 1)");
  const SuiteOutcome outcome =
      data.run("- xml: notice\n- xml: { column: notice, root: a, name: of a }\n");
  CHECK(outcome.checks[0].message == "xml(notice): 1 of 3 rows failed; expected well-formed XML");
  CHECK(outcome.checks[1].message ==
        "of a: 2 of 3 rows failed; expected well-formed XML of the root a");
  CheckFixture other({{"n", Type::integer()}}, "values (1)");
  CHECK(other.problems_of("- xml: n") ==
        "t.yaml:1:8: error: column 'n' is integer; xml takes text\n");
}
