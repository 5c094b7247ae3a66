#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "scheduler/state_folder.h"
#include "scheduler/store.h"

namespace tallymill {

/// backup.json: what a backup folder holds. Beside it lie store.db (SQLite, whatever the store is
/// kept in), datasets/ and blobs/, laid out as in a state folder.
struct BackupNote {
  std::string store_id;
  std::string state_folder;
  std::string made_at;
  ChainHead head;                    ///< where the journal ends
  std::size_t versions = 0;          ///< that the store names and the backup has
  std::vector<std::string> missing;  ///< named by the store, but not found when it was made
};
/// Throws Error(config) if `folder` is no backup, or one of a newer tallymill.
BackupNote read_backup_note(const std::filesystem::path& folder);

struct BackupReport {
  BackupNote note;
  std::size_t copied = 0;  ///< versions that were not in the folder yet
  std::uint64_t bytes = 0;
};

/// Copies the store as it is at one instant, checked link by link, and every version it names,
/// while others go on working. Versions that an earlier backup has put into `folder` stay; those
/// the store no longer names go. Throws Error(config) if the folder holds something else.
BackupReport make_backup(const StateFolder& state, const StoreAddress& address,
                         const std::filesystem::path& folder);

struct RestoreReport {
  BackupNote note;
  std::size_t copied = 0;            ///< versions
  std::vector<std::string> moved;    ///< newer attempts and versions, to the trash
  std::vector<std::string> missing;  ///< versions that neither side has
  std::filesystem::path trash;
};

/// Puts the backup's store in place of the state folder's, and moves to the trash what it does not
/// know: the store before, newer attempts and versions. Journalled. The caller holds the folder's
/// lock. A store on a server must be empty: what to do with the old one is its owner's decision.
/// Throws Error(config) before anything is changed if the backup is not whole or attempts still
/// work.
RestoreReport restore_backup(const StateFolder& state, const StoreAddress& address,
                             const std::filesystem::path& folder, const std::string& who);

}  // namespace tallymill
