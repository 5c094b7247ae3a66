#pragma once

#include <string>
#include <string_view>

#include "core/json.h"
#include "scheduler/control_events.h"
#include "scheduler/run_request.h"
#include "scheduler/run_state.h"

namespace tallymill {

/// Both ends of the socket must speak it.
inline constexpr int kWireFormat = 1;

/// What people ask of a run that exists.
enum class RunOperationKind { cancel, pause, resume, approve, reject, mark };

struct RunOperation {
  RunOperationKind kind = RunOperationKind::cancel;
  std::string run;
  std::string job = {};                   ///< cancel: empty means the whole run
  JobRunState to = JobRunState::skipped;  ///< of mark
  std::string why = {};
};

/// Requests as they travel over the socket, one JSON object per line. What cannot be read throws
/// Error(data).
json::object to_wire(const RunRequest& request);
RunRequest run_request_from(const json::object& object);
json::object to_wire(const RerunRequest& request);
RerunRequest rerun_request_from(const json::object& object);
json::object to_wire(const RunOperation& operation);
RunOperation run_operation_from(const json::object& object);

json::object to_wire(const SensitiveShown& change);
SensitiveShown sensitive_shown_from(const json::object& object);

/// "cancel", ...: the command's name, and the request's.
std::string_view to_string(RunOperationKind kind);

}  // namespace tallymill
