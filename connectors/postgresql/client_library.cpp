#include "connectors/postgresql/client_library.h"

#include <string>

#include "core/shared_library.h"

namespace tallymill::postgresql {
namespace {

const std::string kName = "libpq.so.5";

ClientLibrary open_library() {
  void* const opened = open_shared_library(kName, TALLYMILL_PQ_LIBRARY);
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::decay_t<decltype(function)>>(function_of(opened, kName, name));
  };
  ClientLibrary library{};
  find(library.connect, "PQconnectdb");
  find(library.finish, "PQfinish");
  find(library.status, "PQstatus");
  find(library.error_message, "PQerrorMessage");
  find(library.send, "PQsendQueryParams");
  find(library.row_by_row, "PQsetSingleRowMode");
  find(library.result, "PQgetResult");
  find(library.result_status, "PQresultStatus");
  find(library.error_field, "PQresultErrorField");
  find(library.rows, "PQntuples");
  find(library.fields, "PQnfields");
  find(library.is_null, "PQgetisnull");
  find(library.value, "PQgetvalue");
  find(library.length, "PQgetlength");
  find(library.clear, "PQclear");
  return library;
}

}  // namespace

const ClientLibrary& client_library() {
  static const ClientLibrary library = open_library();
  return library;
}

}  // namespace tallymill::postgresql
