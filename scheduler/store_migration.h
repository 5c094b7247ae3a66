#pragma once

#include <string>

#include "scheduler/state_folder.h"
#include "scheduler/store.h"

namespace tallymill {

/// Moves the store of a state folder to another database: the whole chain, every table compared,
/// then the folder's note of where its store lies. A SQLite file left behind goes to the trash; a
/// schema on a server stays for its owner to drop, but this folder works with it no more. The
/// caller holds the folder's lock. Returns the journal's end. Throws Error(config) if the target is
/// not empty; nothing has changed then.
ChainHead migrate_store(const StateFolder& state, const StoreAddress& from, const StoreAddress& to,
                        const std::string& who);

}  // namespace tallymill
