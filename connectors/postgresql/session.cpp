#include "connectors/postgresql/session.h"

#include <memory>

#include "connectors/postgresql/client_library.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

using postgresql::client_library;

struct ClearResult {
  void operator()(PGresult* result) const { client_library().clear(result); }
};
using Result = std::unique_ptr<PGresult, ClearResult>;

PGconn* connection_of(void* connection) { return static_cast<PGconn*>(connection); }

ErrorClass class_of(const std::string& state) {
  // 08: connection; 53: resources; 57: the server goes down, or somebody ended it; 40:
  // serialization.
  for (const char* passing : {"08", "53", "57", "40"})
    if (state.starts_with(passing)) return ErrorClass::transient;
  return state.starts_with("22") ? ErrorClass::data : ErrorClass::config;
}

std::string first_line(std::string_view text) {
  return std::string(trim(text.substr(0, text.find('\n'))));
}

}  // namespace

PostgresqlSession::PostgresqlSession(const std::string& connect)
    : connection_(client_library().connect(connect.c_str())) {
  if (connection_ == nullptr) throw std::bad_alloc();
  if (client_library().status(connection_of(connection_)) == CONNECTION_OK) return;
  // libpq names host and user, never a password; a connect string that is none it would quote.
  const std::string said = first_line(client_library().error_message(connection_of(connection_)));
  client_library().finish(connection_of(connection_));
  const bool is_unreadable = said.find("connection info string") != std::string::npos ||
                             said.find("invalid URI") != std::string::npos ||
                             said.find("invalid connection option") != std::string::npos;
  if (is_unreadable)
    throw Error(ErrorClass::config,
                "'connect' is not one that PostgreSQL understands; write e.g. "
                "host=db.example.org dbname=books user=tallymill");
  throw Error(ErrorClass::transient, "no connection to PostgreSQL: " + said);
}

PostgresqlSession::~PostgresqlSession() { client_library().finish(connection_of(connection_)); }

void PostgresqlSession::fail(void* given) {
  const auto* const result = static_cast<const PGresult*>(given);
  const auto field = [&](int code) {
    const char* const text =
        result == nullptr ? nullptr : client_library().error_field(result, code);
    return std::string(text == nullptr ? "" : text);
  };
  const std::string state = field(PG_DIAG_SQLSTATE);
  if (state.empty())
    throw Error(ErrorClass::transient,
                "the connection to PostgreSQL is lost: " +
                    first_line(client_library().error_message(connection_of(connection_))));
  throw Error(class_of(state), field(PG_DIAG_MESSAGE_PRIMARY) + " [postgresql " + state + "]");
}

void PostgresqlSession::query(const std::string& sql, std::span<const std::string> parameters,
                              const std::function<void(Cells)>& take) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  PGconn* const connection = connection_of(connection_);
  if (client_library().send(connection, sql.c_str(), static_cast<int>(values.size()), nullptr,
                            values.data(), nullptr, nullptr, 0) != 1)
    fail(nullptr);
  client_library().row_by_row(connection);
  std::vector<std::optional<std::string_view>> cells;
  std::exception_ptr problem;
  // Whatever happens, the answer is taken to its end: the connection is of no use before.
  while (Result result{client_library().result(connection)}) {
    const ExecStatusType status = client_library().result_status(result.get());
    const bool is_fine =
        status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (problem) continue;
    try {
      if (!is_fine) fail(result.get());
      const int fields = client_library().fields(result.get());
      for (int row = 0; row < client_library().rows(result.get()); ++row) {
        cells.clear();
        for (int i = 0; i < fields; ++i) {
          if (client_library().is_null(result.get(), row, i) != 0)
            cells.emplace_back();
          else
            cells.emplace_back(std::string_view(
                client_library().value(result.get(), row, i),
                static_cast<std::size_t>(client_library().length(result.get(), row, i))));
        }
        take(cells);
      }
    } catch (...) {
      problem = std::current_exception();
    }
  }
  if (problem) std::rethrow_exception(problem);
}

void PostgresqlSession::execute(const std::string& sql) {
  query(sql, {}, [](Cells) {});
}

std::string postgresql_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string postgresql_table(const std::string& name) {
  std::vector<std::string> parts;
  for (const std::string& part : split(name, '.')) parts.push_back(postgresql_identifier(part));
  return join(parts, ".");
}

std::string postgresql_array(std::span<const std::string> texts) {
  std::string array = "{";
  for (const std::string& text : texts) {
    if (array.size() > 1) array += ',';
    array += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') array += '\\';
      array += c;
    }
    array += '"';
  }
  return array + "}";
}

}  // namespace tallymill
