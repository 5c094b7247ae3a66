// The law of the two evaluators: random rules over random rows of random schemas say the same
// compiled and interpreted, whatever the threads and the order of rows.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

struct RandomColumn {
  std::string name;
  Type type;
  std::string need;  ///< its word in needs
  bool optional = false;
  std::string sql;  ///< over n
};

/// Columns, rules and rows from one seed. The distributions of the standard library differ between
/// libraries, so only raw numbers are used.
class RandomRules {
 public:
  explicit RandomRules(std::uint32_t seed) : random_(seed) {
    const std::size_t count = 1 + below(7);
    for (std::size_t i = 0; i < count; ++i) columns_.push_back(make_column(i));
  }

  std::vector<Column> columns() const {
    std::vector<Column> columns{column("id", Type::integer())};
    for (const RandomColumn& each : columns_) columns.push_back(column(each.name, each.type));
    return columns;
  }

  std::string rows(std::size_t rows, const std::string& order) const {
    std::string sql = "select n::bigint as id";
    for (const RandomColumn& each : columns_) sql += ", " + each.sql + " as " + each.name;
    return sql + " from range(" + std::to_string(rows) + ") r(n) order by " + order;
  }

  std::string check_rule(const std::string& name) {
    std::string text = head("check", name) + "  check = function(row, p)\n";
    const std::size_t statements = 1 + below(5);
    for (std::size_t i = 0; i < statements; ++i) {
      text += "    if " + condition(3) + " then\n      ";
      switch (below(8)) {
        case 0:
          text += "error(\"raised " + std::to_string(i) + "\")";
          break;
        case 1:
          text += "return t.not_applicable(\"no\")";
          break;
        case 2:
          text += "return t.warn(\"W" + std::to_string(i) + "\", \"{id} " + names() + "\", row)";
          break;
        case 3:
          text += "return t.fail(\"F\", tostring(" + any_value() + "))";
          break;
        case 4:
          text += "return " + std::to_string(below(9));
          break;
        default:
          text += "return t.fail(\"C" + std::to_string(i) + "\", \"" + names() + "\", row)";
      }
      text += "\n    end\n";
    }
    return text + "  end,\n}\n";
  }

