#pragma once

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/error.h"
#include "scheduler/store.h"
#include "tests/scheduler/fixtures.h"
#include "tests/servers/postgresql.h"

namespace tallymill {

/// What an action that must fail said; empty if it did not fail.
inline std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.message();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return {};
}

// The suites of the store run on both databases:
// TEST_CASE_TEMPLATE("store: ...", Backend, SqliteBackend, PostgresqlBackend).

/// Stores as SQLite files in a temporary folder.
class SqliteBackend {
 public:
  StoreAddress address(const std::string& name = "store") const {
    return StoreAddress(scratch_ / (name + ".db"));
  }

 private:
  TemporaryFolder scratch_;
};

/// Stores as schemas of a real server, dropped with the object.
class PostgresqlBackend {
 public:
  ~PostgresqlBackend() {
    for (const std::string& schema : schemas_)
      server().execute("drop schema " + schema + " cascade;");
  }
  StoreAddress address(const std::string& name = "store") const {
    const std::string schema = name + "_of_" + std::to_string(number_);
    if (std::find(schemas_.begin(), schemas_.end(), schema) == schemas_.end()) {
      server().execute("create schema " + schema + ";");
      schemas_.push_back(schema);
    }
    return StoreAddress::postgresql(server().connect(schema));
  }

 private:
  static PostgresqlServer& server() { return PostgresqlServer::instance(); }
  static int next_number() {
    static int number = 0;
    return ++number;
  }
  int number_ = next_number();
  mutable std::vector<std::string> schemas_;
};

}  // namespace tallymill
