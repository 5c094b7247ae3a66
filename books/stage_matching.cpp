#include "books/stage_matching.h"

#include <algorithm>

#include "books/stage_placing.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

std::string value_name(std::size_t i) { return "tm_v" + std::to_string(i + 1); }

}  // namespace

StageMatching::StageMatching(Engine& engine, StagePlan plan)
    : engine_(engine),
      plan_(std::move(plan)),
      wide_("DECIMAL(38," + std::to_string(plan_.amount.scale) + ")") {}

StageMatching::~StageMatching() = default;

/// The rows of a side under inner names: tm_is_left, tm_k1.., tm_amount, tm_day, tm_text, tm_v1..,
/// tm_id.
std::string StageMatching::rows_of(bool left) const {
  const StageSide& side = left ? plan_.left : plan_.right;
  std::string columns = left ? "true AS tm_is_left" : "false AS tm_is_left";
  for (std::size_t i = 0; i < side.key.size(); ++i)
    columns +=
        ", CAST(" + side.key[i] + " AS " + plan_.key[i].type.sql() + ") AS " + inner_key_name(i);
  columns += ", CAST(" + side.amount + " AS " + plan_.amount.sql() + ") AS tm_amount, CAST(" +
             (plan_.has_days() ? side.day : std::string("NULL")) + " AS DATE) AS tm_day, CAST(" +
             (side.text.empty() ? std::string("NULL") : side.text) + " AS VARCHAR) AS tm_text";
  for (std::size_t i = 0; i < side.values.size(); ++i)
    columns += ", CAST(" + side.values[i] + " AS VARCHAR) AS " + value_name(i);
  std::vector<std::string> id{"'/'"};
  for (const std::string& part : side.id) id.push_back("CAST(" + part + " AS VARCHAR)");
  columns += ", " + (side.id.empty() ? std::string("''") : "concat_ws(" + join(id, ", ") + ")") +
             " AS tm_id";
  std::vector<std::string> selects;
  for (const std::string& relation : side.relations)
    selects.push_back("SELECT " + columns + " FROM " + relation);
  return "(" + join(selects, " UNION ALL ") + ")";
}

/// The lines of a currency, all of them, though nothing may be in them yet.
std::vector<StageLine>& StageMatching::lines_of(const std::string& currency) {
  std::vector<StageLine>& lines = lines_[currency];
  if (!lines.empty()) return lines;
  for (const CascadeStage& stage : plan_.stages)
    lines.push_back({.name = stage.name, .currency = currency});
  for (const char* name : {"left_only", "right_only", "search_cut_off"})
    lines.push_back({.name = name, .currency = currency, .is_break = true});
  return lines;
}

KeyedRows StageMatching::keyed_rows(bool left) const {
  return {.relation = rows_of(left),
          .key = plan_.key,
          .currency = plan_.currency,
          .amount = "tm_amount",
          .scale = plan_.amount.scale};
}

void StageMatching::require_sound_currencies() const {
  if (!plan_.currency) return;
  for (const bool is_left : {true, false})
    require_sound_currency(engine_, is_left ? plan_.left.name : plan_.right.name,
                           keyed_rows(is_left), plan_.minor_units, "tm_id");
}

/// A first exact stage: what is equal in its columns is a multiset on both sides.
void StageMatching::match_exactly() {
  if (plan_.stages.empty() || plan_.stages.front().kind != CascadeStage::Kind::exact) return;
  const CascadeStage& stage = plan_.stages.front();
  MatchPlan exact{.amount = plan_.amount,
                  .pairs_duplicates = true,
                  .missing_key = MissingKey::open,
                  .currency = plan_.currency,
                  .has_plain_amounts = true,
                  .join_memory = plan_.join_memory,
                  .key_memory = plan_.key_memory};
  const auto add = [&](const std::string& name, const Type& type) {
    exact.key.push_back({.name = name, .type = type});
    exact_key_.push_back(name);
  };
  for (std::size_t i = 0; i < plan_.key.size(); ++i) add(inner_key_name(i), plan_.key[i].type);
  for (const std::size_t column : stage.by) add(value_name(column), Type::text());
  add("tm_amount", plan_.amount);
  if (stage.window) add("tm_day", Type::date());
  exact.left = {.name = plan_.left.name,
                .relations = {rows_of(true)},
                .key = exact_key_,
                .amount = "tm_amount"};
  exact.right = {.name = plan_.right.name,
                 .relations = {rows_of(false)},
                 .key = exact_key_,
                 .amount = "tm_amount"};
  exact_ = std::make_unique<Matching>(engine_, std::move(exact));
  exact_open_ = exact_->open_table();
  first_ = 1;
  for (const MatchClass& each : exact_->classes()) {
    StageLine& line = lines_of(each.currency).front();
    if (each.name == "duplicate") line.ambiguous = each.keys;
    if (each.name != "matched") continue;
    line.groups = each.left_rows;
    line.left_rows = each.left_rows;
    line.right_rows = each.right_rows;
    line.left_amount = each.left_amount;
    line.right_amount = each.right_amount;
  }
}

