#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/machine.h"
#include "scheduler/store/dialect.h"

namespace tallymill {
namespace {

/// First key of every advisory lock of ours ("tall"); the second is the schema's number.
constexpr std::int64_t kLockSpace = 0x74616c6c;

constexpr auto kLockPatience = std::chrono::seconds(2);
constexpr auto kBetweenTries = std::chrono::milliseconds(50);

/// One parameter of a connect string, quoted as libpq wants it.
std::string parameter(std::string_view name, std::string_view value) {
  std::string text = " " + std::string(name) + "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

struct Conninfo {
  PQconninfoOption* options = nullptr;
  std::string problem;
  explicit Conninfo(const std::string& connect) {
    char* message = nullptr;
    options = ::PQconninfoParse(connect.c_str(), &message);
    // libpq's message may quote the text, and the text may hold a password.
    if (!options) problem = "is not one that PostgreSQL understands";
    ::PQfreemem(message);
  }
  Conninfo(const Conninfo&) = delete;
  Conninfo& operator=(const Conninfo&) = delete;
  ~Conninfo() { ::PQconninfoFree(options); }
};

/// Keyword by keyword, whatever form it was written in, so that ours can follow.
std::string keyword_form(const std::string& connect) {
  const Conninfo info(connect);
  if (!info.options)
    throw Error(ErrorClass::config,
                "'connect' of the store " + info.problem +
                    "; write e.g. host=db.example.org dbname=books user=tallymill");
  std::string text;
  for (const PQconninfoOption* option = info.options; option->keyword; ++option)
    if (option->val && *option->val) text += parameter(option->keyword, option->val);
  return text;
}

/// As a URI without any blank: the database library takes blanks out of what it is given, also
/// those within quotes.
std::string uri_form(const std::string& keywords) {
  const Conninfo info(keywords);
  std::string text;
  for (const PQconninfoOption* option = info.options; option && option->keyword; ++option)
    if (option->val && *option->val)
      text += (text.empty() ? "postgresql:///?" : "&") + std::string(option->keyword) + "=" +
              percent_encode(option->val);
  return text;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown host";
}

/// Shown to whoever finds the store in use, and in the server's list of sessions (63 bytes).
std::string application_name() {
  return ("tallymill " + std::to_string(::getpid()) + " of " + user_name() + " on " + host_name())
      .substr(0, 63);
}

bool is_connection_loss(const soci::soci_error& error) {
  const auto* server = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  if (!server) return false;
  const std::string state = server->sqlstate();
  // 08: connection; 57P: the server goes down; blank: libpq got no answer at all.
  return state.starts_with("08") || state.starts_with("57P") || trim(state).empty() ||
         state[0] == '\0';
}

std::string first_line(std::string text) {
  text.resize(std::min(text.size(), text.find('\n')));
  return text;
}

/// Both keys of the store's advisory lock, as SQL.
std::string lock_keys() {
  return std::to_string(kLockSpace) +
         ", (select (oid::bigint - 2147483648)::int from pg_namespace"
         " where nspname = current_schema())";
}

std::string lock_holder(soci::session& session) {
  std::string holder;
  session << "select coalesce(max(application_name), '') from pg_stat_activity"
             " where pid in (select pid from pg_locks where locktype = 'advisory' and granted"
             " and classid = " +
                 std::to_string(kLockSpace) +
                 " and objid::bigint = ((select oid::bigint - 2147483648 from pg_namespace"
                 " where nspname = current_schema()) & 4294967295))",
      soci::into(holder);
  return holder.empty() ? "another tallymill" : holder;
}

/// Of the session: the server gives the lock back when the connection ends, however it ends. It
/// needs a moment to see that a process was killed.
void take_writer_lock(soci::session& session, const StoreAddress& address) {
  const auto give_up = std::chrono::steady_clock::now() + kLockPatience;
  for (;;) {
    int got = 0;
    session << "select pg_try_advisory_lock(" + lock_keys() + ")::int", soci::into(got);
    if (got == 1) return;
    if (std::chrono::steady_clock::now() >= give_up) break;
    std::this_thread::sleep_for(kBetweenTries);
  }
  throw Error(ErrorClass::transient, address.text() + " is in use by " + lock_holder(session) +
                                         "; wait until it ends, or end it");
}

class PostgresqlDialect final : public Dialect {
 public:
  void open(soci::session& session, const StoreAddress& address,
            Database::Mode mode) const override {
    session.open(soci::postgresql,
                 uri_form(keyword_form(address.connect()) + parameter("client_encoding", "UTF8")));
    std::string name = application_name();
    session << "select set_config('application_name', :name, false)", soci::use(name),
        soci::into(name);
    require_schema(session, address);
    session << "set client_min_messages = warning";
    if (mode == Database::Mode::read) {
      session << "set default_transaction_read_only = on";
      return;
    }
    session << "set synchronous_commit = on";
    // A writer whose machine is gone must not hold its lock for hours.
    session << "set tcp_keepalives_idle = 10";
    session << "set tcp_keepalives_interval = 5";
    session << "set tcp_keepalives_count = 3";
    take_writer_lock(session, address);
  }

  Error problem(const soci::soci_error& error, const StoreAddress& address) const override {
    const std::string hint =
        is_connection_loss(error)
            ? "; nothing more is written, what was committed stands: run again when the server is "
              "back"
            : "";
    return Error(ErrorClass::transient,
                 address.text() + " failed: " + first_line(error.get_error_message()) + hint);
  }

  std::string_view begin() const override { return "begin"; }
  std::string_view begin_snapshot() const override {
    return "begin isolation level repeatable read, read only";
  }

  /// Texts compare by their bytes, as in SQLite, whatever the database's own language.
  std::string definition(std::string_view sql) const override {
    constexpr std::string_view kType = " text";
    std::string result;
    for (std::size_t at = 0; at < sql.size();) {
      const std::size_t found = std::min(sql.find(kType, at), sql.size());
      result += sql.substr(at, found - at);
      at = found;
      if (found == sql.size()) break;
      const std::size_t end = found + kType.size();
      const bool is_word =
          end == sql.size() || sql[end] == ' ' || sql[end] == ',' || sql[end] == ')';
      const char before = found == 0 ? ',' : sql[found - 1];
      const bool is_type = is_word && before != ',' && before != '(' &&
                           !std::string_view(sql.substr(0, found)).ends_with(" column");
      result += is_type ? std::string(" text collate \"C\"") : std::string(kType);
      at = end;
    }
    return result;
  }

  int schema(Database& database) const override {
    const auto found = database.select(
        "select count(*) from information_schema.tables where table_schema = current_schema()"
        " and table_name = 'store_schema'",
        "i");
    if (found.at(0).integer(0) == 0) return 0;
    const auto rows = database.select("select coalesce(max(number), 0) from store_schema", "i");
    return static_cast<int>(rows.at(0).integer(0));
  }
  void set_schema(Database& database, int number) const override {
    database.execute("create table if not exists store_schema (number bigint not null)");
    database.execute("delete from store_schema");
    database.execute("insert into store_schema (number) values (:p0)", {std::int64_t{number}});
  }

  std::vector<std::string> tables(Database& database) const override {
    std::vector<std::string> names;
    for (const SqlRow& row : database.select(
             "select table_name::text from information_schema.tables where table_schema ="
             " current_schema() and table_name <> 'store_schema' order by table_name collate \"C\"",
             "t"))
      names.push_back(row.text(0));
    return names;
  }

  std::vector<TableColumn> columns(Database& database, const std::string& table) const override {
    std::vector<TableColumn> columns;
    for (const SqlRow& row : database.select(
             "select column_name::text, data_type::text from information_schema.columns where"
             " table_schema = current_schema() and table_name = :p0"
             " order by column_name collate \"C\"",
             "tt", {table}))
      columns.emplace_back(row.text(0), row.text(1) == "text" ? 't' : 'i');
    return columns;
  }

  std::string damage(Database&) const override { return {}; }

 private:
  static void require_schema(soci::session& session, const StoreAddress& address) {
    std::string schema;
    session << "select coalesce(current_schema()::text, '')", soci::into(schema);
    if (schema.empty())
      throw Error(ErrorClass::config, address.text() +
                                          " has no schema to work in: the search path names none "
                                          "that exists; create it, or mend options='-c "
                                          "search_path=...' in 'connect'");
  }
};

}  // namespace

const Dialect& postgresql_dialect() {
  static const PostgresqlDialect dialect;
  return dialect;
}

StoreAddress StoreAddress::postgresql(std::string connect, std::string password) {
  StoreAddress address;
  address.connect_ = std::move(connect);
  address.password_ = std::move(password);
  return address;
}

std::string StoreAddress::connect() const {
  return password_.empty() ? connect_ : keyword_form(connect_) + parameter("password", password_);
}

std::string StoreAddress::text() const {
  if (!is_server()) return "the store '" + file_.string() + "'";
  const Conninfo info(connect_);
  std::string shown;
  for (const PQconninfoOption* option = info.options; option && option->keyword; ++option) {
    const std::string_view name = option->keyword;
    const bool is_place = name == "host" || name == "port" || name == "dbname" || name == "service";
    if (is_place && option->val && *option->val)
      shown += (shown.empty() ? "" : " ") + std::string(name) + "=" + option->val;
  }
  return "the store in PostgreSQL" + (shown.empty() ? "" : " (" + shown + ")");
}

}  // namespace tallymill
