#include "jobs/cleanse_flow.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include "core/text.h"
#include "datasets/sql_text.h"

namespace tallymill {
namespace {

/// A row of the right types, to bind expressions against; nobody reads it.
std::string typed_row(const Schema& schema) {
  std::vector<std::string> columns;
  for (const Column& column : schema.columns)
    columns.push_back("CAST(NULL AS " + column.type.sql() + ") AS " +
                      quote_identifier(column.name));
  if (schema.has_provenance) {
    columns.push_back("CAST(NULL AS VARCHAR) AS " + std::string(kSourceColumn));
    columns.push_back("CAST(NULL AS BIGINT) AS " + std::string(kLineColumn));
  }
  return "(SELECT " + join(columns, ", ") + ")";
}

constexpr std::string_view kHidden = "tm_h";

/// The hidden columns that `sql` names, of those up to `last`: a text of the user's may look like
/// one.
void add_hidden(const std::string& sql, int last, std::set<std::string>& names) {
  for (std::size_t at = sql.find(kHidden); at != std::string::npos;
       at = sql.find(kHidden, at + 1)) {
    int number = 0;
    const char* const begin = sql.data() + at + kHidden.size();
    const auto read = std::from_chars(begin, sql.data() + sql.size(), number);
    if (read.ec == std::errc() && number > 0 && number <= last)
      names.insert(std::string(kHidden) + std::to_string(number));
  }
}

/// TRY refuses subqueries, and the parser alone cannot tell where a text holds one.
bool may_hold_subquery(const std::string& sql) {
  return sql_lower(sql).find("select") != std::string::npos;
}

}  // namespace

std::string_view to_string(Leaving leaving) {
  switch (leaving) {
    case Leaving::merged:
      return "merged";
    case Leaving::filtered:
      return "filtered";
    case Leaving::rejected:
      break;
  }
  return "rejected";
}

CleanseFlow::CleanseFlow(JobContext& context, Schema input, const std::string& relation,
                         std::vector<std::string> balance, Changes changes)
    : context_(context),
      input_(std::move(input)),
      schema_(input_),
      relation_(relation),
      source_("FROM " + relation),
      changes_(changes) {
  for (std::string& column : balance) balance_[std::move(column)];
}

std::optional<Column> CleanseFlow::column(const std::string& name, const SourcePosition& where) {
  if (const Column* found = schema_.find(name)) return *found;
  std::string hint = did_you_mean(name, schema_.names());
  if (hint.empty()) hint = "the columns here are " + join(schema_.names(), ", ");
  context_.diagnostics().error(where, "there is no column '" + name + "'", std::move(hint));
  return std::nullopt;
}

std::optional<Column> CleanseFlow::text_column(const std::string& name,
                                               const SourcePosition& where) {
  std::optional<Column> found = column(name, where);
  if (!found || found->type.kind == TypeKind::text) return found;
  context_.diagnostics().error(
      where, "column '" + name + "' is " + found->type.name() + ", expected text");
  return std::nullopt;
}

bool CleanseFlow::may_be_named(const std::string& name, const SourcePosition& where) {
  if (is_identifier(name) && !name.starts_with("_") && !name.starts_with("tm_")) return true;
  context_.diagnostics().error(where, "a new column cannot be named '" + name + "'",
                               "use letters, digits and '_', and no leading '_' or 'tm_'");
  return false;
}

void CleanseFlow::begin_step(std::string label) { step_ = std::move(label); }

/// As early as it can be: DuckDB bounds how deep SELECTs stand in one another.
void CleanseFlow::project(std::string name, std::string expression, bool replaces) {
  std::size_t at = projections_.size();
  while (at > since_ && projections_[at - 1].lets_pass(name, expression)) --at;
  if (at > since_ && projections_[at - 1].can_take(name, expression)) --at;
  if (at == projections_.size()) projections_.emplace_back();
  projections_[at].take(std::move(name), std::move(expression), replaces);
}

/// FROM clause of what the projections from `since` on make of the rows of another one.
std::string CleanseFlow::made_of(const std::string& source, std::size_t since) const {
  std::string sql;
  for (std::size_t i = projections_.size(); i > since; --i)
    sql += "FROM (SELECT " + projections_[i - 1].columns() + " ";
  sql += source;
  for (std::size_t i = since; i < projections_.size(); ++i)
    sql += ") t" + projections_[i].join_clause();
  return sql;
}

std::string CleanseFlow::next_hidden() { return std::string(kHidden) + std::to_string(++hidden_); }

std::string CleanseFlow::keep(const std::string& expression) {
  std::string name = next_hidden();
  project(name, expression, false);
  return name;
}

std::string CleanseFlow::keep(const std::string& expression, const Type& type) {
  std::string name = keep(expression);
  hidden_types_[name] = type;
  return name;
}

std::string CleanseFlow::keep_joined(const std::string& relation, const std::string& condition,
                                     const std::string& expression) {
  std::string name = next_hidden();
  if (projections_.size() == since_ || projections_.back().is_closed()) projections_.emplace_back();
  projections_.back().join_with(relation + " m ON " + condition);
  projections_.push_back(FlowProjection::of_joined(name, expression));
  return name;
}

void CleanseFlow::note_balance(const Column& column) {
  const auto it = balance_.find(column.name);
  const Column* old = schema_.find(column.name);
  if (it == balance_.end() || old == nullptr || !old->type.is_summable()) return;
  it->second.push_back({step_, keep(quote_identifier(column.name), old->type), old->type});
}

std::vector<CleanseFlow::CellStage> CleanseFlow::changes() const {
  std::vector<CellStage> cells;
  for (auto it = kept_cells_.begin(); it != kept_cells_.end(); ++it) {
    const std::string& name = it->before.name;
    const auto next = std::find_if(it + 1, kept_cells_.end(), [&](const KeptCells& later) {
      return later.before.name == name;
    });
    const bool is_last = next == kept_cells_.end();
    const Column& after = is_last ? *schema_.find(name) : next->before;
    cells.push_back({it->step, name, it->kept, is_last ? quote_identifier(name) : next->kept,
                     it->changed, it->before.sensitive || after.sensitive});
  }
  return cells;
}

void CleanseFlow::set(const Column& column, const std::string& expression) {
  note_balance(column);
  const Column* old = schema_.find(column.name);
  if (changes_ == Changes::none || old == nullptr) {
    write(column, expression);
    return;
  }
  const std::string name = quote_identifier(column.name);
  KeptCells cells{step_, *old, keep(name, old->type), {}};
  write(column, expression);
  const auto text = [](const std::string& cell) { return "CAST(" + cell + " AS VARCHAR)"; };
  // Said here, cell by cell, so that only this much need be stored where nobody asks for the cells.
  cells.changed = cells.before.type.sql() == column.type.sql()
                      ? keep(cells.kept + " IS DISTINCT FROM " + name)
                      : keep(text(cells.kept) + " IS DISTINCT FROM " + text(name));
  kept_cells_.push_back(std::move(cells));
}

void CleanseFlow::write(const Column& column, const std::string& expression) {
  const std::string name = quote_identifier(column.name);
  const auto it = std::find_if(schema_.columns.begin(), schema_.columns.end(),
                               [&](const Column& known) { return known.name == column.name; });
  if (it == schema_.columns.end()) {
    project(name, expression, false);
    schema_.columns.push_back(column);
  } else {
    project(name, expression, true);
    *it = column;
  }
}

void CleanseFlow::mark(const Mark& mark) {
  const std::string reason = keep(mark.reason, Type::text());
  const std::string reasons = mark.reasons.empty() ? reason : keep(mark.reasons, Type::text());
  const auto of_marked = [&](const std::string& text) {
    return keep("CASE WHEN " + reason + " IS NOT NULL THEN " + text + " END", Type::text());
  };
  const std::string message = of_marked(mark.message);
  const std::string survivor = mark.survivor.empty() ? "" : of_marked(mark.survivor);
  marks_.push_back({mark.leaving, step_, reason, reasons, message, survivor});
}

void CleanseFlow::note(Note note) {
  note.step = step_;
  note.condition = keep(note.condition, Type::boolean());
  for (auto& [name, text] : note.fields)
    text = keep("CASE WHEN " + note.condition + " THEN " + text + " END", Type::text());
  notes_.push_back(std::move(note));
}

void CleanseFlow::tally(const std::string& name, const std::string& condition) {
  tallies_.emplace_back(name, keep(condition, Type::boolean()));
}

std::optional<std::string> CleanseFlow::bind(const std::string& sql, const Type& target,
                                             const SourcePosition& where) {
  if (!context_.expression_type(sql, typed_row(schema_), &target, where)) return std::nullopt;
  return "CAST((" + context_.bind_parameters(sql, where) + "\n) AS " + target.sql() + ")";
}

CleanseFlow::Guarded CleanseFlow::keep_guarded(const std::string& expression) {
  if (may_hold_subquery(expression)) return {keep(expression), "false"};
  // The struct tells a value that is null from one that could not be computed.
  const std::string kept = keep("TRY({'v': " + expression + "})");
  return {"struct_extract(" + kept + ", 'v')", "(" + kept + " IS NULL)"};
}

std::string CleanseFlow::is_marked() const {
  std::vector<std::string> parts;
  for (const Marked& mark : marks_) parts.push_back(mark.reason + " IS NOT NULL");
  return parts.empty() ? "false" : "(" + join(parts, " OR ") + ")";
}

std::string CleanseFlow::reasons_so_far() const {
  std::vector<std::string> parts;
  for (const Marked& mark : marks_) parts.push_back(mark.reasons);
  return parts.empty() ? "CAST(NULL AS VARCHAR)"
                       : "nullif(concat_ws(';', " + join(parts, ", ") + "), '')";
}

std::string CleanseFlow::total_order() const { return join(quoted(schema_.stored_names()), ", "); }

std::string CleanseFlow::all_values() const {
  std::vector<std::string> parts;
  for (const Column& column : schema_.columns)
    parts.push_back(column.sensitive
                        ? quote_literal(kMaskedValue)
                        : "coalesce(CAST(" + quote_identifier(column.name) + " AS VARCHAR), '')");
  return "concat_ws('|', " + join(parts, ", ") + ")";
}

bool CleanseFlow::is_from_input(const std::string& column) const {
  const Column* found = input_.find(column);
  return found != nullptr && found->type.is_summable();
}

/// The columns to store where only what is said and asked at the end, and `also`, is read from here
/// on.
std::vector<Column> CleanseFlow::needed_columns(std::vector<std::string> also) const {
  for (const auto& [name, stages] : balance_)
    for (const BalanceStage& stage : stages) also.push_back(stage.column);
  for (const auto& [name, column] : tallies_) also.push_back(column);
  for (const Note& note : notes_) {
    also.push_back(note.condition);
    for (const auto& [name, value] : note.fields) also.push_back(value);
  }
  if (changes_ == Changes::all)
    for (const KeptCells& cells : kept_cells_) also.push_back(cells.kept);
  for (const Marked& mark : marks_)
    also.insert(also.end(), {mark.reason, mark.reasons, mark.message, mark.survivor});
  std::set<std::string> hidden;
  for (const std::string& sql : also) add_hidden(sql, hidden_, hidden);
  for (const KeptCells& cells : kept_cells_) hidden.erase(cells.changed);  // stored as flags
  std::vector<Column> columns = schema_.stored_columns();
  for (Column& column : columns) column.name = quote_identifier(column.name);
  for (const std::string& name : hidden) {
    const auto type = hidden_types_.find(name);
    columns.push_back(
        {.name = name, .type = type == hidden_types_.end() ? Type::text() : type->second});
  }
  return columns;
}

FlowRows CleanseFlow::stored(std::vector<std::string> also) const {
  FlowRows rows{.name = "tm_rows_" + std::to_string(context_.engine().next_name()),
                .columns = needed_columns(std::move(also)),
                .source = made_of(source_, since_)};
  for (const KeptCells& cells : kept_cells_) rows.flags.push_back(cells.changed);
  return rows;
}

/// All rows.
void CleanseFlow::store(std::vector<std::string> also) {
  stored_.push_back(stored(std::move(also)));
  source_ = "FROM " + stored_.back().name;
  since_ = projections_.size();
  is_costly_ = false;
}

void CleanseFlow::narrow_to_alike(const std::vector<Column>& keys, const std::string& comparable) {
  std::vector<std::string> asked{comparable};
  for (const Column& key : keys) asked.push_back(key.name);
  if (is_costly_) store(asked);
  FlowRows rows = stored(std::move(asked));
  for (const Column& column : rows.columns)
    if (column.name.starts_with(kHidden) && !hidden_types_.contains(column.name))
      throw std::logic_error("nobody said the type of " + column.name);
  rows.key = keys;
  rows.comparable = comparable;
  rows.is_marked = is_marked();
  for (const Marked& mark : marks_)
    for (const std::string& said : {mark.reason, mark.reasons, mark.message, mark.survivor})
      rows.marks.push_back(said);
  source_ = "FROM " + rows.alike();
  since_ = projections_.size();
  last_wide_ = hidden_;
  stored_.push_back(std::move(rows));
}

void CleanseFlow::try_without(const std::string& tie_breaker, const std::string& is_tied) {
  stored_.back().tie_breaker = tie_breaker;
  stored_.back().is_tied = is_tied;
}

void CleanseFlow::widen() {
  FlowRows& rows = stored_.back();
  for (int i = last_wide_ + 1; i <= hidden_; ++i)
    rows.asked.push_back(std::string(kHidden) + std::to_string(i));
  rows.asked_source = made_of(source_, since_);
  source_ = "FROM " + rows.all();
  since_ = projections_.size();
}

void CleanseFlow::prepare(std::int64_t rows) {
  if (is_costly_) store({});
  auto needed = stored_.begin();
  for (auto it = stored_.begin(); it != stored_.end(); ++it) {
    if (!it->key.empty()) {
      it->seek(context_, rows);
      if (it + 1 == stored_.end()) return;  // what writes the rows has yet to read them
      it->answer(context_);
      continue;
    }
    it->store(context_.engine());
    for (; needed != it; ++needed) needed->drop(context_.engine());
  }
}

bool CleanseFlow::sets_aside() const { return !stored_.empty() && !stored_.back().key.empty(); }

std::string CleanseFlow::select_passing() const {
  return told_of(made_of("FROM " + stored_.back().passing(), since_));
}

std::string CleanseFlow::select_set_aside() {
  stored_.back().answer(context_);
  return told_of(made_of("FROM " + stored_.back().answered(), since_));
}

/// SELECT of rows with all that was said of them.
std::string CleanseFlow::told_of(const std::string& rows) const {
  std::vector<std::string> reasons;
  std::vector<std::string> messages;
  std::vector<std::string> survivors;
  std::string leaving = "CASE";
  std::string rule = "CASE";
  for (const Marked& mark : marks_) {
    reasons.push_back(mark.reason);
    messages.push_back(mark.message);
    if (!mark.survivor.empty()) survivors.push_back(mark.survivor);
    const std::string when = " WHEN " + mark.reason + " IS NOT NULL THEN ";
    leaving += when + quote_literal(to_string(mark.leaving));
    rule += when + quote_literal(mark.step);
  }
  const std::string null = "CAST(NULL AS VARCHAR)";
  const bool any = !marks_.empty();
  return "SELECT *, " + (any ? leaving + " END" : null) + " AS tm_leaving, NOT " + is_marked() +
         " AS tm_stays, " + (any ? "coalesce(" + join(reasons, ", ") + ")" : null) +
         " AS _reason, " + reasons_so_far() + " AS _reasons, " + (any ? rule + " END" : null) +
         " AS _rule, " +
         (any ? "nullif(concat_ws('; ', " + join(messages, ", ") + "), '')" : null) +
         " AS _message, " + (survivors.empty() ? null : "coalesce(" + join(survivors, ", ") + ")") +
         " AS _survivor " + rows;
}

}  // namespace tallymill
