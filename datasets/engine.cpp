#include "datasets/engine.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "datasets/engine_state.h"
#include "datasets/sql_text.h"
#include "datasets/sql_tree.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

struct ResultGuard {
  duckdb_result result{};
  ~ResultGuard() { duckdb_api().destroy_result(&result); }
};

struct ConfigGuard {
  duckdb_config config = nullptr;
  ~ConfigGuard() { duckdb_api().destroy_config(&config); }
};

void set_config(duckdb_config config, const char* name, const std::string& value) {
  if (duckdb_api().set_config(config, name, value.c_str()) != DuckDBSuccess)
    throw Error(ErrorClass::config,
                "DuckDB does not take " + std::string(name) + " = '" + value + "'");
}

duckdb_database g_ahead = nullptr;  ///< see Engine::open_ahead()

/// With one thread and DuckDB's own memory limit; confine() sets both.
duckdb_database open_database() {
  const DuckdbApi& duck = duckdb_api();
  ConfigGuard guard;
  duck.create_config(&guard.config);
  set_config(guard.config, "threads", "1");
  // Rows carry explicit keys and line numbers; keeping file order would cost memory for nothing.
  set_config(guard.config, "preserve_insertion_order", "false");
  set_config(guard.config, "autoinstall_known_extensions", "false");
  set_config(guard.config, "autoload_known_extensions", "false");
  char* error = nullptr;
  duckdb_database database = nullptr;
  if (duck.open_ext(nullptr, &database, guard.config, &error) == DuckDBSuccess) return database;
  const std::string message = error != nullptr ? error : "unknown reason";
  duck.free(error);
  throw error_from_duckdb(message, {}).add_context("opening DuckDB");
}

std::string list_literal(const std::vector<fs::path>& paths) {
  std::vector<std::string> quoted;
  quoted.reserve(paths.size());
  for (const fs::path& path : paths)
    quoted.push_back(quote_literal(fs::absolute(path).lexically_normal().string()));
  return "[" + join(quoted, ", ") + "]";
}

/// An allowed directory may also be written, so a readable folder becomes the list of its files.
std::vector<fs::path> files_of(const std::vector<fs::path>& readable) {
  std::vector<fs::path> files;
  for (const fs::path& path : readable) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(path))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// The order matters: paths can be allowed only while access is open, nothing after the lock.
void confine(Engine& engine, const EngineSettings& settings) {
  std::string sql = "set threads = " + std::to_string(std::max(settings.threads, 1)) + ";";
  if (settings.memory_bytes > 0)
    sql += "set memory_limit = '" + std::to_string(settings.memory_bytes) + "B';";
  if (const auto files = files_of(settings.readable); !files.empty())
    sql += "set allowed_paths = " + list_literal(files) + ";";
  std::vector<fs::path> folders = settings.writable;
  if (!settings.temp_folder.empty()) folders.push_back(settings.temp_folder);
  if (!folders.empty()) sql += "set allowed_directories = " + list_literal(folders) + ";";
  sql += "set temp_directory = " + quote_literal(settings.temp_folder.string()) + ";";
  // Else instants would print, and fall on days, by the machine's own zone.
  sql += "set TimeZone = 'UTC';";
  sql += "set enable_external_access = false; set lock_configuration = true;";
  engine.execute(sql);
}

void bind_value(EngineState& state, duckdb_prepared_statement statement, idx_t index,
                const SqlValue& value, const std::string& sql) {
  const DuckdbApi& duck = duckdb_api();
  duckdb_state done = DuckDBError;
  if (std::holds_alternative<std::monostate>(value))
    done = duck.bind_null(statement, index);
  else if (const auto* text = std::get_if<std::string>(&value))
    done = duck.bind_varchar_length(statement, index, text->data(), text->size());
  else if (const auto* integer = std::get_if<std::int64_t>(&value))
    done = duck.bind_int64(statement, index, *integer);
  else
    done = duck.bind_boolean(statement, index, std::get<bool>(value));
  if (done != DuckDBSuccess)
    state.fail("Binder Error: cannot bind parameter " + std::to_string(index), sql);
}

/// Splits `sql` into statements; throws if it does not parse.
idx_t extract(EngineState& state, const std::string& sql, DuckdbStatements& statements) {
  const idx_t count =
      duckdb_api().extract_statements(state.connection, sql.c_str(), statements.out());
  if (count == 0) {
    const char* error = duckdb_api().extract_statements_error(statements.get());
    if (error != nullptr && *error != '\0') state.fail(error, sql);
  }
  return count;
}

