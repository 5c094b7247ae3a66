#include "books/break_life.h"

#include <algorithm>
#include <map>

#include "books/matching.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

constexpr std::size_t kRowsAtOnce = 500;

const std::string kStaysClosed = "tm_is_known AND NOT tm_was_open AND NOT tm_comes_back";

std::string optional_literal(const Correction& word, const char* cell) {
  const auto found = word.cells.find(cell);
  return found == word.cells.end() || !found->second ? "NULL" : quote_literal(*found->second);
}

/// SQL: what a limit with a share allows, as a function of both amounts.
std::string allowed_by_share(Engine& engine, const WriteOffLimit& limit, int scale) {
  const std::optional<Int128> abs = limit.abs;
  const std::optional<std::int64_t> share = limit.share;
  std::string name = "tm_limit_" + std::to_string(scale) + "_" +
                     (abs ? format_decimal(*abs, 0) : std::string("any")) + "_" +
                     std::to_string(*share);
  if (engine.has_function(name)) return name;
  const Type wide = Type::decimal(38, scale);
  engine.add_function({.name = name,
                       .parameters = {wide, wide},
                       .result = {{.name = "value", .type = wide}},
                       .evaluate = [abs, share](std::span<const ColumnView> sides, std::size_t rows,
                                                ColumnWriter& result) {
                         for (std::size_t row = 0; row < rows; ++row)
                           result.as<Int128>()[row] = allowed_difference(
                               sides[0].as<Int128>()[row], sides[1].as<Int128>()[row], abs, share);
                       }});
  return name;
}

/// Columns of a break that hold what is compared beside the amount, of both sides.
std::vector<std::string> compared_values(const Schema& breaks) {
  std::vector<std::string> names;
  bool is_behind_rows = false;
  for (const std::string& name : breaks.names()) {
    if (is_behind_rows && (name.starts_with("left_") || name.starts_with("right_")))
      names.push_back(name);
    is_behind_rows = is_behind_rows || name == "right_rows";
  }
  return names;
}

}  // namespace

bool tells_currency(const Schema& breaks) {
  for (std::size_t i = 1; i < breaks.columns.size(); ++i)
    if (breaks.columns[i].name == "left_amount") return breaks.columns[i - 1].name == "currency";
  return false;
}

std::string seen_difference_sql(const Schema& breaks) {
  std::string text = "CAST(difference AS VARCHAR)";
  // Amounts of two currencies have no difference, they are it.
  if (breaks.find("right_currency") != nullptr)
    text = "coalesce(" + text + ", left_amount || '/' || right_amount)";
  text += " || ' ' || class";
  for (const std::string& name : compared_values(breaks)) {
    const std::string value = "CAST(" + quote_identifier(name) + " AS VARCHAR)";
    text += " || coalesce(' ' || strlen(" + value + ") || ':' || " + value + ", ' -')";
  }
  return "left(sha256(" + text + "), 32)";
}

void make_words_table(Engine& engine, const std::string& name,
                      const std::vector<Correction>& words) {
  engine.execute("CREATE OR REPLACE TEMP TABLE " + name +
                 " (break_id VARCHAR, seen VARCHAR, owner VARCHAR, note VARCHAR, pending_until "
                 "DATE, is_said BOOLEAN, said VARCHAR, said_by VARCHAR, said_in VARCHAR)");
  for (std::size_t at = 0; at < words.size(); at += kRowsAtOnce) {
    std::vector<std::string> rows;
    for (std::size_t i = at; i < std::min(at + kRowsAtOnce, words.size()); ++i) {
      const Correction& word = words[i];
      const auto id = word.place.find(kBreakId);
      if (id == word.place.end()) continue;
      std::vector<std::string> cells{quote_literal(id->second), quote_literal(word.original)};
      for (const char* cell : {kOwner, kNote, kPendingUntil})
        cells.push_back(optional_literal(word, cell));
      cells.emplace_back(word.cells.contains(kResolution) ? "true" : "false");
      for (const char* cell : {kResolution, kResolvedBy, kResolvedIn})
        cells.push_back(optional_literal(word, cell));
      rows.push_back("(" + join(cells, ", ") + ")");
    }
    if (!rows.empty()) engine.execute("INSERT INTO " + name + " VALUES " + join(rows, ", "));
  }
}

