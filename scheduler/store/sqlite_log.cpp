#include "scheduler/store/sqlite_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace tallymill {
namespace {

namespace sqlite = sqlite_api;

// 16 MiB: pages that change in every turn are folded in once for many turns.
constexpr int kMostFrames = 4000;
constexpr std::uint64_t kHeaderBytes = 32;
constexpr std::uint64_t kFrameBytes = 24 + 4096;
constexpr std::uint64_t kFullLog = kHeaderBytes + kMostFrames * kFrameBytes;
// A few small commits, and some of the largest.
constexpr std::uint64_t kLeastRoom = 128 << 10;
constexpr std::uint64_t kMostRoom = 2 << 20;

/// What is left on a disk that gets full is for what must be written.
constexpr std::uint64_t kLeastFree = 256 << 20;

bool has_plenty_of_room(const char* file) {
  struct statvfs disk {};
  return ::statvfs(file, &disk) == 0 && disk.f_bavail * disk.f_frsize >= kLeastFree;
}

}  // namespace

SqliteLog::SqliteLog(sqlite::sqlite3* connection) : connection_(connection) {
  sqlite::sqlite3_wal_hook(connection_, committed, this);
}

SqliteLog::~SqliteLog() { sqlite::sqlite3_wal_hook(connection_, nullptr, nullptr); }

int SqliteLog::committed(void* self, sqlite::sqlite3* connection, const char* name, int frames) {
  if (frames >= kMostFrames) sqlite::sqlite3_wal_checkpoint(connection, name);
  static_cast<SqliteLog*>(self)->make_room(kHeaderBytes +
                                           static_cast<std::uint64_t>(frames) * kFrameBytes);
  return SQLITE_OK;
}

void SqliteLog::make_room(std::uint64_t used) {
  const std::uint64_t last = used > used_ ? used - used_ : used;
  used_ = used;
  const std::uint64_t room = std::clamp(2 * last, kLeastRoom, kMostRoom);
  if (used + room <= size_ || used >= kFullLog) return;
  const char* store = sqlite::sqlite3_db_filename(connection_, "main");
  if (store == nullptr || !has_plenty_of_room(store)) return;
  if (!file_.is_open())
    file_ = UniqueFd(::open(sqlite::sqlite3_filename_wal(store), O_WRONLY | O_APPEND | O_CLOEXEC));
  struct stat status {};
  if (!file_.is_open() || ::fstat(file_.get(), &status) != 0) return;
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (used + room <= size_) return;
  // At its end, whatever that is by now, and twice as much each time.
  const std::string zeros(std::clamp(used, 2 * room, 2 * kMostRoom), '\0');
  const ssize_t written = ::write(file_.get(), zeros.data(), zeros.size());
  if (written > 0) size_ += static_cast<std::uint64_t>(written);
}

}  // namespace tallymill
