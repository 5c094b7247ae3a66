#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "core/disk_space.h"
#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/task.h"
#include "core/text.h"
#include "scheduler/backup.h"
#include "scheduler/copy_tree.h"
#include "scheduler/machine.h"
#include "scheduler/store/copy.h"
#include "scheduler/store/dialect.h"
#include "scheduler/store/migrations.h"
#include "scheduler/store_binding.h"
#include "scheduler/trash.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// Every attempt folder: <run>/<job>.<number>.
std::vector<fs::path> attempt_folders(const StateFolder& state) {
  std::vector<fs::path> folders;
  std::error_code none;
  for (fs::recursive_directory_iterator it(state.attempts(), none), end; it != end;
       it.increment(none)) {
    if (it.depth() != 1) continue;
    it.disable_recursion_pending();
    folders.push_back(it->path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

void require_no_attempt_at_work(const StateFolder& state) {
  for (const fs::path& folder : attempt_folders(state))
    if (fs::exists(folder / kTaskFile) && FileLock::is_held(folder / kTaskFile))
      throw Error(
          ErrorClass::config,
          "'" + folder.string() + "' is at work: wait until it ends, or end it, then restore");
}

struct FoundAttempt {
  std::string id;
  std::int64_t epoch = 0;
};

/// The attempt that a folder says it is; empty if it was killed before it could say so.
FoundAttempt attempt_in(const fs::path& folder) {
  try {
    const json::value value = parse_json(read_file(folder / kTaskFile), kTaskFile);
    const json::object& task = value.as_object();
    return {json_text(task, "attempt"), json_integer(json_at(task, "epoch").as_object(), "number")};
  } catch (const std::exception&) {
    return {};
  }
}

/// Where the journal of the store that is replaced ends; 0 if that cannot be told.
std::int64_t last_event(const fs::path& store) {
  try {
    if (!fs::exists(store)) return 0;
    Database database(store, Database::Mode::read);
    return database.select("select coalesce(max(number), 0) from event", "i").at(0).integer(0);
  } catch (const std::exception&) {
    return 0;
  }
}

class Restore {
 public:
  Restore(const StateFolder& state, const fs::path& folder)
      : state_(state), source_(folder), trash_(state, "restore") {
    report_.note = read_backup_note(folder);
  }

  RestoreReport restore(const StoreAddress& address, const std::string& who) {
    require_no_attempt_at_work(state_);
    {
      Database backup(source_.store(), Database::Mode::read);
      check(backup);
      if (address.is_server()) {
        Database target(address, Database::Mode::write);
        copy_store(backup, target);
      }
      read_names(backup);
    }
    report_.trash = trash_.folder();
    last_known_ = last_event(state_.store());
    move_old_store();
    if (!address.is_server()) install_file();
    settle_attempts();
    settle_versions();
    copy_missing(source_.blobs(), state_.blobs());
    record(address, who);
    return std::move(report_);
  }

 private:
  void check(Database& backup) {
    const int schema = schema_of(backup);
    if (schema > latest_schema()) require_latest_schema(backup);  // throws: it is newer
    const ChainReport chain = verify_chain(backup);
    if (chain.broken_at == 0 && chain.head.hash == report_.note.head.hash) return;
    throw Error(
        ErrorClass::config,
        "the backup '" + source_.root().string() + "' is not whole: " +
            (chain.broken_at != 0
                 ? chain.problem
                 : "its journal ends at event " + std::to_string(chain.head.number) +
                       ", and backup.json says " + std::to_string(report_.note.head.number)) +
            "; use another one");
  }

  void read_names(Database& backup) {
    backup.each("select id from attempt", "t", {},
                [&](const SqlRow& row) { attempts_.insert(row.text(0)); });
    const auto columns = backup.dialect().columns(backup, "version");
    // An old schema has no mark, because nothing was ever removed.
    const bool marks_removed =
        std::find(columns.begin(), columns.end(), TableColumn{"removed", 'i'}) != columns.end();
    backup.each("select dataset, period, partition, id from version" +
                    std::string(marks_removed ? " where removed = 0" : ""),
                "tttt", {}, [&](const SqlRow& row) {
                  versions_.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
                });
  }

  void move_old_store() {
    for (const char* end : {"", "-wal", "-shm", ".boot"})
      trash_.take(state_.store().string() + end);
  }

  void install_file() {
    const fs::path partial = state_.root() / "restoring";
    delete_tree(partial);
    fs::create_directory(partial);
    fs::copy_file(source_.store(), partial / "store.db");
    sync_tree(partial);
    fs::rename(partial / "store.db", state_.store());
    sync_folder(state_.root());
    delete_tree(partial);
  }

  void settle_attempts() {
    for (const fs::path& folder : attempt_folders(state_)) {
      const FoundAttempt attempt = attempt_in(folder);
      last_known_ = std::max(last_known_, attempt.epoch);
      if (!attempts_.contains(attempt.id)) move(folder);
    }
  }

  void settle_versions() {
    std::set<std::string> named;
    for (const auto& [dataset, period, partition, id] : versions_) {
      const fs::path here = state_.version(dataset, period, partition, id);
      const fs::path there = source_.version(dataset, period, partition, id);
      named.insert(here.string());
      if (fs::exists(here)) continue;
      if (!fs::exists(there)) {
        report_.missing.push_back(here.lexically_relative(state_.root()).string());
        continue;
      }
      copy_folder(there, here, state_.root() / "restoring");
      ++report_.copied;
    }
    std::error_code none;
    std::vector<fs::path> newer;
    for (fs::recursive_directory_iterator it(state_.datasets(), none), end; it != end;
         it.increment(none)) {
      if (it.depth() != 3) continue;
      it.disable_recursion_pending();
      if (!named.contains(it->path().string())) newer.push_back(it->path());
    }
    for (const fs::path& folder : newer) move(folder);
  }

  void move(const fs::path& folder) {
    report_.moved.push_back(folder.lexically_relative(state_.root()).string());
    trash_.take(folder);
  }

  void record(const StoreAddress& address, const std::string& who) {
    const std::optional<StateIdentity> known = read_identity(state_);
    StateIdentity identity{known ? known->folder : report_.note.state_folder, report_.note.store_id,
                           address.type()};
    if (identity.folder.empty()) identity.folder = random_hex(16);
    Store store(address, who, {.expected_id = identity.store, .state_folder = {}});
    json::array moved;
    for (const std::string& path : report_.moved) moved.emplace_back(path);
    store.append_after_gap({std::string(kStoreRestored),
                            "",
                            "",
                            "",
                            {{"state_folder", identity.folder},
                             {"event", report_.note.head.number},
                             {"made_at", report_.note.made_at},
                             {"moved", std::move(moved)}}},
                           next_number());
    store.commit();
    write_identity(state_, identity);
  }

  /// Targets outside remember the largest number that was ever given, also by a store that is lost
  /// with all that knew it. No store has had more events than milliseconds have passed.
  std::int64_t next_number() const {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto clock = std::chrono::duration_cast<std::chrono::milliseconds>(now);
    return std::max(last_known_ + 1, static_cast<std::int64_t>(clock.count()));
  }

  const StateFolder& state_;
  StateFolder source_;
  Trash trash_;
  RestoreReport report_;
  std::set<std::string> attempts_;
  std::int64_t last_known_ = 0;  ///< the largest number of an event that is to be seen here
  std::vector<std::array<std::string, 4>> versions_;
};

}  // namespace

RestoreReport restore_backup(const StateFolder& state, const StoreAddress& address,
                             const fs::path& folder, const std::string& who) {
  try {
    return Restore(state, fs::absolute(folder).lexically_normal()).restore(address, who);
  } catch (const fs::filesystem_error& error) {
    throw file_problem(error);
  }
}

}  // namespace tallymill
