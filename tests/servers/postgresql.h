#pragma once

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "tests/folders.h"
#include "tests/temporary_folder.h"

namespace tallymill {

/// One PostgreSQL server per test program, started when it is first asked for; it ends with the
/// program. A machine without one fails the tests that ask.
class PostgresqlServer {
 public:
  static PostgresqlServer& instance() {
    static PostgresqlServer server;
    return server;
  }
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  /// As libpq reads it; `options` follow the search path in the session's options.
  std::string connect(const std::string& schema = "public") const {
    return "host=" + folder_.path().string() +
           " dbname=postgres user=postgres options='-c search_path=" + schema + "'";
  }
  /// As another role, whose password comes beside it.
  std::string connect_as(const std::string& role, const std::string& schema) const {
    return "host=" + folder_.path().string() + " dbname=postgres user=" + role +
           " options='-c search_path=" + schema + "'";
  }
  /// Runs SQL with psql, as an administrator would.
  void execute(const std::string& sql) const {
    call("PGOPTIONS='-c client_min_messages=warning' psql -q -v ON_ERROR_STOP=1 -h '" +
         folder_.path().string() + "' -U postgres postgres >/dev/null <<'END'\n" + sql + "\nEND\n");
  }

 private:
  PostgresqlServer() {
    call(script() + " up '" + folder_.path().string() + "' " + std::to_string(::getpid()));
  }
  ~PostgresqlServer() {
    (void)!std::system((script() + " down '" + folder_.path().string() + "'").c_str());
  }
  static std::string script() {
    return std::string(kSourceFolder) + "/tests/servers/postgresql.sh";
  }
  static void call(const std::string& command) {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  }

  TemporaryFolder folder_;
};

}  // namespace tallymill
