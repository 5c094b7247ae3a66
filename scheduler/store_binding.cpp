#include "scheduler/store_binding.h"

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "scheduler/machine.h"

namespace tallymill {
namespace {

constexpr std::int64_t kFormat = 1;

void require_same_type(const StateFolder& state, const StateIdentity& identity,
                       const StoreAddress& address) {
  if (identity.store.empty() || identity.type == address.type()) return;
  throw Error(ErrorClass::config,
              "the store of the state folder '" + state.root().string() + "' is of type " +
                  identity.type + ", and tallymill.yaml says " + address.type() +
                  "; move it with 'tallymill store migrate', or mend 'store:' in tallymill.yaml");
}

/// A store that names no folder is an old one, or a new one: it is ours from now on.
void require_bond(const StateFolder& state, Store& store, StateIdentity& identity,
                  bool is_new_folder) {
  const std::string bound = store.state_folder_id();
  if (bound.empty()) {
    store.append({"store_bound", "", "", "", {{"state_folder", identity.folder}}});
    store.commit();
  } else if (bound != identity.folder) {
    // A SQLite store lies in its folder; only the folder's own note of its id is gone.
    if (!is_new_folder || store.view().database().address().is_server())
      throw Error(ErrorClass::config,
                  store.view().database().address().text() + " belongs to the state folder " +
                      bound + ", and '" + state.root().string() + "' is " + identity.folder +
                      "; each state folder has a store of its own: mend 'state:' or 'store:' in "
                      "tallymill.yaml");
    identity.folder = bound;
  }
}

}  // namespace

std::optional<StateIdentity> read_identity(const StateFolder& state) {
  if (!std::filesystem::exists(state.identity())) return std::nullopt;
  const json::value value = parse_json(read_file(state.identity()), state.identity().string());
  const json::object& object = value.as_object();
  if (json_integer(object, "format") != kFormat)
    throw Error(ErrorClass::config, "'" + state.identity().string() +
                                        "' has an unknown format; a newer tallymill wrote it: use "
                                        "that one");
  return StateIdentity{json_text(object, "state_folder"), json_text(object, "store"),
                       json_text(object, "store_type")};
}

void write_identity(const StateFolder& state, const StateIdentity& identity) {
  write_file_durably(state.identity(),
                     pretty_json(json::object{{"format", kFormat},
                                              {"state_folder", identity.folder},
                                              {"store", identity.store},
                                              {"store_type", identity.type}}),
                     0600);
}

StoreAddress store_address(const Workspace& workspace) {
  const StoreSpec& spec = workspace.store;
  if (spec.connect.empty()) return StateFolder(workspace.state).store();
  if (spec.password_file.empty()) return StoreAddress::postgresql(spec.connect, spec.password);
  const std::filesystem::path file = workspace.root / spec.password_file;
  try {
    return StoreAddress::postgresql(spec.connect, std::string(trim(read_file(file))));
  } catch (const Error& error) {
    throw Error(ErrorClass::config, "the password of the store: " + error.message());
  }
}

std::unique_ptr<Store> open_bound_store(const StateFolder& state, const StoreAddress& address,
                                        const std::string& who) {
  const std::optional<StateIdentity> known = read_identity(state);
  if (known) require_same_type(state, *known, address);
  StateIdentity identity = known.value_or(StateIdentity{random_hex(16)});
  // The folder's id stands before any store names it: a kill in between leaves no orphan.
  if (!known) write_identity(state, identity);
  auto store = std::make_unique<Store>(
      address, who, StoreOpening{.expected_id = identity.store, .state_folder = identity.folder});
  require_bond(state, *store, identity, !known || identity.store.empty());
  if (identity.store != store->store_id()) {
    identity.store = store->store_id();
    identity.type = address.type();
    write_identity(state, identity);
  }
  return store;
}

}  // namespace tallymill
