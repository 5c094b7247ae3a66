#include "scheduler/store_migration.h"

#include "core/error.h"
#include "scheduler/store/copy.h"
#include "scheduler/store_binding.h"
#include "scheduler/trash.h"

namespace tallymill {

ChainHead migrate_store(const StateFolder& state, const StoreAddress& from, const StoreAddress& to,
                        const std::string& who) {
  if (from.text() == to.text())
    throw Error(ErrorClass::config,
                from.text() + " is where the store lies already; name another place");
  // Open for writing all the while: nobody else adds to what is being copied.
  const auto source = open_bound_store(state, from, who);
  {
    Database target(to, Database::Mode::write);
    copy_store(source->view().database(), target);
  }
  ChainHead head;
  {
    Store moved(to, who, {.expected_id = source->store_id(), .state_folder = {}});
    moved.append({"store_migrated", "", "", "", {{"from", from.type()}, {"to", to.type()}}});
    moved.commit();
    head = moved.head();
  }
  write_identity(state, {source->state_folder_id(), source->store_id(), to.type()});
  if (!from.is_server()) {
    Trash trash(state, "migrate");
    for (const char* end : {"", "-wal", "-shm", ".boot"}) trash.take(from.file().string() + end);
  }
  return head;
}

}  // namespace tallymill
