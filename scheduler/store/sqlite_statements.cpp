#include "scheduler/store/sqlite_statements.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <map>
#include <optional>
#include <string>

#include "scheduler/store/sqlite_log.h"

namespace tallymill {
namespace {

namespace sqlite = sqlite_api;

struct Finalize {
  void operator()(sqlite::sqlite3_stmt* statement) const { sqlite::sqlite3_finalize(statement); }
};

struct Prepared {
  std::unique_ptr<sqlite::sqlite3_stmt, Finalize> statement;
  std::vector<int> places;  ///< of the parameters :p0, :p1, ...; 0: not in the text
};

/// Ends a statement's read transaction, whatever happens.
struct Reset {
  sqlite::sqlite3_stmt* statement;
  ~Reset() { sqlite::sqlite3_reset(statement); }
};

class SqliteStatements final : public NativeStatements {
 public:
  explicit SqliteStatements(sqlite::sqlite3* connection) : connection_(connection) {
    if (sqlite::sqlite3_db_readonly(connection, "main") == 0) log_.emplace(connection);
  }

  std::int64_t execute(std::string_view sql, const std::vector<StoreValue>& parameters) override {
    sqlite::sqlite3_stmt* statement = bound(sql, parameters);
    const Reset reset{statement};
    while (step(statement)) {
    }
    return sqlite::sqlite3_changes(connection_);
  }

  void each(std::string_view sql, std::string_view types, const std::vector<StoreValue>& parameters,
            const std::function<void(SqlRow&)>& take) override {
    sqlite::sqlite3_stmt* statement = bound(sql, parameters);
    const Reset reset{statement};
    SqlRow row;
    while (step(statement)) {
      texts_of(row).resize(types.size());
      integers_of(row).resize(types.size());
      for (std::size_t i = 0; i < types.size(); ++i) read_cell(statement, types[i], i, row);
      take(row);
    }
  }

 private:
  static void read_cell(sqlite::sqlite3_stmt* statement, char type, std::size_t i, SqlRow& row) {
    const int column = static_cast<int>(i);
    if (sqlite::sqlite3_column_type(statement, column) == SQLITE_NULL)
      throw soci::soci_error("a cell is NULL that must not be");
    if (type == 'i') {
      integers_of(row)[i] = sqlite::sqlite3_column_int64(statement, column);
      return;
    }
    const auto* text =
        reinterpret_cast<const char*>(sqlite::sqlite3_column_text(statement, column));
    const int size = sqlite::sqlite3_column_bytes(statement, column);
    texts_of(row)[i].assign(text ? text : "", static_cast<std::size_t>(size));
  }

  [[noreturn]] void fail() const {
    throw soci::sqlite3_soci_error(sqlite::sqlite3_errmsg(connection_),
                                   sqlite::sqlite3_errcode(connection_));
  }

  bool step(sqlite::sqlite3_stmt* statement) const {
    const int result = sqlite::sqlite3_step(statement);
    if (result == SQLITE_ROW) return true;
    if (result != SQLITE_DONE) fail();
    return false;
  }

  sqlite::sqlite3_stmt* bound(std::string_view sql, const std::vector<StoreValue>& parameters) {
    Prepared& prepared = prepare(sql, parameters.size());
    sqlite::sqlite3_stmt* statement = prepared.statement.get();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const int place = prepared.places[i];
      if (place == 0) continue;
      int result = SQLITE_OK;
      // Not copied: the caller's texts outlive the call.
      if (const auto* text = std::get_if<std::string_view>(&parameters[i]))
        result = sqlite::sqlite3_bind_text(statement, place, text->data() ? text->data() : "",
                                           static_cast<int>(text->size()), nullptr);
      else
        result =
            sqlite::sqlite3_bind_int64(statement, place, std::get<std::int64_t>(parameters[i]));
      if (result != SQLITE_OK) fail();
    }
    return statement;
  }

  Prepared& prepare(std::string_view sql, std::size_t parameters) {
    if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
    sqlite::sqlite3_stmt* statement = nullptr;
    if (sqlite::sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                                   SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
      fail();
    Prepared prepared{std::unique_ptr<sqlite::sqlite3_stmt, Finalize>(statement), {}};
    for (std::size_t i = 0; i < parameters; ++i)
      prepared.places.push_back(
          sqlite::sqlite3_bind_parameter_index(statement, (":p" + std::to_string(i)).c_str()));
    return statements_.emplace(std::string(sql), std::move(prepared)).first->second;
  }

  sqlite::sqlite3* connection_;
  std::optional<SqliteLog> log_;  ///< of a connection that writes
  std::map<std::string, Prepared, std::less<>> statements_;
};

}  // namespace

std::unique_ptr<NativeStatements> sqlite_statements(soci::session& session) {
  auto* backend = dynamic_cast<soci::sqlite3_session_backend*>(session.get_backend());
  return std::make_unique<SqliteStatements>(backend->conn_);
}

}  // namespace tallymill
