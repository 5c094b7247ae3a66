#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/money.h"
#include "datasets/type.h"

namespace tallymill {

/// A parameter bound to an SQL text; never concatenated into it.
using SqlValue = std::variant<std::monostate, std::string, std::int64_t, bool>;

/// A whole small result, every cell as DuckDB prints it; an empty optional is NULL.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::string> types;  ///< DuckDB's type texts
  std::vector<std::vector<std::optional<std::string>>> cells;

  const std::string& text(std::size_t row,
                          std::size_t column) const;                ///< throws Error(bug) on NULL
  std::int64_t integer(std::size_t row, std::size_t column) const;  ///< NULL is 0
};

/// A column of a bound SELECT: DuckDB's own type text, e.g. "DECIMAL(38,2)" or "DOUBLE".
struct BoundColumn {
  std::string name;
  std::string sql_type;
};

/// DuckDB's 16-byte string: up to 12 bytes inline, longer ones by pointer. Valid for one call.
struct StringRef {
  std::uint32_t length;
  char prefix[4];
  union {
    char rest[8];
    const char* pointer;
  };
  std::string_view view() const {
    return length <= 12 ? std::string_view(prefix, length) : std::string_view(pointer, length);
  }
};

/// Flat data of one column of a chunk handed to a scalar function. Element type by Type:
/// text StringRef; integer, money, decimal up to 18 digits, ratio, timestamp int64; wider decimal
/// Int128; date int32; boolean bool.
struct ColumnView {
  const void* data = nullptr;
  const std::uint64_t* validity = nullptr;  ///< one bit a row, 1 = not null; null = all valid

  bool is_null(std::size_t row) const {
    return validity != nullptr && (validity[row / 64] >> (row % 64) & 1U) == 0;
  }
  template <class T>
  const T* as() const {
    return static_cast<const T*>(data);
  }
};

/// Where a scalar function or a table source puts one column of a chunk. Same element types.
class ColumnWriter {
 public:
  explicit ColumnWriter(void* vector);  ///< a duckdb_vector
  void set_null(std::size_t row);
  /// For columns that are nearly all null: all of them at once, then set_valid() for the others.
  void set_all_null(std::size_t rows);
  void set_valid(std::size_t row);
  void set_text(std::size_t row, std::string_view value);
  template <class T>
  T* as() {
    return static_cast<T*>(data_);
  }
  /// The writer of one field, where the column is a STRUCT.
  ColumnWriter field(std::size_t index);

 private:
  std::uint64_t* writable_validity();

  void* vector_;
  void* data_;
  std::uint64_t* validity_ = nullptr;
};

/// A function over chunks of up to 2048 rows, called from several threads at once.
/// Throwing Error ends the statement with that message.
struct ScalarFunction {
  std::string name;
  std::vector<Type> parameters = {};
  /// One field: a plain value; several: a STRUCT with these fields.
  std::vector<Column> result = {};
  bool result_is_struct = false;
  bool is_volatile = false;  ///< what it does beside its result counts: asked of each row, once
  std::function<void(std::span<const ColumnView> arguments, std::size_t rows, ColumnWriter& result)>
      evaluate = {};
};

/// Rows from outside, pulled in chunks by several threads at once.
class TableSource {
 public:
  virtual ~TableSource() = default;
  /// One per scanning thread.
  class Cursor {
   public:
    virtual ~Cursor() = default;
    /// Fills up to `capacity` rows (2048) and returns how many; 0 ends this cursor.
    virtual std::size_t fill(std::span<ColumnWriter> columns, std::size_t capacity) = 0;
  };
  virtual std::unique_ptr<Cursor> open_cursor() = 0;
  virtual std::size_t max_threads() const = 0;
};

/// Rows that any number of statements read, each of them perhaps several times.
class KeptRows {
 public:
  virtual ~KeptRows() = default;
  /// One reading of all rows, shared by the threads of a statement.
  class Scan {
   public:
    virtual ~Scan() = default;
    /// Fills up to `capacity` rows (2048) and returns how many; 0 where nothing is left. Called
    /// from several threads at once.
    virtual std::size_t fill(std::span<ColumnWriter> columns, std::size_t capacity) = 0;
  };
  /// `columns` are the places of those that are read; fill() gets a writer for each.
  virtual std::unique_ptr<Scan> open_scan(std::vector<std::size_t> columns) = 0;
  virtual std::int64_t rows() const = 0;
  virtual std::size_t max_threads() const = 0;
};

struct EngineSettings {
  int threads = 1;
  std::int64_t memory_bytes = 0;                     ///< DuckDB's own limit; 0: its default
  std::filesystem::path temp_folder = {};            ///< spill
  std::vector<std::filesystem::path> readable = {};  ///< folders or files of inputs
  std::vector<std::filesystem::path> writable = {};  ///< folders
  int currency_scale = 2;                            ///< of round_money() and div_money() in SQL
};

struct EngineState;

/// An in-memory DuckDB, confined to the files of its settings. libduckdb is opened on first use,
/// so a process that never makes an Engine never pays for it. Not thread-safe; DuckDB itself uses
/// `threads` threads.
class Engine {
 public:
  explicit Engine(const EngineSettings& settings);
  ~Engine();
  /// Opens a DuckDB that the next Engine of this process, or of one forked from it, takes over. No
  /// thread is started.
  static void open_ahead();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Runs one or several statements (parameters only with one). Throws Error with DuckDB's message
  /// and the statement's start: out of memory is class memory, a full disk or failing file
  /// transient, a value that does not fit (overflow, conversion) data, everything else config.
  void execute(const std::string& sql, std::span<const SqlValue> parameters = {});
  Rows query(const std::string& sql, std::span<const SqlValue> parameters = {});
  /// Runs one SELECT and hands its rows on in their order, chunk by chunk, in bounded memory.
  /// `columns` are the types of its columns; one that differs is Error(bug). `take` must not use
  /// the engine.
  void read(const std::string& select, std::span<const Type> columns,
            const std::function<void(std::span<const ColumnView> columns, std::size_t rows)>& take);
  /// Result types of a SELECT without running it. Throws Error(config) if it does not bind.
  std::vector<BoundColumn> describe(const std::string& select);
  /// Names (such as "period") of the `:name` parameters `sql` uses; `$name` likewise.
  std::vector<std::string> parameter_names(const std::string& sql);
  /// Throws Error(config) unless `sql` is exactly one SELECT statement.
  void require_single_select(const std::string& sql);

  void add_function(const ScalarFunction& function);
  /// True if a function of this name was added: whoever shares an engine adds a function once.
  bool has_function(const std::string& name) const;
  /// Makes `select * from name()` read `source`. `columns` gives names and types in order.
  void add_source(const std::string& name, std::vector<Column> columns,
                  std::shared_ptr<TableSource> source);
  /// The same for rows that are read more than once.
  void add_kept_rows(const std::string& name, std::vector<Column> columns,
                     std::shared_ptr<KeptRows> rows);
  int threads() const;
  /// A number no earlier call gave: for names of views and functions made on the way.
  int next_name();

 private:
  friend class EngineAccess;
  std::unique_ptr<EngineState> state_;
};

/// `read_parquet([...])` over the part files of these version folders, files in name order.
std::string parquet_relation(std::span<const std::filesystem::path> version_folders);

}  // namespace tallymill
