#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tallymill {

/// A parameter of an SQL statement. Nothing but texts and 64-bit integers goes in or out: the
/// store knows no other type, and the database library converts no other one exactly.
using StoreValue = std::variant<std::string_view, std::int64_t>;

/// One row of a result, read by the column types that select() was told.
class SqlRow {
 public:
  const std::string& text(std::size_t column) const { return texts_[column]; }
  std::int64_t integer(std::size_t column) const { return integers_[column]; }
  bool boolean(std::size_t column) const { return integers_[column] != 0; }

 private:
  friend class Database;
  std::vector<std::string> texts_;
  std::vector<std::int64_t> integers_;
};

/// One connection to the store's SQLite file, through SOCI: WAL, synchronous=FULL. Statements are
/// prepared once per SQL text and kept. Columns must not be NULL. All functions throw
/// Error(transient) that names the file, and says so where the disk is full or the file damaged.
class Database {
 public:
  enum class Mode {
    write,  ///< creates the file if it is missing
    read,   ///< never writes; the file must exist
  };
  Database(const std::filesystem::path& file, Mode mode);
  ~Database();
  Database(Database&&) noexcept;

  /// Runs a statement with parameters `:p0`, `:p1`, ... Returns the number of rows it changed.
  std::int64_t execute(std::string_view sql, const std::vector<StoreValue>& parameters = {});
  /// `types`: one letter per column, t for text, i for integer.
  std::vector<SqlRow> select(std::string_view sql, std::string_view types,
                             const std::vector<StoreValue>& parameters = {});

  /// `begin immediate`: a write lock from the start, so that no reader ever upgrades (and fails).
  void begin();
  void commit();
  /// Never throws; a failed commit leaves nothing to roll back.
  void rollback() noexcept;
  bool in_transaction() const { return in_transaction_; }

  const std::filesystem::path& file() const { return file_; }

 private:
  struct Session;
  std::filesystem::path file_;
  std::unique_ptr<Session> session_;
  bool in_transaction_ = false;
};

}  // namespace tallymill
