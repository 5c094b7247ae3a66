#pragma once

#include <filesystem>
#include <optional>

namespace tallymill {

/// Opens DuckDB once, if its workers need it, then forks a worker for every attempt asked for on
/// its channel (core/fork_channel.h), as a child of the one who asks, until nobody has asked for a
/// while or the asker is gone. Returns twice like fork(2): in a worker with the attempt's folder,
/// its lock on fd 3 and its outputs open; in the server, at its end, with nothing.
std::optional<std::filesystem::path> serve_forks(bool needs_engine);

/// Runs the attempt that serve_forks() returned, and returns the exit code. In a thread of its own:
/// the C library still takes the first one for the server's, whose number may be given away.
int run_forked_worker(const std::filesystem::path& folder);

}  // namespace tallymill