BreakLife::BreakLife(Engine& engine, BreakLifePlan plan)
    : engine_(engine), plan_(std::move(plan)) {}

Schema BreakLife::schema(const Schema& breaks) {
  Schema schema = breaks;
  for (const char* name : {"lifecycle", "first_seen", "opened_in", "closed_in", "closed_by"})
    schema.columns.push_back({.name = name, .type = Type::text()});
  schema.columns.push_back({.name = "age", .type = Type::integer()});
  schema.columns.push_back({.name = "bucket", .type = Type::text()});
  schema.columns.push_back({.name = "is_pending", .type = Type::boolean()});
  schema.columns.push_back({.name = kPendingUntil, .type = Type::date()});
  for (const char* name : {kOwner, kNote})
    schema.columns.push_back({.name = name, .type = Type::text()});
  schema.key = {kBreakId};
  return schema;
}

/// Each break that was found or is known, as it was last seen, with what is known and said of it.
std::string BreakLife::met(const std::string& found, const std::string& before,
                           const std::string& words) const {
  std::string columns;
  for (const Column& column : plan_.breaks.columns) {
    const std::string name = quote_identifier(column.name);
    columns += "CASE WHEN f.break_id IS NULL THEN p." + name + " ELSE f." + name + " END AS " +
               name + ", ";
  }
  std::string differs =
      "f.difference IS DISTINCT FROM p.difference OR f.class IS DISTINCT FROM p.class OR "
      "(f.difference IS NULL AND (f.left_amount IS DISTINCT FROM p.left_amount OR f.right_amount "
      "IS DISTINCT FROM p.right_amount))";
  for (const std::string& value : compared_values(plan_.breaks)) {
    const std::string name = quote_identifier(value);
    differs += " OR f." + name + " IS DISTINCT FROM p." + name;
  }
  return "SELECT " + columns +
         "f.break_id IS NOT NULL AS tm_is_found, p.break_id IS NOT NULL AS tm_is_known, p.break_id "
         "IS NOT NULL AND p.closed_in IS NULL AS tm_was_open, p.lifecycle AS tm_lifecycle, "
         "p.first_seen AS tm_first_seen, p.opened_in AS tm_opened_in, p.closed_in AS tm_closed_in, "
         "p.closed_by AS tm_closed_by, p.age AS tm_age, " +
         differs +
         " AS tm_differs, w.seen AS tm_seen, w.owner, w.note, "
         "w.pending_until, coalesce(w.is_said, false) AS tm_is_said, CASE WHEN w.is_said THEN "
         "coalesce(w.said, 'open') END AS tm_said, w.said_by AS tm_said_by, w.said_in AS "
         "tm_said_in "
         "FROM " +
         found + " f FULL JOIN " + before + " p ON f.break_id = p.break_id LEFT JOIN " + words +
         " w ON w.break_id = coalesce(f.break_id, p.break_id)";
}

/// Whether the break opens again, and since when it has been open.
std::string BreakLife::opened(const std::string& met) const {
  const std::string period = quote_literal(plan_.period);
  return "SELECT *, coalesce(tm_first_seen, " + period +
         ") AS first_seen, CASE WHEN tm_is_known THEN tm_age + " + std::to_string(plan_.days) +
         " ELSE 0 END AS age, CASE WHEN tm_comes_back OR NOT tm_is_known THEN " + period +
         " ELSE tm_opened_in END AS opened_in FROM (SELECT *, tm_is_found AND tm_is_known AND NOT "
         "tm_was_open AND (tm_lifecycle = 'resolved' OR tm_differs OR coalesce(tm_said = 'open', "
         "false)) AS tm_comes_back FROM (" +
         met + "))";
}

