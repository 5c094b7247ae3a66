#include "cli/sensitive_log.h"

#include <thread>

#include "cli/followed_run.h"
#include "core/error.h"
#include "scheduler/machine.h"
#include "scheduler/requests.h"
#include "scheduler/socket_client.h"
#include "scheduler/store_binding.h"
#include "scheduler/writer_lock.h"

namespace tallymill {
namespace {

using namespace std::chrono_literals;

/// How long another process may take to write it, or to end.
constexpr auto kPatience = 5s;
constexpr auto kBetweenTries = 50ms;

/// False if nobody listens, or went away before it was done.
bool ask(const Workspace& workspace, const SensitiveShown& shown) {
  auto client = SocketClient::connect(workspace.socket());
  if (!client || !client->send(to_wire(shown))) return false;
  while (const auto line = client->next(kPatience)) {
    throw_if_refused(*line);
    if (line->contains("done")) return true;
  }
  return false;
}

bool write(const Workspace& workspace, const StateFolder& state, const SensitiveShown& shown) {
  const auto lock = WriterLock::try_acquire(state, "tallymill " + shown.command);
  if (!lock) return false;
  const auto store = open_bound_store(state, store_address(workspace), user_name());
  store->append(to_event(shown));
  store->commit();
  return true;
}

}  // namespace

std::vector<Flag> reveal_flags() {
  return {{.name = "reveal", .summary = "Show sensitive columns; the journal says who saw them."},
          {.name = "reason", .value = "TEXT", .summary = "Why they are shown, for the journal."}};
}

void record_reveal(const Invocation& invocation, const Workspace& workspace, SensitiveShown shown) {
  if (!invocation.has("reveal")) return;
  shown.command = invocation.command().name;
  shown.why = invocation.text("reason");
  const StateFolder state(workspace.state);
  if (!state.exists()) state.prepare();  // who looks before the first run is on record, too
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!write(workspace, state, shown) && !ask(workspace, shown)) {
    if (std::chrono::steady_clock::now() > deadline)
      throw Error(ErrorClass::transient,
                  "nothing is shown, because the journal cannot say so: the state folder '" +
                      state.root().string() + "' is in use by " + lock_holder(state) +
                      ", which takes no requests; try again when it has ended");
    std::this_thread::sleep_for(kBetweenTries);
  }
}

}  // namespace tallymill
