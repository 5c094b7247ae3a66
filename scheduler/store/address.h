#pragma once

#include <filesystem>
#include <string>

namespace tallymill {

/// Where a store lies: a SQLite file, or a schema of a PostgreSQL database (the first one of the
/// connection's search path).
class StoreAddress {
 public:
  /// A SQLite file.
  StoreAddress(std::filesystem::path file) : file_(std::move(file)) {}  // NOLINT: a path is one
  /// `connect` as libpq reads it: "host=db dbname=books user=tallymill", or postgresql://...; it
  /// may carry a password and is never shown. `password` goes beside it; empty: none.
  static StoreAddress postgresql(std::string connect, std::string password = {});

  bool is_server() const { return !connect_.empty(); }
  const std::filesystem::path& file() const { return file_; }
  /// With the password; for the database library only.
  std::string connect() const;
  /// "sqlite" or "postgresql", as `store: { type: ... }` has it.
  std::string type() const { return is_server() ? "postgresql" : "sqlite"; }
  /// For messages: "the store '/books/.tallymill/store.db'", "the store in PostgreSQL (dbname=books
  /// host=db)". Without user and password.
  std::string text() const;

 private:
  StoreAddress() = default;
  std::filesystem::path file_;
  std::string connect_;
  std::string password_;
};

}  // namespace tallymill
