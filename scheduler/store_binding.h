#pragma once

#include <memory>
#include <optional>
#include <string>

#include "scheduler/state_folder.h"
#include "scheduler/store.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// What a state folder knows about itself and its store: <state>/identity.json. The store records
/// the folder's id in turn, so that neither can be put beside another one unnoticed.
struct StateIdentity {
  std::string folder;      ///< 128 random bits
  std::string store = {};  ///< the store's id; empty until it has been created
  std::string type = {};   ///< where that store lies: sqlite, postgresql
};
std::optional<StateIdentity> read_identity(const StateFolder& state);
void write_identity(const StateFolder& state, const StateIdentity& identity);

/// Where the workspace's store lies. Throws Error(config) if its password file cannot be read.
StoreAddress store_address(const Workspace& workspace);

/// Opens the store of a state folder for writing, or creates both sides of the bond. The caller
/// holds the folder's lock. Throws Error(config) if one of them belongs to another, or if the
/// folder's store lies elsewhere than tallymill.yaml says.
std::unique_ptr<Store> open_bound_store(const StateFolder& state, const StoreAddress& address,
                                        const std::string& who);

}  // namespace tallymill