DuckdbStatement prepare(EngineState& state, const DuckdbStatements& statements, idx_t index,
                        const std::string& sql) {
  DuckdbStatement statement;
  if (duckdb_api().prepare_extracted_statement(state.connection, statements.get(), index,
                                               statement.out()) != DuckDBSuccess) {
    const char* error = duckdb_api().prepare_error(statement.get());
    state.fail(error != nullptr ? error : "Invalid Error: the statement cannot be prepared", sql);
  }
  return statement;
}

void read_result(duckdb_result& result, Rows& rows) {
  const DuckdbApi& duck = duckdb_api();
  std::vector<DuckdbType> types;
  for (idx_t i = 0; i < duck.column_count(&result); ++i) {
    rows.columns.emplace_back(duck.column_name(&result, i));
    types.emplace_back(duck.column_logical_type(&result, i));
    rows.types.push_back(type_text(types.back().get()));
  }
  while (duckdb_data_chunk raw = duck.fetch_chunk(result)) {
    const DuckdbChunk chunk(raw);
    append_cells(chunk.get(), types, rows);
  }
}

/// As run(), but planned once: what is prepared first, DuckDB plans again when it is executed.
void run_at_once(EngineState& state, const std::string& sql, Rows* rows) {
  const DuckdbApi& duck = duckdb_api();
  state.forget_kept();
  ResultGuard guard;
  if (duck.query(state.connection, sql.c_str(), &guard.result) != DuckDBSuccess) {
    const char* error = duck.result_error(&guard.result);
    state.fail(error != nullptr ? error : "Invalid Error: the statement failed", sql);
  }
  if (rows != nullptr) read_result(guard.result, *rows);
}

/// Runs all statements of `sql`; the rows of the last one go to `rows` if given.
void run(EngineState& state, const std::string& sql, std::span<const SqlValue> parameters,
         Rows* rows) {
  if (parameters.empty()) return run_at_once(state, sql, rows);
  const DuckdbApi& duck = duckdb_api();
  DuckdbStatements statements;
  const idx_t count = extract(state, sql, statements);
  if (count > 1) throw Error(ErrorClass::bug, "parameters given to several SQL statements at once");
  for (idx_t i = 0; i < count; ++i) {
    state.forget_kept();
    const DuckdbStatement statement = prepare(state, statements, i, sql);
    for (std::size_t p = 0; p < parameters.size(); ++p)
      bind_value(state, statement.get(), p + 1, parameters[p], sql);
    ResultGuard guard;
    if (duck.execute_prepared(statement.get(), &guard.result) != DuckDBSuccess) {
      const char* error = duck.result_error(&guard.result);
      state.fail(error != nullptr ? error : "Invalid Error: the statement failed", sql);
    }
    if (rows != nullptr && i + 1 == count) read_result(guard.result, *rows);
  }
}

}  // namespace

const std::string& Rows::text(std::size_t row, std::size_t column) const {
  const auto& cell = cells.at(row).at(column);
  if (!cell) throw Error(ErrorClass::bug, "column '" + columns.at(column) + "' is NULL");
  return *cell;
}

std::int64_t Rows::integer(std::size_t row, std::size_t column) const {
  const auto& cell = cells.at(row).at(column);
  if (!cell) return 0;
  const Parsed<std::int64_t> parsed = parse_integer(*cell);
  if (!parsed)
    throw Error(ErrorClass::bug,
                "column '" + columns.at(column) + "' is not an integer: '" + *cell + "'");
  return parsed.value;
}

Engine::Engine(const EngineSettings& settings) : state_(std::make_unique<EngineState>()) {
  state_->threads = std::max(settings.threads, 1);
  state_->temp_folder = settings.temp_folder;
  state_->database = g_ahead != nullptr ? std::exchange(g_ahead, nullptr) : open_database();
  if (duckdb_api().connect(state_->database, &state_->connection) != DuckDBSuccess)
    throw Error(ErrorClass::bug, "cannot connect to the DuckDB just opened");
  register_money_functions(*state_, settings.currency_scale);
  confine(*this, settings);
}

void Engine::open_ahead() { g_ahead = open_database(); }

