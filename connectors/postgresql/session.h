#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tallymill {

/// One connection to a PostgreSQL server. Errors become Error here: no connection, a lost one and a
/// server that goes down are transient, values that do not fit are data, everything else config.
/// What is used to connect never stands in a message.
class PostgresqlSession {
 public:
  /// `connect` as libpq reads it: "host=db.example.org dbname=books user=tallymill", or a URI.
  explicit PostgresqlSession(const std::string& connect);
  ~PostgresqlSession();
  PostgresqlSession(const PostgresqlSession&) = delete;
  PostgresqlSession& operator=(const PostgresqlSession&) = delete;

  using Cells = std::span<const std::optional<std::string_view>>;
  /// Runs one statement with parameters $1, $2, ... and hands its rows on as they come, in bounded
  /// memory.
  void query(const std::string& sql, std::span<const std::string> parameters,
             const std::function<void(Cells)>& take);
  void execute(const std::string& sql);

 private:
  [[noreturn]] void fail(void* result);

  void* connection_;
};

/// An identifier in double quotes; "billing.bill" is a table of a schema.
std::string postgresql_identifier(std::string_view name);
std::string postgresql_table(const std::string& name);

/// An array literal of texts, for `= ANY($1::text[])`.
std::string postgresql_array(std::span<const std::string> texts);

}  // namespace tallymill
