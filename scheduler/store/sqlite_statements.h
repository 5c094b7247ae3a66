#pragma once

#include <memory>

#include "scheduler/store/native_statements.h"

namespace soci {
class session;
}

namespace tallymill {

/// SOCI copies every cell three times and looks every parameter up by its name in every call: half
/// the time of a state change, and most of reading a run back after a restart.
std::unique_ptr<NativeStatements> sqlite_statements(soci::session& session);

}  // namespace tallymill