  std::string transform_rule(const std::string& name) {
    std::string returns;
    std::string values;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const RandomColumn& from = columns_[i];
      const std::string out = "o" + std::to_string(i);
      returns += out + " = \"" + from.need.substr(0, from.need.find('?')) + "\", ";
      std::string value = changed(from);
      if (from.optional) value = "row." + from.name + " ~= nil and " + value + " or nil";
      if (from.type.kind == TypeKind::boolean) value = changed(from);
      if (below(3) == 0) value = "(" + condition(2) + ") and (" + value + ") or nil";
      values += "      " + out + " = " + value + ",\n";
    }
    return head("transform", name) + "  returns = { " + returns + " },\n" +
           "  transform = function(row, p)\n    if " + condition(2) + " then error(\"no\") end\n" +
           "    if " + condition(2) + " then return nil end\n    return {\n" + values +
           "    }\n  end,\n}\n";
  }

 private:
  std::uint32_t below(std::size_t limit) {
    return static_cast<std::uint32_t>(random_() % static_cast<std::uint32_t>(limit));
  }

  std::string head(const std::string& kind, const std::string& name) const {
    std::string needs = "id = \"integer\"";
    for (const RandomColumn& each : columns_)
      needs += ", " + each.name + " = \"" + each.need + "\"";
    return "local t = require \"tallymill\"\nreturn t." + kind + "_rule {\n  name = \"" + name +
           "\",\n  needs = { " + needs + " },\n  params = { q = 3 },\n";
  }

  RandomColumn make_column(std::size_t index) {
    const std::string hash = "(hash(n * 31 + " + std::to_string(below(1000)) + ") % " +
                             std::to_string(2 + below(5000)) + ")";
    RandomColumn made{"c" + std::to_string(index), Type::integer(), "integer", false, ""};
    switch (below(8)) {
      case 0:
        made.sql = "(" + hash + "::bigint - 700)";
        break;
      case 1:
        made.type = Type::money(2);
        made.need = "money";
        made.sql = "((" + hash + "::bigint - 900) / 100.0)::decimal(18,2)";
        break;
      case 2:
        made.type = Type::decimal(12, 4);
        made.need = "decimal(12,4)";
        made.sql = "((" + hash + "::bigint - 900) / 10000.0)::decimal(12,4)";
        break;
      case 3:
        made.type = Type::ratio();
        made.need = "ratio";
        made.sql = "((" + hash + "::bigint - 900) / 997.0)::decimal(18,9)";
        break;
      case 4:
        made.type = Type::date();
        made.need = "date";
        made.sql = "(date '2024-02-20' + " + hash + "::int)";
        break;
      case 5:
        made.type = Type::timestamp();
        made.need = "timestamp";
        made.sql = "(timestamp '2024-02-20 10:00:00' + to_seconds(" + hash + "::bigint * 977))";
        break;
      case 6:
        made.type = Type::boolean();
        made.need = "boolean";
        made.sql = "(" + hash + " % 2 = 0)";
        break;
      default:
        made.type = Type::text();
        made.need = "text";
        // Few texts, or a text of its own for nearly every row.
        made.sql = below(2) == 0
                       ? "(['', 'a', '浙江', '𠮷野', 'ＡＢ', 'Zz'])[1 + (" + hash + " % 6)::int]"
                       : "('浙' || n * 7919 || 'x')";
    }
    made.optional = below(3) == 0;
    if (made.optional || below(4) == 0) {
      if (made.optional) made.need += "?";
      made.sql = "case when n % " + std::to_string(3 + below(9)) + " > 0 then " + made.sql + " end";
    }
    return made;
  }

  /// A value of the column's own type, for comparisons.
  std::string literal(const RandomColumn& of) {
    const std::string number = std::to_string(below(30)) + "." + std::to_string(10 + below(80));
    switch (of.type.kind) {
      case TypeKind::money:
        return "t.money \"" + number + "\"";
      case TypeKind::decimal:
        return "t.decimal(\"0.0" + std::to_string(below(90)) + "\", 4)";
      case TypeKind::ratio:
        return "t.ratio \"" + number + "\"";
      case TypeKind::date:
        return "t.date \"2024-0" + std::to_string(3 + below(6)) + "-11\"";
      case TypeKind::timestamp:
        return "t.timestamp \"2024-03-0" + std::to_string(1 + below(9)) + "T08:00:00Z\"";
      case TypeKind::text:
        return below(2) == 0 ? "\"浙江\"" : "\"a\"";
      default:
        return std::to_string(below(2000));
    }
  }

  std::string comparison(const RandomColumn& of) {
    const std::string value = "row." + of.name;
    static const std::vector<std::string> kOperators{"<", "<=", ">", ">=", "==", "~="};
    const std::string& op = kOperators[below(kOperators.size())];
    if (of.type.kind == TypeKind::boolean) return value;
    if (of.type.kind == TypeKind::text) {
      switch (below(5)) {
        case 0:
          return "t.len(" + value + ") " + op + " 3";
        case 1:
          return "string.find(" + value + ", \"[0-9]+x$\") ~= nil";
        case 2:
          return "t.lower(t.half_width(" + value + ")) " + op + " \"ab\"";
        case 3:
          return "t.similarity(" + value + ", \"浙1234x\") > 0.8";
        default:
          return value + " " + op + " " + literal(of);
      }
    }
    if (of.type.kind == TypeKind::date && below(2) == 0)
      return "t.weekday(" + value + ") " + op + " p.q";
    if (of.type.kind == TypeKind::date && below(2) == 0)
      return "t.period_of(" + value + ", \"month\").days " + op + " 30";
    if (of.type.kind == TypeKind::integer && below(2) == 0) return value + " % 7 " + op + " p.q";
    return value + " " + op + " " + literal(of);
  }

  std::string condition(int depth) {
    if (depth > 0 && below(3) == 0)
      return "(" + condition(depth - 1) + (below(2) == 0 ? " and " : " or ") +
             condition(depth - 1) + ")";
    if (depth > 0 && below(6) == 0) return "not (" + condition(depth - 1) + ")";
    const RandomColumn& of = columns_[below(columns_.size())];
    if (!of.optional) return comparison(of);
    if (below(3) == 0) return "row." + of.name + " == nil";
    return "(row." + of.name + " ~= nil and " + comparison(of) + ")";
  }

  /// Another value of the column's type.
  std::string changed(const RandomColumn& from) {
    const std::string value = "row." + from.name;
    switch (from.type.kind) {
      case TypeKind::text:
        return below(2) == 0 ? "t.sub(" + value + ", 1, 2)" : "t.upper(" + value + ") .. row.id";
      case TypeKind::boolean:
        return "not " + value;
      case TypeKind::date:
        return below(2) == 0 ? "t.add_months(" + value + ", 1)" : value + " + 40";
      case TypeKind::ratio:
        return value + " / 3";
      case TypeKind::timestamp:
        return value + " + 1000000";
      case TypeKind::integer:
        return below(2) == 0 ? "t.times(" + value + ", 3)" : "t.round(" + value + " / 7)";
      default:
        return below(2) == 0 ? "t.share(" + value + ", 2, 3, \"half_even\")"
                             : "t.split(" + value + ", { 3, 2 })[1]";
    }
  }

  std::string any_value() { return "row." + columns_[below(columns_.size())].name; }

  std::string names() {
    std::string text;
    for (const RandomColumn& each : columns_)
      if (below(2) == 0) text += "{" + each.name + "} ";
    return text + "{q}";
  }

  std::mt19937 random_;
  std::vector<RandomColumn> columns_;
};

