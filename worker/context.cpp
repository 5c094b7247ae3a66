#include "worker/context.h"

#include "core/csv_table.h"
#include "core/error.h"
#include "core/text.h"
#include "datasets/landing.h"
#include "datasets/sql_casts.h"
#include "datasets/sql_rules.h"
#include "jobs/job_books.h"
#include "worker/parameters.h"
#include "worker/pinned_rule.h"
#include "worker/pinned_table.h"

namespace tallymill {
namespace {

/// People look every few seconds; more events would only fill the log.
constexpr std::chrono::milliseconds kProgressInterval{1000};

/// A table that is in memory already.
class TableRows final : public TableSource {
 public:
  explicit TableRows(std::vector<std::vector<std::string>> rows) : rows_(std::move(rows)) {}
  std::size_t max_threads() const override { return 1; }
  std::unique_ptr<Cursor> open_cursor() override { return std::make_unique<Walk>(rows_); }

 private:
  class Walk final : public Cursor {
   public:
    explicit Walk(const std::vector<std::vector<std::string>>& rows) : rows_(rows) {}
    std::size_t fill(std::span<ColumnWriter> columns, std::size_t capacity) override {
      std::size_t filled = 0;
      for (; filled < capacity && at_ < rows_.size(); ++filled, ++at_)
        for (std::size_t i = 0; i < columns.size(); ++i) columns[i].set_text(filled, rows_[at_][i]);
      return filled;
    }

   private:
    const std::vector<std::vector<std::string>>& rows_;
    std::size_t at_ = 0;
  };

  std::vector<std::vector<std::string>> rows_;
};

bool is_input(const Task& task, const std::string& name) { return task.inputs.contains(name); }

}  // namespace

InputTotals WorkerContext::totals(const std::string& dataset) {
  InputTotals totals;
  for (const Column& column : schema(dataset).columns)
    if (column.type.is_summable()) totals.amounts[column.name] = 0;
  for (const VersionTotals& version : inputs_.totals(dataset)) {
    totals.rows += version.rows;
    for (const auto& [column, sum] : version.amounts)
      totals.amounts[column] += units_of_text(sum, schema(dataset).find(column)->type.scale);
  }
  return totals;
}

std::string WorkerContext::relation(const std::string& dataset) {
  if (session_.has_view(dataset)) return quote_identifier(dataset);
  return session_.view(dataset, inputs_.select(dataset));
}

std::string WorkerContext::table(const std::string& name, std::vector<std::string>* columns) {
  if (is_input(task_, name)) {
    if (columns != nullptr) *columns = schema(name).names();
    return relation(name);
  }
  // No dataset can have a slash in its name.
  const std::string view = "tables/" + name;
  if (!table_columns_.contains(view)) load_table(view + ".csv", view);
  if (columns != nullptr) *columns = table_columns_[view];
  return quote_identifier(view);
}

std::optional<std::string> WorkerContext::pinned_text(const std::string& path) {
  return read_pinned(task_, path);
}

void WorkerContext::load_table(const std::string& path, const std::string& view) {
  const std::optional<std::string> text = read_pinned(task_, path);
  if (!text) throw Error(ErrorClass::bug, "the task does not carry " + path);
  CsvTable table = read_csv_table(path, *text, diagnostics_, 1, CellPlaces::leave_out);
  table_columns_[view] = table.columns;
  if (diagnostics_.has_errors()) table.rows.clear();
  if (session_.has_view(view)) return;
  std::vector<Column> columns;
  for (const std::string& name : table.columns) columns.push_back({.name = name});
  if (columns.empty()) columns.push_back({.name = "empty"});
  const std::string source = "tm_" + view;
  engine().add_source(source, std::move(columns),
                      std::make_shared<TableRows>(std::move(table.rows)));
  engine().execute("create table " + quote_identifier(view + ".csv") + " as select * from " +
                   quote_identifier(source) + "()");
  session_.view(view, "select * from " + quote_identifier(view + ".csv"));
}

const RuleInfo* WorkerContext::rule(const std::string& name, const SourcePosition& where) {
  Diagnostics found;
  const std::optional<RuleSource> source = pinned_rule(task_, name, found);
  if (!source && !found.has_errors())
    found.error(where, "there is no rule '" + name + "'",
                "it would stand in rules/" + name + ".lua, .yaml or .csv");
  diagnostics_.add_all(found);
  return source && !found.has_errors() ? rules().load(*source, diagnostics_) : nullptr;
}

std::string WorkerContext::bind_parameters(const std::string& sql, const SourcePosition& where) {
  return bind_sql_parameters(task_, sql, where, diagnostics_);
}

std::string WorkerContext::expand(const std::string& text, const SourcePosition& where) {
  return expand_text(task_, text, where, diagnostics_);
}

/// User text is checked as a whole statement; a view hides our own SQL from that check.
std::string WorkerContext::row_view(const std::string& relation) {
  auto [it, is_new] = row_views_.try_emplace(relation);
  if (is_new) {
    it->second = "tm_row_" + std::to_string(engine().next_name());
    session_.view(it->second, "select * from " + relation);
  }
  return it->second;
}

std::optional<Type> WorkerContext::expression_type(const std::string& expression,
                                                   const std::string& relation, const Type* target,
                                                   const SourcePosition& where) {
  Diagnostics found;
  const std::string bound = bind_sql_parameters(task_, expression, where, found);
  std::optional<std::vector<BoundColumn>> columns;
  if (!found.has_errors() && check_user_expression(engine(), bound, where, found))
    columns = bind_user_sql(
        engine(), "select (" + bound + "\n) as value from " + row_view(relation), where, found);
  diagnostics_.add_all(found);
  if (!columns) return std::nullopt;
  const std::string& sql_type = columns->front().sql_type;
  const std::string problem = target == nullptr ? "" : landing_problem(sql_type, *target);
  if (!problem.empty()) {
    const std::size_t hint = problem.find("; ");
    diagnostics_.error(where, problem.substr(0, hint),
                       hint == std::string::npos ? "" : problem.substr(hint + 2));
    return std::nullopt;
  }
  if (sql_type == "NULL") return target == nullptr ? Type::text() : *target;
  std::optional<Type> type = type_from_sql(sql_type);
  if (!type)
    diagnostics_.error(where, "an expression of type " + sql_type + " has no exact type here",
                       "integers, decimals, text, dates, timestamps and booleans do");
  return type;
}

void WorkerContext::stage(const StageRequest& request) {
  const Clock::time_point start = Clock::now();
  auto [output, proof] = stage_dataset(engine(), task_, request);
  const std::chrono::duration<double> took = Clock::now() - start;
  const std::chrono::duration<double> proof_took = proof;
  log().info("staged", {{"dataset", json::value(output.dataset)},
                        {"evidence", output.evidence},
                        {"rows", output.rows},
                        {"digest", json::value(output.digest)},
                        {"seconds", took.count()},
                        {"proof_seconds", proof_took.count()}});
  result_.outputs.push_back(std::move(output));
}

void WorkerContext::progress(const std::string& what, std::int64_t done, std::int64_t total) {
  const Clock::time_point now = Clock::now();
  auto [it, is_new] = last_progress_.try_emplace(what, now);
  const bool is_end = total > 0 && done >= total;
  if (!is_new && !is_end && now - it->second < kProgressInterval) return;
  it->second = now;
  log().info("progress", {{"what", json::value(what)}, {"done", done}, {"total", total}});
}

}  // namespace tallymill
