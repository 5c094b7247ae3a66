#include "books/break_life.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "core/text.h"
#include "tests/lines.h"

using namespace tallymill;
using namespace tallymill::books;

namespace {

std::string month(int number) {
  return std::string("2026-") + (number < 10 ? "0" : "") + std::to_string(number);
}

/// Breaks of one job, lived month by month. A difference of "1.00 amount" is a break's amount.
struct Life {
  Engine engine{{.threads = 2}};
  BreakLifePlan plan;
  BreakWords words;
  int months = 0;

  Life() {
    plan.breaks.columns = {{.name = "break_id", .type = Type::text()},
                           {.name = "item", .type = Type::text()},
                           {.name = "left_amount", .type = Type::money(2)},
                           {.name = "right_amount", .type = Type::money(2)},
                           {.name = "difference", .type = Type::money(2)},
                           {.name = "class", .type = Type::text()}};
    plan.amount = Type::money(2);
    plan.days = 20;
    plan.buckets = {0, 20, 40};
    std::string columns;
    for (const Column& column : BreakLife::schema(plan.breaks).columns)
      columns += (columns.empty() ? "" : ", ") + column.name + " " + column.type.sql();
    engine.execute("CREATE TABLE state_0 (" + columns + ")");
  }

  std::string state() const { return "state_" + std::to_string(months); }
  std::string before() const { return "state_" + std::to_string(months - 1); }

  /// A month in which these differences are found: "('a', 1.00)", all of them missing on the right.
  void live(const std::string& found) {
    ++months;
    plan.period = month(months);
    plan.day = plan.period + "-28";
    plan.forget_before = month(std::max(1, months - 3));
    const std::string table = "found_" + std::to_string(months);
    engine.execute("CREATE TABLE " + table +
                   " AS SELECT item AS break_id, item, d AS left_amount, CAST(NULL AS "
                   "DECIMAL(18,2)) AS right_amount, d AS difference, 'left_only' AS class FROM "
                   "(SELECT v.item, CAST(v.d AS DECIMAL(18,2)) AS d FROM (VALUES " +
                   (found.empty() ? std::string("(CAST(NULL AS VARCHAR), NULL)") : found) +
                   ") v(item, d) WHERE v.item IS NOT NULL)");
    const std::string words_table = "words_" + std::to_string(months);
    make_words_table(engine, words_table, words.standing());
    const BreakLife life(engine, plan);
    engine.execute("CREATE TABLE " + state() + " AS " + life.state(table, before(), words_table));
  }

  /// What a person says after the last month, about the difference of `item` there.
  void say(const std::string& item, const std::string& cell, const std::string& value) {
    const Rows seen = engine.query("SELECT " + seen_difference_sql(plan.breaks) + " FROM " +
                                   state() + " WHERE item = " + quote_literal(item));
    words.add({{.place = {{"break_id", item}},
                .original = seen.text(0, 0),
                .cells = {{cell, value.empty() ? std::nullopt : std::optional(value)}}}},
              "wang", month(months));
  }

  Lines rows(const std::string& columns) {
    Lines lines;
    const Rows found = engine.query("SELECT " + columns + " FROM " + state() + " ORDER BY ALL");
    for (const auto& cells : found.cells) {
      Lines texts;
      for (const auto& cell : cells) texts.push_back(cell.value_or("-"));
      lines.push_back(join(texts, "|"));
    }
    return lines;
  }
  Lines lifecycles() { return rows("item, lifecycle, first_seen, closed_in, closed_by"); }
  std::string statement() {
    const std::vector<LifeLine> lines = BreakLife(engine, plan).statement(state(), before());
    CHECK(adds_up(lines));
    Lines parts;
    for (const LifeLine& line : lines)
      if (line.breaks != 0)
        parts.push_back(line.name + " " + std::to_string(line.breaks) + " " +
                        format_decimal(line.amount, 2));
    return join(parts, ", ");
  }
};

}  // namespace

TEST_CASE("break life: a break is new, persists, is resolved and reopens under its id") {
  Life life;
  life.live("('a', 1.00), ('b', 2.00)");
  CHECK(life.lifecycles() == Lines{"a|new|2026-01|-|-", "b|new|2026-01|-|-"});
  CHECK(life.statement() == "new 2 3.00, closing 2 3.00");
  life.live("('b', 2.50), ('c', -4.00)");
  CHECK(life.lifecycles() ==
        Lines{"a|resolved|2026-01|2026-02|-", "b|persisting|2026-01|-|-", "c|new|2026-02|-|-"});
  CHECK(life.statement() ==
        "opening 2 3.00, new 1 -4.00, changed 1 0.50, resolved 1 1.00, closing 2 -1.50");
  life.live("('a', 1.00)");
  CHECK(life.lifecycles() == Lines{"a|reopened|2026-01|-|-", "b|resolved|2026-01|2026-03|-",
                                   "c|resolved|2026-02|2026-03|-"});
  CHECK(life.statement() == "opening 2 -1.50, reopened 1 1.00, resolved 2 -1.50, closing 1 1.00");
  CHECK(life.rows("item, opened_in, age, bucket") ==
        Lines{"a|2026-03|40|21-40", "b|2026-01|40|21-40", "c|2026-02|20|1-20"});
}

