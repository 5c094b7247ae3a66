#pragma once

#include <filesystem>
#include <string>
#include <vector>

struct sqlite3;

namespace tallymill::crash {

/// A store file opened for reading only, so that looking at it after a kill leaves it as the next
/// scheduler must find it.
class SqlFile {
 public:
  explicit SqlFile(const std::filesystem::path& file);
  ~SqlFile();
  SqlFile(const SqlFile&) = delete;
  SqlFile& operator=(const SqlFile&) = delete;

  using Row = std::vector<std::string>;
  /// Every column as text. Throws std::runtime_error with SQLite's words.
  std::vector<Row> rows(const std::string& sql) const;

 private:
  sqlite3* connection_ = nullptr;
};

}  // namespace tallymill::crash
