// The functions of PostgreSQL's client library that SOCI and we call, forwarded to the real
// library, which is opened on first use: loading it and the twenty libraries it needs takes 5 ms,
// ten times what a command takes to start, and most workspaces keep their store in a file.
#include <dlfcn.h>
#include <libpq-fe.h>

#include "core/error.h"

namespace {

void* function(const char* name) {
  static void* const library = ::dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  void* const found = library ? ::dlsym(library, name) : nullptr;
  if (found) return found;
  throw tallymill::Error(tallymill::ErrorClass::config,
                         "the client library of PostgreSQL is missing (libpq.so.5: " +
                             std::string(library ? name : "not found") +
                             "); install the package libpq5");
}

}  // namespace

// Of each: result, name, parameters, arguments.
#define TALLYMILL_FORWARD(result, name, parameters, arguments)                     \
  result name parameters {                                                         \
    static const auto call = reinterpret_cast<decltype(&(name))>(function(#name)); \
    return call arguments;                                                         \
  }

extern "C" {

TALLYMILL_FORWARD(void, PQclear, (PGresult * r), (r))
TALLYMILL_FORWARD(char*, PQcmdTuples, (PGresult * r), (r))
TALLYMILL_FORWARD(PGconn*, PQconnectdb, (const char* info), (info))
TALLYMILL_FORWARD(char*, PQerrorMessage, (const PGconn* c), (c))
TALLYMILL_FORWARD(PGresult*, PQexec, (PGconn * c, const char* sql), (c, sql))
TALLYMILL_FORWARD(PGresult*, PQexecParams,
                  (PGconn * c, const char* sql, int n, const Oid* types, const char* const* values,
                   const int* lengths, const int* formats, int format),
                  (c, sql, n, types, values, lengths, formats, format))
TALLYMILL_FORWARD(PGresult*, PQexecPrepared,
                  (PGconn * c, const char* name, int n, const char* const* values,
                   const int* lengths, const int* formats, int format),
                  (c, name, n, values, lengths, formats, format))
TALLYMILL_FORWARD(int, PQfformat, (const PGresult* r, int field), (r, field))
TALLYMILL_FORWARD(void, PQfinish, (PGconn * c), (c))
TALLYMILL_FORWARD(char*, PQfname, (const PGresult* r, int field), (r, field))
TALLYMILL_FORWARD(int, PQfsize, (const PGresult* r, int field), (r, field))
TALLYMILL_FORWARD(Oid, PQftype, (const PGresult* r, int field), (r, field))
TALLYMILL_FORWARD(PGresult*, PQgetResult, (PGconn * c), (c))
TALLYMILL_FORWARD(int, PQgetisnull, (const PGresult* r, int row, int field), (r, row, field))
TALLYMILL_FORWARD(char*, PQgetvalue, (const PGresult* r, int row, int field), (r, row, field))
TALLYMILL_FORWARD(int, PQnfields, (const PGresult* r), (r))
TALLYMILL_FORWARD(int, PQntuples, (const PGresult* r), (r))
TALLYMILL_FORWARD(PGresult*, PQprepare,
                  (PGconn * c, const char* name, const char* sql, int n, const Oid* types),
                  (c, name, sql, n, types))
TALLYMILL_FORWARD(char*, PQresultErrorField, (const PGresult* r, int field), (r, field))
TALLYMILL_FORWARD(char*, PQresultErrorMessage, (const PGresult* r), (r))
TALLYMILL_FORWARD(ExecStatusType, PQresultStatus, (const PGresult* r), (r))
TALLYMILL_FORWARD(int, PQsendPrepare,
                  (PGconn * c, const char* name, const char* sql, int n, const Oid* types),
                  (c, name, sql, n, types))
TALLYMILL_FORWARD(int, PQsendQuery, (PGconn * c, const char* sql), (c, sql))
TALLYMILL_FORWARD(int, PQsendQueryParams,
                  (PGconn * c, const char* sql, int n, const Oid* types, const char* const* values,
                   const int* lengths, const int* formats, int format),
                  (c, sql, n, types, values, lengths, formats, format))
TALLYMILL_FORWARD(int, PQsendQueryPrepared,
                  (PGconn * c, const char* name, int n, const char* const* values,
                   const int* lengths, const int* formats, int format),
                  (c, name, n, values, lengths, formats, format))
TALLYMILL_FORWARD(int, PQserverVersion, (const PGconn* c), (c))
TALLYMILL_FORWARD(int, PQsetSingleRowMode, (PGconn * c), (c))
TALLYMILL_FORWARD(ConnStatusType, PQstatus, (const PGconn* c), (c))
TALLYMILL_FORWARD(PQconninfoOption*, PQconninfoParse, (const char* info, char** problem),
                  (info, problem))
TALLYMILL_FORWARD(void, PQconninfoFree, (PQconninfoOption * options), (options))
TALLYMILL_FORWARD(void, PQfreemem, (void* memory), (memory))
TALLYMILL_FORWARD(int, lo_close, (PGconn * c, int fd), (c, fd))
TALLYMILL_FORWARD(int, lo_lseek, (PGconn * c, int fd, int offset, int whence),
                  (c, fd, offset, whence))
TALLYMILL_FORWARD(int, lo_open, (PGconn * c, Oid object, int mode), (c, object, mode))
TALLYMILL_FORWARD(int, lo_read, (PGconn * c, int fd, char* bytes, size_t size),
                  (c, fd, bytes, size))
TALLYMILL_FORWARD(int, lo_write, (PGconn * c, int fd, const char* bytes, size_t size),
                  (c, fd, bytes, size))

}  // extern "C"
