#include <doctest/doctest.h>

#include "audited_workspace.h"
#include "core/json.h"
#include "scheduler/store/database.h"

using namespace tallymill;

TEST_CASE("audit verify: names the first event that was changed") {
  const AuditedWorkspace workspace;
  const CommandOutcome whole = workspace.audit({"verify"});
  CHECK(whole.exit == 0);
  CHECK(whole.out.starts_with("the journal is whole: "));
  {
    Database store(std::filesystem::path(workspace.root()) / ".tallymill" / "store.db",
                   Database::Mode::write);
    store.begin();
    store.execute("update event set who = 'somebody else' where number = :p0", {std::int64_t{4}});
    store.commit();
  }
  const CommandOutcome broken = workspace.audit({"verify"});
  CHECK(broken.exit == 3);
  CHECK(broken.out.starts_with(
      "the journal is broken: event 4 was changed after it was written; the 3 events before it are "
      "sound\n"));
  const json::value document =
      parse_json(workspace.audit({"verify", "--json"}).out, "audit verify");
  CHECK(document.at("whole") == false);
  CHECK(document.at("broken_at") == 4);
}