TEST_CASE("break life: what was resolved long ago is forgotten, and is new then") {
  Life life;
  life.live("('a', 1.00)");
  for (int i = 0; i < 3; ++i) life.live("");
  CHECK(life.lifecycles() == Lines{"a|resolved|2026-01|2026-02|-"});
  life.live("");
  life.live("");
  CHECK(life.lifecycles() == Lines{});
  life.live("('a', 1.00)");
  CHECK(life.lifecycles() == Lines{"a|new|2026-07|-|-"});
}

TEST_CASE("break life: a person's resolution closes a break as long as its difference stays") {
  Life life;
  life.live("('a', 1.00), ('b', 2.00), ('c', 3.00)");
  life.say("a", "resolution", "accepted");
  life.say("b", "resolution", "explained");
  life.say("c", "owner", "li");
  life.live("('a', 1.00), ('b', 2.00), ('c', 3.00)");
  CHECK(life.lifecycles() == Lines{"a|accepted|2026-01|2026-02|wang",
                                   "b|explained|2026-01|2026-02|wang", "c|persisting|2026-01|-|-"});
  CHECK(life.statement() == "opening 3 6.00, accepted 1 1.00, explained 1 2.00, closing 1 3.00");
  life.live("('a', 1.00), ('b', 2.01), ('c', 3.00)");
  CHECK(life.lifecycles() == Lines{"a|accepted|2026-01|2026-02|wang", "b|reopened|2026-01|-|-",
                                   "c|persisting|2026-01|-|-"});
  CHECK(life.statement() == "opening 1 3.00, reopened 1 2.01, closing 2 5.01");
  CHECK(life.rows("item, owner") == Lines{"a|-", "b|-", "c|li"});
}

TEST_CASE("break life: an accepted difference that goes and comes back is another question") {
  Life life;
  life.live("('a', 1.00)");
  life.say("a", "resolution", "accepted");
  life.live("('a', 1.00)");
  life.live("");
  CHECK(life.lifecycles() == Lines{"a|resolved|2026-01|2026-02|wang"});
  CHECK(life.statement() == "");
  life.live("('a', 1.00)");
  CHECK(life.lifecycles() == Lines{"a|reopened|2026-01|-|-"});
  life.say("a", "resolution", "accepted");
  life.live("('a', 1.00)");
  CHECK(life.lifecycles() == Lines{"a|accepted|2026-01|2026-05|wang"});
}

TEST_CASE("break life: pending is open, but no finding until the day has passed") {
  Life life;
  life.live("('a', 1.00)");
  life.say("a", "pending_until", "2026-02-28");
  life.live("('a', 1.00)");
  CHECK(life.rows("lifecycle, is_pending, pending_until") == Lines{"persisting|true|2026-02-28"});
  CHECK(life.statement() == "opening 1 1.00, closing 1 1.00");
  life.live("('a', 1.00)");
  CHECK(life.rows("lifecycle, is_pending, pending_until") == Lines{"persisting|false|2026-02-28"});
}

TEST_CASE("break life: the most restrictive of the limits that apply decides") {
  Life life;
  life.plan.limits = {
      {.name = "small", .abs = 100, .min_age = 20},
      {.name = "shops", .when = "item LIKE 'shop%'", .abs = 500, .share = 500'000'000},
  };
  life.live("('a', 1.00), ('b', 1.01), ('shop1', 0.50)");
  CHECK(life.statement() == "new 3 2.51, closing 3 2.51");
  life.live("('a', 1.00), ('b', 1.01), ('shop1', 0.50)");
  // One side has nothing, so the difference of the shop is all of it: more than half.
  CHECK(life.lifecycles() == Lines{"a|written_off|2026-01|2026-02|limit small",
                                   "b|persisting|2026-01|-|-", "shop1|persisting|2026-01|-|-"});
  CHECK(life.statement() == "opening 3 2.51, written_off 1 1.00, closing 2 1.51");
  life.say("a", "resolution", "open");
  life.live("('a', 1.00), ('b', 1.01), ('shop1', 0.50)");
  CHECK(life.statement() == "opening 2 1.51, reopened 1 1.00, closing 3 2.51");
}

TEST_CASE("break life: what is compared beside the amount is part of what people see") {
  Life life;
  for (const char* name : {"left_status", "right_status"})
    life.plan.breaks.columns.push_back({.name = name, .type = Type::text()});
  CHECK(seen_difference_sql(life.plan.breaks) ==
        "left(sha256(CAST(difference AS VARCHAR) || ' ' || class), 32)");
  life.plan.breaks.columns.insert(life.plan.breaks.columns.end() - 2,
                                  {.name = "right_rows", .type = Type::integer()});
  CHECK(
      seen_difference_sql(life.plan.breaks) ==
      "left(sha256(CAST(difference AS VARCHAR) || ' ' || class || coalesce(' ' || "
      "strlen(CAST(\"left_status\" AS VARCHAR)) || ':' || CAST(\"left_status\" AS VARCHAR), ' -') "
      "|| coalesce(' ' || strlen(CAST(\"right_status\" AS VARCHAR)) || ':' || "
      "CAST(\"right_status\" AS VARCHAR), ' -')), 32)");
}

