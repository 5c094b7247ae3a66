#pragma once

#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "datasets/duckdb_api.h"
#include "datasets/engine.h"
#include "datasets/sql_tree.h"

namespace tallymill {

/// What the files of datasets/ share about an open engine; nobody else sees DuckDB's handles.
struct EngineState {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  int threads = 1;
  std::filesystem::path temp_folder;  ///< where rows are spilled
  int next_name = 0;                  ///< for functions made per call
  std::set<std::string> functions;    ///< names given to add_function()
  SqlTree last_tree;                  ///< of `last_tree_sql`: a text is looked at several times
  std::string last_tree_sql;

  /// Runs `body` inside a callback DuckDB made: exceptions must not cross its C frames. The first
  /// one is kept for the statement at hand, its text goes to `set_error`.
  template <class Body, class SetError>
  void guarded(Body&& body, SetError&& set_error) noexcept {
    try {
      body();
    } catch (const std::exception& exception) {
      keep(std::current_exception());
      set_error(exception.what());
    } catch (...) {
      keep(std::current_exception());
      set_error("unknown exception");
    }
  }
  void forget_kept();
  /// The Error for a failed statement: one a callback threw, or DuckDB's message made ours.
  [[noreturn]] void fail(std::string_view message, std::string_view sql);

 private:
  void keep(std::exception_ptr exception) noexcept;

  std::mutex mutex_;
  std::exception_ptr kept_;
};

/// Lets the other files of datasets/ reach the state.
class EngineAccess {
 public:
  static EngineState& state(Engine& engine) { return *engine.state_; }
};

/// The columns of one chunk as flat data, valid as long as the chunk.
class ChunkViews {
 public:
  ChunkViews(duckdb_data_chunk chunk, std::span<const Type> types);
  std::span<const ColumnView> columns() const { return columns_; }
  std::size_t rows() const { return rows_; }

 private:
  std::size_t rows_;
  std::vector<ColumnView> columns_;
  std::vector<std::vector<Int128>> copies_;  ///< of 16-byte values that were not aligned
};

/// DuckDB's type for one of ours; Type::sql() as a handle.
DuckdbType logical_type(const Type& type);
/// "DECIMAL(38,2)", "VARCHAR", "INTEGER[]": as DuckDB writes it.
std::string type_text(duckdb_logical_type type);
/// A DuckDB message as Error: class by its kind ("Out of Memory Error: ..."), the kind cut off.
/// A full disk is told with its place: the file DuckDB names, else `spill`.
Error error_from_duckdb(std::string_view message, const std::filesystem::path& spill);
/// round_money, div_money and share for a currency with `scale` fraction digits.
void register_money_functions(EngineState& state, int scale);
/// Every cell of a chunk as DuckDB prints it, appended to `rows`.
void append_cells(duckdb_data_chunk chunk, const std::vector<DuckdbType>& types, Rows& rows);

}  // namespace tallymill