/// SQL: the names of the limits that apply, if all of them allow the difference; else null.
std::string BreakLife::within_limits() const {
  const std::string wide = "DECIMAL(38," + std::to_string(plan_.amount.scale) + ")";
  std::vector<std::string> allow;
  std::vector<std::string> names;
  for (const WriteOffLimit& limit : plan_.limits) {
    const std::string applies =
        limit.when.empty() ? "true" : "coalesce((" + limit.when + "\n), false)";
    const std::string allowed =
        limit.share
            ? allowed_by_share(engine_, limit, plan_.amount.scale) +
                  "(CAST(coalesce(left_amount, 0) AS " + wide +
                  "), CAST(coalesce(right_amount, 0) AS " + wide + "))"
            : "CAST(" + quote_literal(format_decimal(limit.abs.value_or(0), plan_.amount.scale)) +
                  " AS " + wide + ")";
    names.push_back("CASE WHEN " + applies + " THEN " + quote_literal(limit.name) + " END");
    allow.push_back("(NOT " + applies + " OR (age >= " + std::to_string(limit.min_age) +
                    " AND abs(CAST(difference AS " + wide + ")) <= " + allowed + "))");
  }
  if (allow.empty()) return "CAST(NULL AS VARCHAR)";
  // What differs in a status or a date is no small amount.
  return "CASE WHEN class IN ('amount', 'left_only', 'right_only', 'duplicate') AND " +
         join(allow, " AND ") + " THEN nullif(concat_ws(', ', " + join(names, ", ") + "), '') END";
}

std::string BreakLife::bucket() const {
  std::string cases = "CASE";
  std::int64_t from = 0;
  for (const std::int64_t bound : plan_.buckets) {
    const std::string name =
        from == bound ? std::to_string(from) : std::to_string(from) + "-" + std::to_string(bound);
    cases += " WHEN age <= " + std::to_string(bound) + " THEN " + quote_literal(name);
    from = bound + 1;
  }
  const std::string last = quote_literal(std::to_string(from) + "+");
  return plan_.buckets.empty() ? last : cases + " ELSE " + last + " END";
}

/// What closes a break that is open: a person's word before a rule of the job, that before limits.
std::string BreakLife::judged(const std::string& opened) const {
  // A resolution is about one difference of one spell: not of what came back later.
  const std::string by_person =
      "coalesce(tm_said <> 'open' AND tm_said_in >= opened_in AND tm_seen = " +
      seen_difference_sql(plan_.breaks) + ", false)";
  const bool has_accepted = plan_.breaks.find("accepted_as") != nullptr;
  const auto accepted = [&](const std::string& then) {
    return has_accepted ? " WHEN accepted_as IS NOT NULL THEN " + then : std::string();
  };
  return "SELECT *, CASE WHEN tm_said = 'open' THEN NULL WHEN tm_by_person THEN tm_said" +
         accepted("'accepted'") +
         " WHEN tm_limits IS NOT NULL THEN 'written_off' END AS tm_closes, CASE WHEN tm_by_person "
         "THEN tm_said_by" +
         accepted("'rule ' || accepted_as") +
         " ELSE 'limit ' || tm_limits END AS tm_closer FROM (SELECT *, " + by_person +
         " AS tm_by_person, " + within_limits() + " AS tm_limits FROM (" + opened + "))";
}

std::string BreakLife::state(const std::string& found, const std::string& before,
                             const std::string& words) const {
  const std::string period = quote_literal(plan_.period);
  std::vector<std::string> columns;
  for (const std::string& name : plan_.breaks.names()) columns.push_back(quote_identifier(name));
  std::vector<std::string> causes;
  for (const std::string& cause : plan_.pending_causes) causes.push_back(quote_literal(cause));
  const std::string waits =
      causes.empty() ? std::string() : "coalesce(cause IN (" + join(causes, ", ") + "), false) OR ";
  const std::string lived =
      "SELECT *, CASE WHEN NOT tm_is_found THEN 'resolved' WHEN " + kStaysClosed +
      " THEN tm_lifecycle WHEN tm_closes IS NOT NULL THEN tm_closes WHEN NOT tm_is_known THEN "
      "'new' WHEN tm_comes_back THEN 'reopened' ELSE 'persisting' END AS lifecycle, CASE WHEN " +
      kStaysClosed + " THEN tm_closed_in WHEN NOT tm_is_found OR tm_closes IS NOT NULL THEN " +
      period + " END AS closed_in, CASE WHEN " + kStaysClosed +
      " THEN tm_closed_by WHEN tm_is_found AND tm_closes IS NOT NULL THEN tm_closer END AS "
      "closed_by FROM (" +
      judged(opened(met(found, before, words))) + ")";
  return "SELECT " + join(columns, ", ") +
         ", lifecycle, first_seen, opened_in, closed_in, closed_by, CAST(age AS BIGINT) AS age, " +
         bucket() + " AS bucket, closed_in IS NULL AND (" + waits +
         "coalesce(pending_until >= CAST(" + quote_literal(plan_.day) +
         " AS DATE), false)) AS is_pending, pending_until, owner, note FROM (" + lived +
         ") WHERE lifecycle <> 'resolved' OR closed_in >= " + quote_literal(plan_.forget_before);
}

