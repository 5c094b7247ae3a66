#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <array>
#include <cerrno>
#include <fstream>

#include "core/disk_space.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/store/dialect.h"
#include "scheduler/store/sqlite_statements.h"

namespace tallymill {
namespace {

constexpr int kIoError = 10;
constexpr int kCorrupt = 11;
constexpr int kFull = 13;
constexpr int kCannotOpen = 14;
constexpr int kNotADatabase = 26;
constexpr std::size_t kHeaderSize = 100;

/// SOCI puts the name of its own function first.
std::string without_function(const std::string& message) {
  constexpr std::string_view kPrefix = "sqlite3_";
  const std::size_t end = message.find(": ");
  if (!message.starts_with(kPrefix) || end == std::string::npos) return message;
  return message.substr(end + 2);
}

/// Whoever reads a store makes a small index file of its write-ahead log beside it. A full disk has
/// no room for one, but with no log there is nothing to index: the file is all there is, and
/// `status` must work above all when the disk is full.
bool must_read_without_index(const std::filesystem::path& file) {
  std::error_code none;
  const auto log = std::filesystem::file_size(file.string() + "-wal", none);
  return (none || log == 0) && is_disk_nearly_full(file);
}

/// SQLite's URI for a file that nobody changes: no locks, no index.
std::string unchanging(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : file.string()) {
    if (c == '/')
      uri += c;
    else
      uri += percent_encode(std::string_view(&c, 1));
  }
  return uri + "?immutable=1";
}

std::string connect_string(const std::filesystem::path& file, Database::Mode mode) {
  std::string name = file.string();
  if (mode == Database::Mode::read && must_read_without_index(file)) name = unchanging(file);
  // The busy timeout (seconds) covers a checkpoint in progress; there is only one writer.
  return "dbname=\"" + name + "\" timeout=10" +
         (mode == Database::Mode::read ? " readonly=true" : "");
}

/// SQLite takes what is missing of the last page for zeros, and finds other missing pages only when
/// it reads them. While there is a log the file may still grow.
void require_whole_pages(const StoreAddress& address) {
  std::error_code none;
  const auto log = std::filesystem::file_size(address.file().string() + "-wal", none);
  if (!none && log > 0) return;
  std::ifstream in(address.file(), std::ios::binary | std::ios::ate);
  if (!in || in.tellg() == std::streamoff{0}) return;
  const auto size = static_cast<std::uint64_t>(in.tellg());
  std::array<char, kHeaderSize> header{};
  in.seekg(0);
  in.read(header.data(), header.size());
  if (in && std::string_view(header.data(), 15) != "SQLite format 3") return;  // it says so itself
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(header[i]); };
  const unsigned stored = byte(16) * 256U + byte(17);
  const unsigned page = stored == 1 ? 65536 : stored;
  if (in && page > 0 && size % page == 0) return;
  throw Error(ErrorClass::transient,
              address.text() + " is cut off: it ends at byte " + std::to_string(size) +
                  ", in the middle of a page; restore the state folder from a backup");
}

/// Once, before the first connection: no mutex for each call on a connection (one thread uses it at
/// a time) nor for counting memory, which nobody asks about.
void configure_library() {
  static const bool configured =
      sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD) == SQLITE_OK &&
      sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
  static_cast<void>(configured);  // where the library runs already, it runs as it is
}

class SqliteDialect final : public Dialect {
 public:
  void open(soci::session& session, const StoreAddress& address,
            Database::Mode mode) const override {
    require_whole_pages(address);
    configure_library();
    session.open(soci::sqlite3, connect_string(address.file(), mode));
    if (mode != Database::Mode::write) return;
    std::string journal;
    session << "pragma journal_mode = wal", soci::into(journal);
    session << "pragma synchronous = full";
    // 64 MiB of pages: the tables of a large run stay in memory while it runs.
    session << "pragma cache_size = -65536";
  }

  std::unique_ptr<NativeStatements> native(soci::session& session) const override {
    return sqlite_statements(session);
  }

  Error problem(const soci::soci_error& error, const StoreAddress& address) const override {
    std::string hint;
    if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
      const int code = sqlite->result() & 0xff;
      // Growing the index beside the log fails as a mere I/O error, opening it as "cannot open".
      const bool may_be_full = code == kIoError || code == kCannotOpen;
      if (code == kFull || (may_be_full && is_disk_nearly_full(address.file())))
        return file_problem("write the store", address.file(), ENOSPC);
      if (code == kCorrupt || code == kNotADatabase)
        hint = "; the file is damaged: restore the state folder from a backup";
    }
    return Error(ErrorClass::transient,
                 address.text() + " failed: " + without_function(error.get_error_message()) + hint);
  }

  /// Immediate: a write lock from the start, so that no reader ever upgrades (and fails).
  std::string_view begin() const override { return "begin immediate"; }
  std::string_view begin_snapshot() const override { return "begin"; }
  std::string definition(std::string_view sql) const override { return std::string(sql); }

  int schema(Database& database) const override {
    const auto rows =
        database.select("select coalesce(max(user_version), 0) from pragma_user_version", "i");
    return static_cast<int>(rows.at(0).integer(0));
  }
  void set_schema(Database& database, int number) const override {
    database.execute("pragma user_version = " + std::to_string(number));
  }

  std::vector<std::string> tables(Database& database) const override {
    std::vector<std::string> names;
    for (const SqlRow& row : database.select(
             "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
             " order by name",
             "t"))
      names.push_back(row.text(0));
    return names;
  }

  std::vector<TableColumn> columns(Database& database, const std::string& table) const override {
    std::vector<TableColumn> columns;
    for (const SqlRow& row : database.select(
             "select name, lower(type) from pragma_table_info(:p0) order by name", "tt", {table}))
      columns.emplace_back(row.text(0), row.text(1) == "text" ? 't' : 'i');
    return columns;
  }

  std::string damage(Database& database) const override {
    const auto rows = database.select("select quick_check from pragma_quick_check limit 3", "t");
    if (rows.size() == 1 && rows[0].text(0) == "ok") return {};
    return rows.empty() ? "no answer" : rows[0].text(0);
  }
};

}  // namespace

const Dialect& sqlite_dialect() {
  static const SqliteDialect dialect;
  return dialect;
}

}  // namespace tallymill
