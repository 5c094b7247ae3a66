#include "connectors/sqlite/database.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <fstream>

#include "core/error.h"
#include "core/text.h"

namespace tallymill {

namespace fs = std::filesystem;
namespace api = sqlite_api;

namespace {

ErrorClass class_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
      return ErrorClass::transient;
    case SQLITE_NOMEM:
      return ErrorClass::memory;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
      return ErrorClass::data;
    default:
      return ErrorClass::config;
  }
}

Error error_of(api::sqlite3* handle, const fs::path& file) {
  const int code = api::sqlite3_extended_errcode(handle);
  return {class_of(code), std::string(api::sqlite3_errmsg(handle)) + " [sqlite3 " +
                              std::to_string(code) + "], database " + file.string()};
}

/// A database in WAL mode whose folder we may not write cannot be opened the ordinary way, since
/// even a reader makes a -shm file; without a -wal file nobody is writing and it is safe to read it
/// as it lies.
bool must_be_read_as_it_lies(const fs::path& file) {
  constexpr std::streamoff kWriteVersion = 18;
  constexpr int kWal = 2;
  std::ifstream header(file, std::ios::binary);
  header.seekg(kWriteVersion);
  const bool is_wal = header.get() == kWal;
  return is_wal && !fs::exists(file.string() + "-wal") &&
         ::access(file.parent_path().c_str(), W_OK) != 0;
}

std::string connect_string(const fs::path& file, SqliteAccess access) {
  std::string name = file.string();
  if (name.find('"') != std::string::npos)
    throw Error(ErrorClass::config, "the database path '" + name + "' holds a quote");
  if (access == SqliteAccess::read && must_be_read_as_it_lies(file)) {
    std::string uri = "file:";
    for (char c : name) uri += c == '/' ? std::string("/") : percent_encode({&c, 1});
    name = uri + "?immutable=1";
  }
  return "dbname=\"" + name + "\" timeout=30" +
         (access == SqliteAccess::read ? " readonly=true" : "");
}

}  // namespace

struct SqliteDatabase::State {
  fs::path file;
  soci::session session;

  api::sqlite3* handle() {
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
  }
};

SqliteDatabase::SqliteDatabase(const fs::path& file, SqliteAccess access)
    : state_(std::make_unique<State>()) {
  state_->file = file;
  try {
    state_->session.open(soci::sqlite3, connect_string(file, access));
  } catch (const soci::soci_error& error) {
    throw Error(ErrorClass::config,
                "cannot open database " + file.string() + ": " + error.get_error_message());
  }
}

SqliteDatabase::~SqliteDatabase() = default;

void SqliteDatabase::execute(const std::string& sql) {
  try {
    state_->session << sql;
  } catch (const soci::soci_error&) {
    throw error_of(state_->handle(), state_->file).add_context("executing \"" + sql + "\"");
  }
}

struct SqliteStatement::State {
  SqliteDatabase::State& database;
  std::string sql;
  api::sqlite3_stmt* statement = nullptr;

  void require(int code) const {
    if (code != SQLITE_OK) fail();
  }
  [[noreturn]] void fail() const {
    throw error_of(database.handle(), database.file).add_context("executing \"" + sql + "\"");
  }
};

SqliteStatement::SqliteStatement(SqliteDatabase& database, const std::string& sql)
    : state_(new State{*database.state_, sql}) {
  const char* rest = nullptr;
  const int code = api::sqlite3_prepare_v2(database.state_->handle(), sql.data(),
                                           static_cast<int>(sql.size()), &state_->statement, &rest);
  state_->require(code);
  if (state_->statement == nullptr || !trim({rest, sql.data() + sql.size()}).empty()) {
    api::sqlite3_finalize(state_->statement);
    throw Error(ErrorClass::config, "expected one SQL statement: " + sql);
  }
}

SqliteStatement::~SqliteStatement() { api::sqlite3_finalize(state_->statement); }

bool SqliteStatement::is_read_only() const {
  return api::sqlite3_stmt_readonly(state_->statement) != 0;
}

int SqliteStatement::parameter_count() const {
  return api::sqlite3_bind_parameter_count(state_->statement);
}

std::string SqliteStatement::parameter_name(int index) const {
  const char* name = api::sqlite3_bind_parameter_name(state_->statement, index);
  return name == nullptr ? std::string() : std::string(name + 1);
}

void SqliteStatement::bind(int index, std::string_view text) {
  // SQLITE_STATIC: soci-sqlite3.h takes the macro away; a null destructor says the same.
  const char* bytes = text.data() == nullptr ? "" : text.data();
  state_->require(
      api::sqlite3_bind_text64(state_->statement, index, bytes, text.size(), nullptr, SQLITE_UTF8));
}

void SqliteStatement::bind(int index, std::int64_t number) {
  state_->require(api::sqlite3_bind_int64(state_->statement, index, number));
}

void SqliteStatement::bind_null(int index) {
  state_->require(api::sqlite3_bind_null(state_->statement, index));
}

bool SqliteStatement::step() {
  const int code = api::sqlite3_step(state_->statement);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    api::sqlite3_reset(state_->statement);
    state_->fail();
  }
  api::sqlite3_reset(state_->statement);
  return false;
}

SqliteKind SqliteStatement::kind(int column) const {
  switch (api::sqlite3_column_type(state_->statement, column)) {
    case SQLITE_INTEGER:
      return SqliteKind::integer;
    case SQLITE_FLOAT:
      return SqliteKind::real;
    case SQLITE_TEXT:
      return SqliteKind::text;
    case SQLITE_BLOB:
      return SqliteKind::blob;
    default:
      return SqliteKind::null;
  }
}

std::int64_t SqliteStatement::integer(int column) const {
  return api::sqlite3_column_int64(state_->statement, column);
}

double SqliteStatement::real(int column) const {
  return api::sqlite3_column_double(state_->statement, column);
}

std::string_view SqliteStatement::text(int column) const {
  const auto* bytes =
      reinterpret_cast<const char*>(api::sqlite3_column_text(state_->statement, column));
  const int size = api::sqlite3_column_bytes(state_->statement, column);
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(size));
}

std::string sqlite_identifier(std::string_view name) { return quote_identifier(name); }

}  // namespace tallymill