struct Way {
  LuaMode mode;
  int threads;
  std::string order;
};

/// What both kinds of rules say of every row, by id.
Lines said(std::uint32_t seed, const Way& way, std::string& source) {
  RandomRules rules(seed);
  RuleHarness harness({.mode = way.mode}, way.threads);
  const std::vector<std::string> checks{"one", "two", "three"};
  source.clear();
  const auto load = [&](const std::string& name, const std::string& text) {
    source += text;
    const bool is_loaded = harness.load(name, text) != nullptr;
    REQUIRE_MESSAGE(is_loaded, harness.problems() << text);
  };
  for (const std::string& name : checks) load(name, rules.check_rule(name));
  load("change", rules.transform_rule("change"));
  harness.rows(rules.rows(2500, way.order), rules.columns());
  const auto check = harness.bind(checks);
  const auto change = harness.bind({"change"});
  REQUIRE_MESSAGE(check.has_value(), harness.problems());
  REQUIRE_MESSAGE(change.has_value(), harness.problems());
  const Rows found =
      harness.engine().query("select id, (" + check->expression + ").verdicts, (" +
                             change->expression + ")::varchar from rows order by id");
  Lines lines;
  for (const auto& cells : found.cells)
    lines.push_back(cells[0].value_or("-") + " " + cells[1].value_or("-") + " " +
                    cells[2].value_or("-"));
  return lines;
}

}  // namespace

TEST_CASE("random rules over random rows say the same compiled and interpreted") {
  std::size_t with_verdict = 0;
  for (std::uint32_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    std::string source;
    const Lines expected = said(seed, {LuaMode::compiled, 1, "id"}, source);
    CAPTURE(source);
    for (const std::string& line : expected) with_verdict += line.find(" - ") == line.npos ? 1 : 0;
    for (const Way& way :
         {Way{LuaMode::interpreted, 1, "id"}, Way{LuaMode::interpreted, 2, "hash(id)"},
          Way{LuaMode::compiled, 2, "hash(id + 1)"}}) {
      std::string same;
      const Lines got = said(seed, way, same);
      REQUIRE(got.size() == expected.size());
      const auto [want, have] = std::mismatch(expected.begin(), expected.end(), got.begin());
      if (want != expected.end()) CHECK(*have == *want);
    }
  }
  // The rules are not all silent: otherwise the law would hold for nothing.
  CHECK(with_verdict > 10'000);
}