TEST_CASE("break life: nothing that applies writes nothing off") {
  Life life;
  life.plan.limits = {{.name = "shops", .when = "item LIKE 'shop%'", .abs = 500}};
  life.live("('a', 1.00), ('shop1', 5.00), ('shop2', 5.01)");
  CHECK(life.lifecycles() == Lines{"a|new|2026-01|-|-",
                                   "shop1|written_off|2026-01|2026-01|limit shops",
                                   "shop2|new|2026-01|-|-"});
  CHECK(life.statement() == "new 3 11.01, written_off 1 5.00, closing 2 6.01");
}

namespace {

/// One break's life told from its whole history, without any state that is carried.
struct Told {
  std::string lifecycle;
  int first = 0;
  int opened = 0;
  int closed = 0;
  std::string by = "-";
};

struct Said {
  int month;
  int difference;
  std::string resolution;
};

/// `found`: the difference by month, 0 where there is none; up to month `last`.
std::optional<Told> tell(const std::map<int, int>& found, const std::vector<Said>& said, int last,
                         int limit, int memory) {
  std::optional<Told> told;
  int closed_difference = 0;
  for (int now = 1; now <= last; ++now) {
    const int difference = found.at(now);
    const Said* word = nullptr;
    for (const Said& each : said)
      if (each.month < now) word = &each;
    const bool is_open = told && told->closed == 0;
    if (difference == 0) {
      if (!told) continue;
      if (is_open) told->closed = now;
      told->lifecycle = "resolved";
      if (told->closed < std::max(1, now - memory)) told.reset();
      continue;
    }
    const bool keep_open = word != nullptr && word->resolution == "open";
    if (told && !is_open && told->lifecycle != "resolved" && difference == closed_difference &&
        !keep_open)
      continue;
    if (!told) {
      told = Told{"new", now, now, 0, "-"};
    } else if (!is_open) {
      told->lifecycle = "reopened";
      told->opened = now;
      told->closed = 0;
      told->by = "-";
    } else {
      told->lifecycle = "persisting";
    }
    if (keep_open) continue;
    if (word != nullptr && word->month >= told->opened && word->difference == difference) {
      told->lifecycle = word->resolution;
      told->by = "wang";
    } else if (std::abs(difference) <= limit && (now - told->first) * 20 >= 20) {
      told->lifecycle = "written_off";
      told->by = "limit small";
    } else {
      continue;
    }
    told->closed = now;
    closed_difference = difference;
  }
  return told;
}

}  // namespace

TEST_CASE("break life: what is carried forward equals what the whole history tells") {
  constexpr int kMonths = 8;
  constexpr int kLimit = 1;
  const std::vector<std::string> items{"a", "b", "c", "d", "e"};
  std::mt19937 random(20260131);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int round = 0; round < 25; ++round) {
    Life life;
    life.plan.limits = {{.name = "small", .abs = kLimit, .min_age = 20}};
    std::map<std::string, std::map<int, int>> found;
    std::map<std::string, std::vector<Said>> said;
    for (int now = 1; now <= kMonths; ++now) {
      Lines values;
      for (const std::string& item : items) {
        const int before = now == 1 ? 0 : found[item][now - 1];
        const int difference = pick(2) == 0 ? before : pick(4) - 1;
        found[item][now] = difference;
        if (difference != 0)
          values.push_back("('" + item + "', " + format_decimal(difference, 2) + ")");
      }
      life.live(join(values, ", "));
      CAPTURE(round);
      CAPTURE(now);
      life.statement();
      Lines expected;
      for (const std::string& item : items)
        if (const auto told = tell(found[item], said[item], now, kLimit, 3))
          expected.push_back(item + "|" + told->lifecycle + "|" + month(told->first) + "|" +
                             month(told->opened) + "|" +
                             (told->closed == 0 ? "-" : month(told->closed)) + "|" + told->by);
      REQUIRE(life.rows("item, lifecycle, first_seen, opened_in, closed_in, closed_by") ==
              expected);
      for (const std::string& item : items) {
        if (found[item][now] == 0 || pick(4) != 0) continue;
        const std::string& resolution = resolutions()[static_cast<std::size_t>(pick(4))];
        life.say(item, "resolution", resolution);
        said[item].push_back({now, found[item][now], resolution});
      }
    }
  }
}

TEST_CASE("break life: a state does not depend on the order of rows") {
  std::string rows = "('k1', 1.00)";
  std::string reversed = rows;
  for (int i = 2; i <= 500; ++i) {
    const std::string row = "('k" + std::to_string(i) + "', " + std::to_string(i) + ".00)";
    rows += ", " + row;
    reversed = row + ", " + reversed;
  }
  Life forward;
  Life backward;
  for (int i = 0; i < 2; ++i) {
    forward.live(rows);
    backward.live(reversed);
  }
  CHECK(forward.rows("*") == backward.rows("*"));
}
