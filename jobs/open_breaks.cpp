#include "jobs/open_breaks.h"

#include <algorithm>

#include "core/digest.h"
#include "core/text.h"
#include "core/time/period.h"
#include "jobs/corrections.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

using books::BreakLife;
using books::LifeLine;
using books::WriteOffLimit;

// What the job calls its own datasets of the period before.
const std::string kStateBefore = "open_breaks_before";
const std::string kStatementBefore = "break_statement_before";
const std::string kWords = "tm_break_words";
const std::string kState = "tm_open_breaks";

constexpr int kShareScale = 9;
constexpr std::int64_t kWholeShare = 1'000'000'000;
constexpr std::int64_t kKept = 12;
/// Calendar days; work days need a calendar.
constexpr const char* kDays = "${period_last_day - period_first_day + 1}";

/// A relation with these columns and no rows.
std::string no_rows(const Schema& schema) {
  std::vector<std::string> columns;
  for (const Column& column : schema.columns)
    columns.push_back("CAST(NULL AS " + column.type.sql() + ") AS " +
                      quote_identifier(column.name));
  return "(SELECT " + join(columns, ", ") + " WHERE false)";
}

Schema statement_schema(const Type& amount, bool has_currencies) {
  Schema schema{
      .columns = {{.name = "position", .type = Type::integer(), .required = true},
                  {.name = "line", .type = Type::text(), .required = true},
                  {.name = "breaks", .type = Type::integer(), .required = true},
                  {.name = "amount", .type = Type::decimal(38, amount.scale), .required = true},
                  {.name = "carried_from", .type = Type::text()},
                  {.name = "chain", .type = Type::text(), .required = true}},
      .key = {"position"}};
  if (has_currencies)
    schema.columns.insert(schema.columns.begin() + 2, {.name = "currency", .type = Type::text()});
  return schema;
}

std::string amount_in(const std::string& amount, std::int64_t breaks) {
  return amount + " in " + std::to_string(breaks) + (breaks == 1 ? " break" : " breaks");
}

const std::string& digest_of(JobContext& context, const std::string& input) {
  return context.task().inputs.at(input).front().digest;
}

}  // namespace

void shape_life(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  if (!spec.options.has("life")) return;
  const SourcePosition where = spec.options.object("life").node().position();
  for (const auto& [dataset, before] :
       {std::pair{open_breaks_dataset(spec.name), kStateBefore},
        std::pair{break_statement_dataset(spec.name), kStatementBefore}}) {
    shape.outputs.push_back({dataset, where});
    // Whether there has to be one is known only when a period runs.
    add_input({.dataset = dataset,
               .where = where,
               .as = before,
               .period = "period - 1",
               .period_where = where,
               .missing = WhenMissing::empty},
              shape, diagnostics);
  }
  if (shape.on_fail == OnFail::fail)
    diagnostics.error(spec.options.position("on_fail"),
                      "on_fail 'fail' would keep back what became of the breaks, too",
                      "use on_fail: block, which lets the job succeed");
}

OpenBreaks::OpenBreaks(JobContext& context, const Options& options, const Schema& breaks,
                       Type amount)
    : options_(options.object("life")),
      state_(open_breaks_dataset(context.task().job)),
      statement_(break_statement_dataset(context.task().job)) {
  plan_.breaks = breaks;
  plan_.amount = std::move(amount);
  const Schema state = BreakLife::schema(breaks);
  for (std::size_t i = 0; i < breaks.columns.size(); ++i)
    for (std::size_t j = breaks.columns.size(); j < state.columns.size(); ++j)
      if (state.columns[i].name == state.columns[j].name)
        context.diagnostics().error(options.object("left").position("key"),
                                    "a key cannot be named '" + state.columns[i].name +
                                        "', open breaks have a column of that name");
  schemas_ = {{state_, state},
              {statement_, statement_schema(plan_.amount, books::tells_currency(breaks))}};
  if (options.has("pending")) plan_.pending_causes = options.texts("pending");
  plan_since(context);
  plan_ages(context);
  plan_limits(context);
}

void OpenBreaks::plan_since(JobContext& context) {
  const SourcePosition where = options_.position("since");
  since_ = options_.text("since");
  const auto since = Period::parse(since_);
  const auto period = Period::parse(context.task().period);
  const std::string kind =
      period ? std::string(to_string(period->kind())) : context.task().period_kind;
  if (!since || (!kind.empty() && to_string(since->kind()) != kind)) {
    context.diagnostics().error(
        where, "'" + since_ + "' is no " + (kind.empty() ? std::string("period") : kind));
    return;
  }
  if (!period) return;
  plan_.period = period->text();
  plan_.day = period->last_day().text();
  const auto keep =
      static_cast<int>(std::clamp<std::int64_t>(options_.integer("keep", kKept), 0, 10000));
  plan_.forget_before = period->next(-keep).text();
}

