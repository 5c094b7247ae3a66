#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/crash/command.h"
#include "tests/crash/scenario.h"

namespace tallymill::crash {

/// Judges a state folder by what lies in it, and by nothing of the scheduler's code: SQL of its own
/// over the store file, files read and hashed again, locks tried, the chain hashed again.
/// All functions return one sentence per problem; none: all is well.

/// What holds at any instant, also between a kill and the next start: the store is whole, its chain
/// fits, nothing half published is visible, and what a process told (`acknowledged` runs) is there.
std::vector<std::string> check_torn(const std::filesystem::path& state,
                                    const std::vector<std::string>& acknowledged);

/// What holds when nothing is left to do: check_torn(), and exactly one visible result of every job
/// that could be done, no run or attempt open, no job done twice in a run, books closed, no folder
/// that nobody names, no lock held, contents and states as `expected`.
std::vector<std::string> check_settled(const std::filesystem::path& state,
                                       const std::vector<std::string>& acknowledged,
                                       const Expectation& expected);

/// What holds of commands at any instant after the service died: one that was acknowledged has
/// happened once and still holds, one that was refused has changed nothing, one that was not
/// answered has happened wholly or not at all.
std::vector<std::string> check_commands(const std::filesystem::path& state,
                                        const std::vector<Command>& commands);

/// What holds of corrections when nothing is left to do: the newest result of a job was made with
/// each one that has happened, once.
std::vector<std::string> check_corrections_read(const std::filesystem::path& state,
                                                const std::vector<Command>& commands);

}  // namespace tallymill::crash
