#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "scheduler/store/address.h"

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
  friend class NativeStatements;
  std::vector<std::string> texts_;
  std::vector<std::int64_t> integers_;
};

class Dialect;

/// One connection to a store, through SOCI. SQLite: WAL, synchronous=FULL. PostgreSQL: a writer
/// holds an advisory lock of its session, so there is one, and it ends with the connection; a
/// connection that is lost is never made again. Statements are prepared once per SQL text and
/// kept. Columns must not be NULL. All functions throw Error(transient) that names the store, and
/// says so where the disk is full or the file damaged.
class Database {
 public:
  enum class Mode {
    write,  ///< creates the file if it is missing
    read,   ///< never writes; the file must exist
  };
  Database(const StoreAddress& address, Mode mode);
  ~Database();
  Database(Database&&) noexcept;

  /// Runs a statement with parameters `:p0`, `:p1`, ... Returns the number of rows it changed.
  std::int64_t execute(std::string_view sql, const std::vector<StoreValue>& parameters = {});
  /// `types`: one letter per column, t for text, i for integer.
  std::vector<SqlRow> select(std::string_view sql, std::string_view types,
                             const std::vector<StoreValue>& parameters = {});
  /// The same, row by row, which `take` may keep; it must not use this database.
  void each(std::string_view sql, std::string_view types, const std::vector<StoreValue>& parameters,
            const std::function<void(SqlRow&)>& take);

  void begin();
  /// Reads until commit() or rollback() see the store as it is now.
  void begin_snapshot();
  void commit();
  /// Never throws; a failed commit leaves nothing to roll back.
  void rollback() noexcept;
  bool in_transaction() const { return in_transaction_; }

  const StoreAddress& address() const { return address_; }
  const Dialect& dialect() const { return *dialect_; }

 private:
  struct Session;
  StoreAddress address_;
  const Dialect* dialect_;
  std::unique_ptr<Session> session_;
  bool in_transaction_ = false;
};

}  // namespace tallymill