/// The rows of a side that the exact stage left: of equal ones the last by their ids.
std::string StageMatching::rest_of(bool left) const {
  if (!exact_) return "SELECT * FROM " + rows_of(left);
  const std::string surplus = left ? "o.tm_left_rows" : "o.tm_right_rows";
  std::vector<std::string> conditions{surplus + " > 0"};
  for (std::size_t i = 0; i < exact_key_.size(); ++i)
    conditions.push_back("s." + exact_key_[i] + " IS NOT DISTINCT FROM o." + inner_key_name(i));
  std::string order = "s.tm_id DESC, s.tm_text DESC, s.tm_day DESC";
  for (std::size_t i = 0; i < plan_.values.size(); ++i) order += ", s." + value_name(i) + " DESC";
  return "SELECT s.* FROM " + rows_of(left) + " s JOIN " + exact_open_ + " o ON " +
         join(conditions, " AND ") + " QUALIFY row_number() OVER (PARTITION BY s." +
         join(exact_key_, ", s.") + " ORDER BY " + order + ") <= " + surplus;
}

/// The table of the rest, numbered by what the rows are and not by where they stood.
void StageMatching::number_rest() {
  std::string keys;
  std::string missing = "false";
  for (std::size_t i = 0; i < plan_.key.size(); ++i) {
    keys += inner_key_name(i) + " NULLS LAST, ";
    missing += " OR " + inner_key_name(i) + " IS NULL";
  }
  std::string content = "tm_is_left DESC, tm_id, tm_amount, tm_day, tm_text";
  for (std::size_t i = 0; i < plan_.values.size(); ++i) content += ", " + value_name(i);
  const std::string block =
      keys.empty() ? std::string("CAST(1 AS BIGINT)")
                   : "dense_rank() OVER (ORDER BY " + keys.substr(0, keys.size() - 2) + ")";
  std::vector<std::string> identity;
  for (std::size_t i = 0; i < plan_.key.size(); ++i) identity.push_back(inner_key_name(i));
  identity.emplace_back("tm_is_left");
  identity.emplace_back("tm_id");
  // Rows that must match nothing are one block, which is not run, in front of all others.
  const std::string first =
      plan_.missing_key == MissingKey::open ? "(" + missing + ")" : std::string("false");
  done_ = "tm_rest_" + std::to_string(engine_.next_name());
  engine_.execute("CREATE TEMP TABLE " + done_ + " AS SELECT *, row_number() OVER (ORDER BY " +
                  first + " DESC, " + keys + content + ") AS tm_row, CASE WHEN " + first +
                  " THEN 0 ELSE " + block + " END AS tm_block, row_number() OVER (PARTITION BY " +
                  join(identity, ", ") + " ORDER BY " + content + ") AS tm_copy FROM (" +
                  rest_of(true) + " UNION ALL " + rest_of(false) + ")");
}

void StageMatching::place() {
  StagePlacing placing(plan_, first_);
  std::string values;
  for (std::size_t i = 0; i < plan_.values.size(); ++i) values += ", " + value_name(i);
  if (plan_.currency) values += ", CAST(" + inner_key_name(*plan_.currency) + " AS VARCHAR)";
  engine_.read("SELECT tm_block, tm_is_left, CAST(tm_amount AS " + wide_ + "), tm_day, tm_text" +
                   values + " FROM " + done_ + " ORDER BY tm_row",
               placing.columns(), [&](std::span<const ColumnView> columns, std::size_t rows) {
                 placing.take(columns, rows);
               });
  placing.finish();
  if (!plan_.currency) lines_of({});
  for (const auto& [currency, lines] : placing.lines())
    std::ranges::copy(lines, lines_of(currency).begin() + static_cast<std::ptrdiff_t>(first_));
  const std::string source = "tm_placed_" + std::to_string(engine_.next_name());
  engine_.add_source(source, StagePlacing::table_columns(plan_.amount.scale),
                     StagePlacing::table(placing.release()));
  std::vector<std::string> identity;
  for (std::size_t i = 0; i < plan_.key.size(); ++i) identity.push_back(inner_key_name(i));
  identity.emplace_back("CASE WHEN tm_is_left THEN 'left' ELSE 'right' END");
  identity.emplace_back("tm_id");
  identity.emplace_back("nullif(tm_copy, 1)");
  const std::string table = "tm_done_" + std::to_string(engine_.next_name());
  engine_.execute("CREATE TEMP TABLE " + table + " AS SELECT r.*, p.* EXCLUDE (tm_row), " +
                  break_id_sql(plan_.id_prefix, identity) + " AS tm_break_id FROM " + done_ +
                  " r JOIN " + source + "() p ON r.tm_row = p.tm_row");
  engine_.execute("DROP TABLE " + done_);
  done_ = table;
}

