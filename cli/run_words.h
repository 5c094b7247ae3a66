#pragma once

#include <chrono>
#include <string>

#include "cli/command.h"
#include "scheduler/live_run.h"

namespace tallymill {

/// How `run`, `status` and `rerun` say things, so that they say them alike.

Exit exit_of(RunVerdict verdict);
/// "all well", "findings", "waiting for input", "failed", "interrupted".
std::string sentence_of(RunVerdict verdict);
/// What the state column shows: "up to date", "refused" (a gate that found something), "blocked",
/// "waiting", "retrying", ...
std::string state_words(const LiveJob& job);
/// Why, in one line: the first line of an error, what a job waits for, how much was found.
std::string note_of(const LiveJob& job);
/// "amount 1,234.50, tax 12.00"; at most three, then "...".
std::string amounts_text(const std::map<std::string, std::string>& amounts);
/// A word of a command as a shell takes it: in quotes where it has blanks or signs.
std::string shell_word(const std::string& word);
/// "1 row", "1,204 rows".
std::string counted(std::int64_t number, const std::string& noun);
/// "1234.50" -> "1,234.50".
std::string grouped_amount(const std::string& amount);
/// "0.3s", "42.0s", "4m10s", "2h05m".
std::string duration_text(std::chrono::nanoseconds duration);
/// An error's text without the "error: " it starts with if it has no position.
std::string without_prefix(const std::string& text);
/// The first line of without_prefix().
std::string first_line(const std::string& text);
/// The time between two instants of the store; empty if one is missing.
std::string time_between(const std::string& from, const std::string& to);

}  // namespace tallymill