void OpenBreaks::plan_ages(JobContext& context) {
  const SourcePosition where = options_.position("days");
  const std::string days = context.expand(options_.text("days", kDays), where);
  const auto parsed = parse_integer(days);
  if (!parsed || parsed.value < 0)
    context.diagnostics().error(
        where, "'days' must come to a number of days, got '" + days + "'",
        "such as ${workdays_between(period_first_day - 1, period_last_day)}");
  plan_.days = parsed.value;
  if (!options_.has("buckets")) {
    plan_.buckets = {7, 30, 90};
    return;
  }
  for (const YamlNode& node : options_.list("buckets")) {
    const auto bound = parse_integer(node.text());
    if (!bound || bound.value < 0 ||
        (!plan_.buckets.empty() && bound.value <= plan_.buckets.back()))
      context.diagnostics().error(
          node.position(),
          "'buckets' must be ascending numbers of days, got '" + std::string(node.text()) + "'");
    else
      plan_.buckets.push_back(bound.value);
  }
}

void OpenBreaks::plan_limits(JobContext& context) {
  if (!options_.has("write_off")) return;
  const std::string breaks = no_rows(plan_.breaks);
  const auto number = [&](const Options& given, const char* key, int precision,
                          int scale) -> std::optional<Int128> {
    if (!given.has(key)) return std::nullopt;
    const SourcePosition where = given.position(key);
    const auto text = value_text(context, given.text(key), where);
    if (!text) return std::nullopt;
    const Parsed<Int128> value = parse_decimal(*text, precision, scale, true);
    if (value && value.value >= 0) return value.value;
    context.diagnostics().error(where, "'" + *text + "' is no number of at least 0 with up to " +
                                           std::to_string(scale) + " fraction digits");
    return std::nullopt;
  };
  for (const YamlNode& node : options_.list("write_off")) {
    const Options given(node);
    WriteOffLimit& limit = plan_.limits.emplace_back();
    limit.name = given.text("name");
    limit.min_age = given.integer("min_age");
    limit.abs = number(given, "abs", 38, plan_.amount.scale);
    if (const auto share = number(given, "share", 18, kShareScale)) {
      limit.share = static_cast<std::int64_t>(*share);
      if (*share > kWholeShare)
        context.diagnostics().error(given.position("share"), "a share is from 0 to 1",
                                    "write 0.01 for one per cent");
    }
    if (!given.has("abs") && !given.has("share"))
      context.diagnostics().error(node.position(), "a limit needs 'abs', 'share' or both");
    if (!given.has("when")) continue;
    const Type boolean = Type::boolean();
    const SourcePosition where = given.position("when");
    context.expression_type(given.text("when"), breaks, &boolean, where);
    limit.when = context.bind_parameters(given.text("when"), where);
  }
}

bool OpenBreaks::is_first(JobContext& context) const { return context.task().period == since_; }

/// The state before, in the columns of today: a column that is new has no value there.
std::string OpenBreaks::before(JobContext& context) const {
  const Schema& now = schemas_.at(state_);
  if (is_first(context)) return no_rows(now);
  const Schema& then = context.schema(kStateBefore);
  std::vector<std::string> columns;
  for (const Column& column : now.columns) {
    const std::string name = quote_identifier(column.name);
    const Column* old = then.find(column.name);
    if (old != nullptr && old->type != column.type)
      throw Error(ErrorClass::data,
                  "column '" + column.name + "' of the open breaks was " + old->type.name() +
                      " in the period before and is " + column.type.name() +
                      " now; make that period again, or begin anew with 'since: " +
                      context.task().period + "'");
    columns.push_back(old != nullptr ? name : "CAST(NULL AS " + column.type.sql() + ") AS " + name);
  }
  return "(SELECT " + join(columns, ", ") + " FROM " + context.relation(kStateBefore) + ")";
}