void StageMatching::run() {
  if (!done_.empty()) return;
  match_exactly();
  number_rest();
  place();
}

std::vector<StageLine> StageMatching::lines() {
  run();
  std::vector<StageLine> lines;
  for (const auto& [currency, each] : lines_) lines.insert(lines.end(), each.begin(), each.end());
  return lines;
}

std::vector<MatchSideTotals> StageMatching::totals(bool of_left) const {
  return side_totals(engine_, keyed_rows(of_left));
}

std::string StageMatching::breaks() {
  run();
  const std::string type = plan_.amount.sql();
  std::string keys;
  for (std::size_t i = 0; i < plan_.key.size(); ++i)
    keys += "d." + inner_key_name(i) + " AS " + quote_identifier(plan_.key[i].name) + ", ";
  const auto amount = [&](const std::string& sql, const std::string& name) {
    return "CAST(" + sql + " AS " + type + ") AS " + name + ", ";
  };
  return "SELECT d.tm_break_id AS break_id, " + keys +
         amount("CASE WHEN d.tm_is_left THEN d.tm_amount END", "left_amount") +
         amount("CASE WHEN NOT d.tm_is_left THEN d.tm_amount END", "right_amount") +
         amount("coalesce(CASE WHEN d.tm_is_left THEN d.tm_amount ELSE -d.tm_amount END, 0)",
                "difference") +
         "CASE WHEN d.tm_cut_off THEN 'search_cut_off' WHEN d.tm_is_left THEN 'left_only' ELSE "
         "'right_only' END AS class, " +
         amount("NULL", "tolerance") +
         "CAST(d.tm_is_left AS BIGINT) AS left_rows, CAST(NOT d.tm_is_left AS BIGINT) AS "
         "right_rows, d.tm_id AS \"row\", n.tm_id AS nearest_candidate, nullif(d.tm_failed, '') "
         "AS failed_predicate, nullif(d.tm_distance, '') AS distance FROM " +
         done_ + " d LEFT JOIN " + done_ + " n ON d.tm_near = n.tm_row WHERE d.tm_group = 0";
}

std::string StageMatching::matches() {
  run();
  const std::string type = plan_.amount.sql();
  std::string keys;
  for (std::size_t i = 0; i < plan_.key.size(); ++i)
    keys += "d." + inner_key_name(i) + " AS " + quote_identifier(plan_.key[i].name) + ", ";
  std::string stages = "CASE d.tm_stage";
  for (std::size_t i = first_; i < plan_.stages.size(); ++i)
    stages +=
        " WHEN " + std::to_string(i - first_) + " THEN " + quote_literal(plan_.stages[i].name);
  // Without a stage behind the exact one there are no groups to name.
  stages = first_ == plan_.stages.size() ? "''" : stages + " END";
  return "SELECT g.tm_id AS match_group_id, " + stages +
         " AS stage, d.tm_cardinality AS cardinality, CASE WHEN d.tm_is_left THEN 'left' ELSE "
         "'right' END AS side, " +
         keys + "d.tm_id AS \"row\", CAST(d.tm_amount AS " + type +
         ") AS amount, CAST(d.tm_drift AS " + type + ") AS drift, CAST(d.tm_allowed AS " + type +
         ") AS tolerance, d.tm_alternatives AS ambiguous FROM " + done_ +
         " d JOIN (SELECT tm_group, left(sha256(" + quote_literal(plan_.id_prefix) +
         " || string_agg(tm_break_id, '|' ORDER BY tm_row)), 32) AS tm_id FROM " + done_ +
         " WHERE tm_group > 0 GROUP BY tm_group) g ON d.tm_group = g.tm_group";
}

}  // namespace tallymill::books
