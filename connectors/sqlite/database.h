#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tallymill {

enum class SqliteAccess {
  read,   ///< never creates, never writes
  write,  ///< creates the file if it is not there
};

/// What SQLite says a value is, whatever its column was declared as.
enum class SqliteKind { null, integer, real, text, blob };

/// One SQLite file, opened through SOCI. SOCI's and SQLite's errors become Error here: busy or
/// locked is transient, a full disk transient, not a database data, bad SQL config.
class SqliteDatabase {
 public:
  SqliteDatabase(const std::filesystem::path& file, SqliteAccess access);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  /// Runs one statement without parameters or rows.
  void execute(const std::string& sql);

 private:
  friend class SqliteStatement;
  struct State;
  std::unique_ptr<State> state_;
};

/// A prepared statement. Values are read by their actual kind: SOCI's dynamic rows go by the
/// declared column type and cut INTEGER to 32 bits.
class SqliteStatement {
 public:
  /// Throws Error(config) if `sql` does not compile or holds more than one statement.
  SqliteStatement(SqliteDatabase& database, const std::string& sql);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  bool is_read_only() const;
  int parameter_count() const;
  std::string parameter_name(int index) const;  ///< 1-based, without ':'; empty for `?`
  /// 1-based; text must stay valid until the statement is stepped to its end or reset.
  void bind(int index, std::string_view text);
  void bind(int index, std::int64_t number);
  void bind_null(int index);

  /// Goes to the next row; false at the end (the statement may then run again).
  bool step();
  SqliteKind kind(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;  ///< until the next step

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// An identifier in double quotes.
std::string sqlite_identifier(std::string_view name);

}  // namespace tallymill