std::vector<LifeLine> BreakLife::statement(const std::string& now,
                                           const std::string& before) const {
  const std::string period = quote_literal(plan_.period);
  const std::string wide = "DECIMAL(38," + std::to_string(plan_.amount.scale) + ")";
  const bool has_currencies = tells_currency(plan_.breaks);
  const auto line = [&](const std::string& from, const std::string& amount,
                        const std::string& of = {}) {
    return "SELECT " + (has_currencies ? of + "currency" : std::string("''")) +
           " AS tm_currency, count(*), CAST(coalesce(sum(" + amount + "), 0) AS " + wide +
           ") FROM " + from + (has_currencies ? " GROUP BY 1" : "");
  };
  const auto of = [&](const std::string& condition) {
    return line(now + " WHERE " + condition, "difference");
  };
  // Amounts of two currencies have no difference, and count as nothing.
  const std::string change = "coalesce(n.difference, 0) - coalesce(b.difference, 0)";
  std::vector<std::pair<std::string, std::string>> selects{
      {"opening", line(before + " WHERE closed_in IS NULL", "difference")},
      {"new", of("opened_in = " + period + " AND first_seen = " + period)},
      {"reopened", of("opened_in = " + period + " AND first_seen < " + period)},
      {"changed",
       line(now + " n JOIN " + before +
                " b ON b.break_id = n.break_id WHERE b.closed_in IS NULL AND " + change + " <> 0",
            change, "n.")}};
  for (const char* name : {"resolved", kAccepted, kExplained, kWrittenOff})
    selects.emplace_back(name,
                         of("closed_in = " + period + " AND lifecycle = " + quote_literal(name)));
  selects.emplace_back("closing", of("closed_in IS NULL"));
  std::map<std::string, std::vector<LifeLine>> by_currency;
  const auto lines_of = [&](const std::string& currency) -> std::vector<LifeLine>& {
    std::vector<LifeLine>& lines = by_currency[currency];
    if (lines.empty())
      for (const auto& select : selects)
        lines.push_back({.name = select.first, .currency = currency});
    return lines;
  };
  for (std::size_t i = 0; i < selects.size(); ++i) {
    const Rows rows = engine_.query(selects[i].second);
    for (std::size_t row = 0; row < rows.cells.size(); ++row) {
      LifeLine& told = lines_of(rows.cells[row][0].value_or(""))[i];
      told.breaks = rows.integer(row, 1);
      told.amount = parse_decimal(rows.text(row, 2), 38, plan_.amount.scale).value;
    }
  }
  if (by_currency.empty()) lines_of({});
  std::vector<LifeLine> lines;
  for (const auto& [currency, each] : by_currency)
    lines.insert(lines.end(), each.begin(), each.end());
  return lines;
}

bool adds_up(const std::vector<LifeLine>& lines) {
  std::map<std::string, std::pair<std::int64_t, Int128>> left;
  for (const LifeLine& line : lines) {
    auto& [breaks, amount] = left[line.currency];
    const bool comes = line.name == "opening" || line.name == "new" || line.name == "reopened";
    const bool changes = line.name == "changed";
    if (!changes) breaks += comes ? line.breaks : -line.breaks;
    amount += comes || changes ? line.amount : -line.amount;
  }
  return std::ranges::all_of(
      left, [](const auto& each) { return each.second.first == 0 && each.second.second == 0; });
}

}  // namespace tallymill::books