OpenBreaks::Open OpenBreaks::run(JobContext& context, const std::string& found) {
  const std::string& period = context.task().period;
  if (period < since_)
    throw Error(ErrorClass::config,
                "breaks are carried forward since " + since_ + ", there is nothing of " + period);
  const bool is_first_period = is_first(context);
  if (!is_first_period && context.task().inputs.at(kStateBefore).empty())
    throw Error(ErrorClass::data,
                "what became of the breaks of " + Period::parse(period)->next(-1).text() +
                    " has not been made yet; run that period first, or begin anew with 'since: " +
                    period + "'");
  Engine& engine = context.engine();
  books::make_words_table(engine, kWords, corrections_of(context));
  const BreakLife life(engine, plan_);
  const std::string earlier = before(context);
  engine.execute("CREATE OR REPLACE TEMP TABLE " + kState + " AS " +
                 life.state(found, earlier, kWords));
  context.stage(
      {.dataset = state_, .select = "SELECT * FROM " + kState, .schema = schemas_.at(state_)});
  const std::vector<LifeLine> lines = life.statement(kState, earlier);
  if (!books::adds_up(lines))
    throw Error(ErrorClass::bug, "opening and movements of breaks do not come to closing");
  if (!is_first_period) check_closing(context, lines);
  context.stage({.dataset = statement_,
                 .select = statement_select(
                     context, lines, is_first_period ? "" : digest_of(context, kStateBefore)),
                 .schema = schemas_.at(statement_)});
  report(context, lines, kWords);
  return {.findings = count_of(context, kState + " WHERE closed_in IS NULL AND NOT is_pending"),
          .pending = count_of(context, kState + " WHERE is_pending")};
}

/// What was closed with is what is opened with, in each currency.
void OpenBreaks::check_closing(JobContext& context, const std::vector<LifeLine>& lines) const {
  const int scale = plan_.amount.scale;
  std::map<std::string, std::pair<std::int64_t, Int128>> opens;
  for (const LifeLine& line : lines)
    if (line.name == "opening" && (line.breaks != 0 || !books::tells_currency(plan_.breaks)))
      opens[line.currency] = {line.breaks, line.amount};
  const bool had_currencies = context.schema(kStatementBefore).find("currency") != nullptr;
  const Rows closing = context.engine().query(
      "SELECT " + std::string(had_currencies ? "coalesce(currency, '')" : "''") +
      " AS tm_currency, breaks, amount FROM " + context.relation(kStatementBefore) +
      " WHERE line = 'closing'" + (books::tells_currency(plan_.breaks) ? " AND breaks <> 0" : ""));
  std::map<std::string, std::pair<std::int64_t, Int128>> closes;
  for (std::size_t row = 0; row < closing.cells.size(); ++row)
    closes[closing.text(row, 0)] = {closing.integer(row, 1),
                                    units_of_text(closing.text(row, 2), scale)};
  if (closes == opens) return;
  const auto told = [&](const std::map<std::string, std::pair<std::int64_t, Int128>>& sums) {
    std::vector<std::string> texts;
    for (const auto& [currency, sum] : sums)
      texts.push_back(currency + (currency.empty() ? "" : " ") +
                      amount_in(format_decimal(sum.second, scale), sum.first));
    return texts.empty() ? std::string("nothing") : join(texts, ", ");
  };
  throw Error(ErrorClass::data, "the statement of the period before closes with " + told(closes) +
                                    ", but its open breaks are " + told(opens) +
                                    "; make that period again");
}

/// Each link of the chain holds the one before and the digest of the state that was carried on.
std::string OpenBreaks::statement_select(JobContext& context, const std::vector<LifeLine>& lines,
                                         const std::string& carried_from) const {
  const bool is_first_period = carried_from.empty();
  const std::string link_before =
      is_first_period ? std::string()
                      : context.engine()
                            .query("SELECT max(chain) FROM " + context.relation(kStatementBefore))
                            .text(0, 0);
  const std::string chain =
      sha256_hex(link_before + "|" + context.task().period + "|" + carried_from);
  std::vector<std::string> rows;
  const bool has_currencies = books::tells_currency(plan_.breaks);
  for (std::size_t i = 0; i < lines.size(); ++i)
    rows.push_back("SELECT CAST(" + std::to_string(i + 1) + " AS BIGINT) AS position, " +
                   quote_literal(lines[i].name) + " AS line, " +
                   (has_currencies
                        ? "nullif(" + quote_literal(lines[i].currency) + ", '') AS currency, "
                        : std::string()) +
                   "CAST(" + std::to_string(lines[i].breaks) + " AS BIGINT) AS breaks, CAST(" +
                   quote_literal(format_decimal(lines[i].amount, plan_.amount.scale)) + " AS " +
                   Type::decimal(38, plan_.amount.scale).sql() + ") AS amount, " +
                   (is_first_period ? "CAST(NULL AS VARCHAR)" : quote_literal(carried_from)) +
                   " AS carried_from, " + quote_literal(chain) + " AS chain");
  return join(rows, " UNION ALL ");
}