Engine::~Engine() {
  duckdb_api().disconnect(&state_->connection);
  duckdb_api().close(&state_->database);
}

void Engine::execute(const std::string& sql, std::span<const SqlValue> parameters) {
  run(*state_, sql, parameters, nullptr);
}

Rows Engine::query(const std::string& sql, std::span<const SqlValue> parameters) {
  Rows rows;
  run(*state_, sql, parameters, &rows);
  return rows;
}

void Engine::read(
    const std::string& select, std::span<const Type> columns,
    const std::function<void(std::span<const ColumnView> columns, std::size_t rows)>& take) {
  const DuckdbApi& duck = duckdb_api();
  DuckdbStatements statements;
  if (extract(*state_, select, statements) != 1)
    throw Error(ErrorClass::bug, "expected one SQL statement: " + select);
  state_->forget_kept();
  const DuckdbStatement statement = prepare(*state_, statements, 0, select);
  ResultGuard guard;
  const duckdb_state state = duck.execute_prepared_streaming(statement.get(), &guard.result);
  const auto require_success = [&](bool is_fine) {
    const char* error = duck.result_error(&guard.result);
    if (!is_fine || (error != nullptr && *error != '\0'))
      state_->fail(error != nullptr ? error : "Invalid Error: the statement failed", select);
  };
  require_success(state == DuckDBSuccess);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const DuckdbType type(duck.column_logical_type(&guard.result, i));
    if (type_text(type.get()) != columns[i].sql())
      throw Error(ErrorClass::bug, "column " + std::to_string(i + 1) + " of a result is " +
                                       type_text(type.get()) + ", expected " + columns[i].sql());
  }
  while (duckdb_data_chunk raw = duck.fetch_chunk(guard.result)) {
    const DuckdbChunk chunk(raw);
    const ChunkViews views(chunk.get(), columns);
    if (views.rows() > 0) take(views.columns(), views.rows());
  }
  require_success(true);
}

std::vector<BoundColumn> Engine::describe(const std::string& select) {
  const DuckdbApi& duck = duckdb_api();
  DuckdbStatements statements;
  if (extract(*state_, select, statements) != 1)
    throw Error(ErrorClass::config, "expected one SQL statement: " + select);
  state_->forget_kept();
  const DuckdbStatement statement = prepare(*state_, statements, 0, select);
  std::vector<BoundColumn> columns;
  for (idx_t i = 0; i < duck.prepared_statement_column_count(statement.get()); ++i) {
    const DuckdbType type(duck.prepared_statement_column_logical_type(statement.get(), i));
    const char* name = duck.prepared_statement_column_name(statement.get(), i);
    columns.push_back({name != nullptr ? name : "", type_text(type.get())});
    duck.free(const_cast<char*>(name));
  }
  return columns;
}

void Engine::require_single_select(const std::string& sql) {
  DuckdbStatements statements;
  const idx_t count = extract(*state_, sql, statements);
  if (count != 1)
    throw Error(ErrorClass::config,
                "expected exactly one SELECT, found " + std::to_string(count) + " statements");
  // The parser's own statement type, known without binding: only a SELECT can be serialised.
  if (const SqlTree tree = parse_sql_tree(*this, sql); !tree.problem.empty())
    throw Error(ErrorClass::config, "expected exactly one SELECT: " + tree.problem);
}

std::vector<std::string> Engine::parameter_names(const std::string& sql) {
  std::vector<std::string> names;
  for (SqlParameter& parameter : sql_parameters(sql))
    if (std::find(names.begin(), names.end(), parameter.name) == names.end())
      names.push_back(std::move(parameter.name));
  return names;
}

int Engine::threads() const { return state_->threads; }

int Engine::next_name() { return ++state_->next_name; }

std::string parquet_relation(std::span<const fs::path> version_folders) {
  std::vector<std::string> files;
  for (const fs::path& folder : version_folders) {
    std::vector<std::string> parts;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("part-") && name.ends_with(".parquet"))
        parts.push_back(quote_literal(fs::absolute(entry.path()).lexically_normal().string()));
    }
    if (parts.empty())
      throw Error(ErrorClass::data, "version folder " + folder.string() + " has no part files");
    std::sort(parts.begin(), parts.end());
    files.insert(files.end(), parts.begin(), parts.end());
  }
  return "read_parquet([" + join(files, ", ") + "])";
}

}  // namespace tallymill
