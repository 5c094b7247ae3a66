#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/retention.h"
#include "scheduler/state_folder.h"
#include "scheduler/store.h"

namespace tallymill {

enum class GarbageKind {
  version,  ///< superseded, past its retention
  orphan,   ///< a version folder or file that the store does not name
  log,      ///< attempt folders of a run
  run,      ///< all that the store tells about a run
  trash,    ///< has lain in the trash for an hour: deleted for good
};
std::string_view to_string(GarbageKind kind);

/// One thing that gc takes away.
struct Garbage {
  GarbageKind kind = GarbageKind::orphan;
  std::string name;                                                ///< for people
  std::string why;                                                 ///< for people
  std::filesystem::path path = {};                                 ///< empty: nothing on disk
  std::string run = {};                                            ///< of a run
  std::vector<std::pair<std::string, std::string>> versions = {};  ///< dataset, id: rows concerned
  std::uint64_t bytes = 0;                                         ///< on disk
};

/// As it travels over the socket, and `tallymill gc --json` prints it.
json::array garbage_json(const std::vector<Garbage>& garbage);
/// What people are shown of it. Throws Error(data) for what is not of that form.
std::vector<Garbage> garbage_from(const json::array& list);

/// What may go, and nothing else: never a version that is visible, or that belongs to or is pinned
/// by an open run; never an open run, the newest run of its graph and period, or one whose version
/// or result is still there.
std::vector<Garbage> find_garbage(const StateFolder& state, StoreView& store,
                                  const Retention& retention);

/// Records that it goes, then moves it to the trash: a kill in between leaves orphans, which the
/// next call finds. The caller holds the folder's lock.
void remove_garbage(const StateFolder& state, Store& store, const std::vector<Garbage>& garbage);

}  // namespace tallymill
