#pragma once

#include <cstdint>
#include <string>

#include "scheduler/events.h"
#include "scheduler/store/database.h"

namespace tallymill {

/// An event with its place in the chain.
struct StoredEvent {
  std::int64_t number = 0;
  std::string at;  ///< UTC instant; order is by number, never by time
  std::string who;
  Event event;
  std::string previous;  ///< hash of the event before
  std::string hash;
  std::string body = {};  ///< event.body as it is stored and hashed
};

/// SHA-256 over every field but the hash itself.
std::string hash_of(const StoredEvent& event);

/// Changes the tables as the event says, within the transaction that appends it. Reads nothing but
/// the event and the tables, so that the same chain always gives the same tables.
/// Throws std::logic_error if the event does not fit the state it meets (a bug of ours).
void apply_event(Database& database, const StoredEvent& event);

}  // namespace tallymill
