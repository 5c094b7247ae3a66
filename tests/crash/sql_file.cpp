#include "tests/crash/sql_file.h"

#include <sqlite3.h>

#include <stdexcept>

namespace tallymill::crash {

SqlFile::SqlFile(const std::filesystem::path& file) {
  if (sqlite3_open_v2(file.c_str(), &connection_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    const std::string problem = sqlite3_errmsg(connection_);
    sqlite3_close(connection_);
    throw std::runtime_error("cannot open " + file.string() + ": " + problem);
  }
  sqlite3_busy_timeout(connection_, 5000);
}

SqlFile::~SqlFile() { sqlite3_close(connection_); }

std::vector<SqlFile::Row> SqlFile::rows(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(connection_));
  std::vector<Row> rows;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    Row& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, i));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
      row.emplace_back(text == nullptr ? "" : std::string(text, size));
    }
  }
  sqlite3_finalize(statement);
  if (code != SQLITE_DONE) throw std::runtime_error(sql + ": " + sqlite3_errmsg(connection_));
  return rows;
}

}  // namespace tallymill::crash
