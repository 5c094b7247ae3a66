#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "scheduler/store/apply.h"

namespace tallymill {

// Parts of apply_event() that several kinds of event share, and the kinds of an attempt.

/// A job's place in the workspace: its results and versions are kept under these four.
struct ResultOwner {
  std::string graph;
  std::string period;
  std::string job;
  std::string partition;
};
ResultOwner owner_of(Database& database, const StoredEvent& stored);

/// Throws std::logic_error unless the job run is in state `from` and may move to `to`. `also`: more
/// columns to set in the same statement (", x = :p7"), with their values.
void move_job_run(Database& database, const StoredEvent& stored, std::string_view from,
                  std::string_view to, std::string_view reason, std::string_view also = {},
                  std::initializer_list<StoreValue> values = {});
void add_pins(Database& database, const std::string& run, const json::array& pins);
void add_verdicts(Database& database, const StoredEvent& stored, const json::array& verdicts,
                  const std::string& fingerprint);
void replace_inputs(Database& database, const ResultOwner& owner, const json::array& inputs);

void apply_attempt_started(Database& database, const StoredEvent& stored);
void apply_attempt_ended(Database& database, const StoredEvent& stored);

}  // namespace tallymill
