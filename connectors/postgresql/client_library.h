#pragma once

#include <libpq-fe.h>

namespace tallymill::postgresql {

/// The functions of libpq that are used. It brings a dozen shared libraries, which every worker
/// would wait for: so it is opened by the first connection.
struct ClientLibrary {
  decltype(&::PQconnectdb) connect;
  decltype(&::PQfinish) finish;
  decltype(&::PQstatus) status;
  decltype(&::PQerrorMessage) error_message;
  decltype(&::PQsendQueryParams) send;
  decltype(&::PQsetSingleRowMode) row_by_row;
  decltype(&::PQgetResult) result;
  decltype(&::PQresultStatus) result_status;
  decltype(&::PQresultErrorField) error_field;
  decltype(&::PQntuples) rows;
  decltype(&::PQnfields) fields;
  decltype(&::PQgetisnull) is_null;
  decltype(&::PQgetvalue) value;
  decltype(&::PQgetlength) length;
  decltype(&::PQclear) clear;
};

/// Throws Error(config) if the library is not there.
const ClientLibrary& client_library();

}  // namespace tallymill::postgresql
