#include "scheduler/backup.h"

#include <sys/stat.h>

#include <cerrno>
#include <set>

#include "core/disk_space.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/copy_tree.h"
#include "scheduler/machine.h"
#include "scheduler/store/copy.h"
#include "scheduler/store/migrations.h"
#include "scheduler/trash.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFormat = 1;
constexpr std::string_view kNote = "backup.json";

void require_backup_folder(const fs::path& folder) {
  std::error_code none;
  if (!fs::exists(folder, none) || fs::is_empty(folder, none)) return;
  if (fs::exists(folder / kNote) || fs::exists(folder / "fresh")) return;
  throw Error(ErrorClass::config,
              "'" + folder.string() + "' is neither empty nor a backup; name another folder");
}

void make_folder(const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) throw file_problem("make the folder", folder, problem.value());
  fs::permissions(folder, fs::perms::owner_all, problem);
}

[[noreturn]] void throw_nothing_yet() {
  throw Error(ErrorClass::config, "nothing has run in this workspace yet: there is no store");
}

/// One instant of the store as a SQLite file.
void copy_database(const StoreAddress& address, const fs::path& file) {
  for (const char* end : {"", "-wal", "-shm"}) fs::remove(file.string() + end);
  if (!address.is_server() && !fs::exists(address.file())) throw_nothing_yet();
  Database source(address, Database::Mode::read);
  if (schema_of(source) == 0) throw_nothing_yet();
  if (!address.is_server()) {
    source.execute("vacuum into " + quote_literal(file.string()));
    return;
  }
  source.begin_snapshot();
  Database target(file, Database::Mode::write);
  copy_store(source, target);
  source.rollback();
}

class Backup {
 public:
  Backup(const StateFolder& state, fs::path folder)
      : state_(state), folder_(std::move(folder)), target_(folder_) {}

  BackupReport make(const StoreAddress& address) {
    const fs::path fresh = folder_ / "fresh" / "store.db";
    fs::create_directory(fresh.parent_path());
    copy_database(address, fresh);
    {
      Database copy(fresh, Database::Mode::read);
      const ChainReport chain = verify_chain(copy);
      if (chain.broken_at != 0)
        throw Error(ErrorClass::transient, address.text() + " cannot be backed up: " +
                                               chain.problem + "; see 'tallymill audit verify'");
      report_.note.head = chain.head;
      copy_versions(copy);
    }
    report_.bytes += copy_missing(state_.blobs(), target_.blobs());
    for (const char* end : {"-wal", "-shm"}) fs::remove(fresh.string() + end);
    sync_tree(fresh.parent_path());
    fs::rename(fresh, target_.store());
    sync_folder(folder_);
    report_.bytes += fs::file_size(target_.store());
    write_note();
    prune();
    return std::move(report_);
  }

 private:
  void copy_versions(Database& copy) {
    for (const SqlRow& row : copy.select("select key, value from meta", "tt")) {
      if (row.text(0) == "store_id") report_.note.store_id = row.text(1);
      if (row.text(0) == "state_folder") report_.note.state_folder = row.text(1);
    }
    copy.each("select dataset, period, partition, id from version where removed = 0", "tttt", {},
              [&](const SqlRow& row) {
                copy_version(state_.version(row.text(0), row.text(1), row.text(2), row.text(3)),
                             target_.version(row.text(0), row.text(1), row.text(2), row.text(3)));
              });
  }

  void copy_version(const fs::path& from, const fs::path& to) {
    kept_.insert(to.string());
    if (fs::exists(to)) {
      ++report_.note.versions;
    } else if (fs::exists(from)) {
      report_.bytes += copy_folder(from, to, folder_ / "partial");
      ++report_.note.versions;
      ++report_.copied;
    } else {
      report_.note.missing.push_back(from.lexically_relative(state_.root()).string());
    }
  }

  void write_note() {
    report_.note.made_at = utc_now();
    json::array missing;
    for (const std::string& path : report_.note.missing) missing.emplace_back(path);
    write_file_durably(folder_ / kNote,
                       pretty_json(json::object{{"format", kFormat},
                                                {"made_at", report_.note.made_at},
                                                {"store_id", report_.note.store_id},
                                                {"state_folder", report_.note.state_folder},
                                                {"event", report_.note.head.number},
                                                {"hash", report_.note.head.hash},
                                                {"versions", report_.note.versions},
                                                {"missing", std::move(missing)}}),
                       0600);
  }

  /// What an earlier backup had and this one does not name.
  void prune() {
    std::error_code none;
    for (fs::recursive_directory_iterator it(target_.datasets(), none), end; it != end;
         it.increment(none)) {
      if (it.depth() != 3) continue;
      it.disable_recursion_pending();
      if (!kept_.contains(it->path().string())) delete_tree(it->path());
    }
  }

  const StateFolder& state_;
  fs::path folder_;
  StateFolder target_;
  BackupReport report_;
  std::set<std::string> kept_;
};

}  // namespace

BackupNote read_backup_note(const fs::path& folder) {
  const fs::path file = folder / kNote;
  if (!fs::exists(file))
    throw Error(ErrorClass::config, "'" + folder.string() + "' is no backup: it has no " +
                                        std::string(kNote) +
                                        "; make one with 'tallymill backup FOLDER'");
  const json::value value = parse_json(read_file(file), file.string());
  const json::object& object = value.as_object();
  if (json_integer(object, "format") != kFormat)
    throw Error(ErrorClass::config, "'" + file.string() +
                                        "' has an unknown format; a newer tallymill wrote it: use "
                                        "that one");
  BackupNote note;
  note.store_id = json_text(object, "store_id");
  note.state_folder = json_text(object, "state_folder");
  note.made_at = json_text(object, "made_at");
  note.head = {json_integer(object, "event"), json_text(object, "hash")};
  note.versions = static_cast<std::size_t>(json_integer(object, "versions"));
  for (const json::value& path : json_at(object, "missing").as_array())
    note.missing.emplace_back(path.as_string());
  return note;
}

BackupReport make_backup(const StateFolder& state, const StoreAddress& address,
                         const fs::path& folder) {
  require_backup_folder(folder);
  make_folder(folder);
  try {
    return Backup(state, fs::absolute(folder).lexically_normal()).make(address);
  } catch (const fs::filesystem_error& error) {
    throw file_problem(error);
  }
}

}  // namespace tallymill
