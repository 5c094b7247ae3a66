#pragma once

#include <string>
#include <vector>

#include "scheduler/store.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// Which events somebody wants to see; empty texts mean all.
struct AuditFilter {
  std::string run;
  std::string job;
  bool acts = false;  ///< only what a person did: started, forced, marked, cancelled, retried
  int limit = 50;     ///< the newest so many
};

/// What read_events() is asked for them, newest first. Of a run only what follows its beginning is
/// looked at, by the journal's key. The texts are those of `filter`, which must outlive them.
struct AuditQuery {
  std::string which;
  std::vector<StoreValue> parameters;
};
AuditQuery audit_query(StoreView& store, const AuditFilter& filter);

/// The journal is the audit log: the newest events of the filter, oldest first.
std::vector<StoredEvent> audit_events(StoreView& store, const AuditFilter& filter);

/// What happened, for people: "attempt 2 failed (transient): the worker was killed".
std::string event_sentence(const Event& event);

}  // namespace tallymill
