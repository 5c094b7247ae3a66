#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "scheduler/store/database.h"
#include "scheduler/store/native_statements.h"

namespace soci {
class session;
class soci_error;
}  // namespace soci

namespace tallymill {

/// A column of a table as select() is told: its name, and t for text or i for integer.
using TableColumn = std::pair<std::string, char>;

/// What differs between the two databases. Nothing else of the project knows which one it talks to:
/// all other SQL is common to both, and the contract suite of the store runs on both.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// Connects; a writer becomes the only one. Throws what SOCI throws, or Error.
  virtual void open(soci::session& session, const StoreAddress& address,
                    Database::Mode mode) const = 0;
  /// A faster way to run statements, where there is one. It must not outlive the session.
  virtual std::unique_ptr<NativeStatements> native(soci::session&) const { return nullptr; }
  /// What the library threw, as an Error that names the store, with a hint where there is one.
  virtual Error problem(const soci::soci_error& error, const StoreAddress& address) const = 0;
  /// Begins a transaction that writes.
  virtual std::string_view begin() const = 0;
  /// Begins a transaction that only reads, and sees one state of the store throughout.
  virtual std::string_view begin_snapshot() const = 0;
  /// A `create` or `alter` statement of a migration, written for SQLite, in this dialect.
  virtual std::string definition(std::string_view sql) const = 0;

  /// Number of the newest migration applied; 0 in an empty database.
  virtual int schema(Database& database) const = 0;
  virtual void set_schema(Database& database, int number) const = 0;
  virtual std::vector<std::string> tables(Database& database) const = 0;
  virtual std::vector<TableColumn> columns(Database& database, const std::string& table) const = 0;
  /// What is wrong with the stored bytes; empty if nothing is, or if the server looks after that.
  virtual std::string damage(Database& database) const = 0;
};

const Dialect& sqlite_dialect();
const Dialect& postgresql_dialect();

}  // namespace tallymill
