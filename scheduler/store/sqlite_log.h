#pragma once

#include <soci/sqlite3/soci-sqlite3.h>

#include <cstdint>

#include "core/files.h"

namespace tallymill {

/// The write-ahead log of a connection that writes. After a commit it is folded into the store's
/// file once it is long enough, and zeros are put behind it: a commit that only overwrites them
/// changes no more than their bytes, while one that makes the log longer has the file system
/// commit its own journal too, with all that others have changed meanwhile. SQLite reads a log to
/// its first frame that is none, as it does after it began anew in a log that was long.
class SqliteLog {
 public:
  /// Replaces what the connection would do by itself after a commit.
  explicit SqliteLog(sqlite_api::sqlite3* connection);
  ~SqliteLog();
  SqliteLog(const SqliteLog&) = delete;
  SqliteLog& operator=(const SqliteLog&) = delete;

 private:
  static int committed(void* self, sqlite_api::sqlite3* connection, const char* name, int frames);
  /// A hint, for which a disk that gets full has nothing to spare.
  void make_room(std::uint64_t used);

  sqlite_api::sqlite3* connection_;
  UniqueFd file_;  ///< from the first commit on
  std::uint64_t size_ = 0;
  std::uint64_t used_ = 0;
};

}  // namespace tallymill