void OpenBreaks::report(JobContext& context, const std::vector<LifeLine>& lines,
                        const std::string& words) const {
  Engine& engine = context.engine();
  json::array statement;
  const bool has_currencies = books::tells_currency(plan_.breaks);
  const auto begun = [&](const std::string& currency) {
    json::object line;
    if (has_currencies) line["currency"] = currency;
    return line;
  };
  for (const LifeLine& line : lines) {
    json::object told = begun(line.currency);
    told["line"] = line.name;
    told["breaks"] = line.breaks;
    told["amount"] = format_decimal(line.amount, plan_.amount.scale);
    statement.push_back(std::move(told));
  }
  const auto counted = [&](const std::string& column, const std::string& condition) {
    json::array list;
    const Rows rows = engine.query(
        "SELECT " + std::string(has_currencies ? "currency" : "''") + " AS tm_currency, " + column +
        ", min(age), count(*), coalesce(sum(difference), 0)::VARCHAR FROM " + kState + " WHERE " +
        condition + " GROUP BY 1, 2 ORDER BY 1, 3");
    for (std::size_t i = 0; i < rows.cells.size(); ++i) {
      json::object told = begun(rows.cells[i][0].value_or(""));
      told["age"] = rows.text(i, 1);
      told["breaks"] = rows.integer(i, 3);
      told["amount"] = rows.text(i, 4);
      list.push_back(std::move(told));
    }
    return list;
  };
  json::object life{{"statement", std::move(statement)},
                    {"ages", counted("bucket", "closed_in IS NULL")},
                    {"pending", count_of(context, kState + " WHERE is_pending")}};
  const Rows said = engine.query(
      "SELECT CASE WHEN s.break_id IS NULL THEN 'no_such_break' WHEN w.is_said AND w.said <> "
      "'open' "
      "AND w.said_in >= s.opened_in AND w.seen <> " +
      books::seen_difference_sql(plan_.breaks) +
      " THEN 'break_changed' ELSE 'applied' END AS outcome, count(*) FROM " + words +
      " w LEFT JOIN " + kState + " s ON s.break_id = w.break_id GROUP BY 1 ORDER BY 1");
  if (!said.cells.empty()) {
    json::object outcomes;
    for (std::size_t i = 0; i < said.cells.size(); ++i)
      outcomes[said.text(i, 0)] = said.integer(i, 1);
    life["words"] = std::move(outcomes);
  }
  context.result().report["life"] = std::move(life);
}

OptionSpec life_option() {
  return {
      .name = "life",
      .kind = OptionKind::object,
      .summary = "Carries breaks forward from period to period, in `<job>.open_breaks`.",
      .fields = {
          {.name = "since",
           .kind = OptionKind::text,
           .summary = "The first period; it opens with no breaks. Later ones need the one before.",
           .required = true},
          {.name = "days",
           .kind = OptionKind::text,
           .summary = "How many days older a break becomes in a period, in the date language.",
           .default_text = "calendar days"},
          {.name = "buckets",
           .kind = OptionKind::list,
           .summary = "Upper bounds of ages, in days.",
           .default_text = "[7, 30, 90]",
           .fields = {{.name = "days", .kind = OptionKind::integer}}},
          {.name = "keep",
           .kind = OptionKind::integer,
           .summary = "So many periods a resolved break is remembered, to be reopened.",
           .default_text = "12"},
          {.name = "write_off",
           .kind = OptionKind::list,
           .summary =
               "Limits up to which differences are written off; of those that apply the most "
               "restrictive counts.",
           .fields = {
               {.name = "limit",
                .kind = OptionKind::object,
                .fields = {
                    {.name = "name",
                     .kind = OptionKind::text,
                     .summary = "What `closed_by` calls it.",
                     .required = true},
                    {.name = "when",
                     .kind = OptionKind::expression,
                     .summary = "Condition on a break; without it the limit applies to all."},
                    {.name = "abs",
                     .kind = OptionKind::text,
                     .summary = "The largest difference, or param(name)."},
                    {.name = "share",
                     .kind = OptionKind::text,
                     .summary =
                         "The largest share of the larger side from 0 to 1, or param(name)."},
                    {.name = "min_age",
                     .kind = OptionKind::integer,
                     .summary = "Days since the break was first seen.",
                     .default_text = "0"}}}}}}};
}

}  // namespace tallymill
