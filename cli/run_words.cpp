#include "cli/run_words.h"

#include <algorithm>

#include "core/text.h"
#include "core/time/date.h"

namespace tallymill {
namespace {

/// What a person said of the job stands as its reason, with the name.
bool is_persons_word(const std::string& reason) {
  for (const char* word : {"approved by ", "rejected by ", "marked by "})
    if (reason.starts_with(word)) return true;
  return false;
}

}  // namespace

Exit exit_of(RunVerdict verdict) {
  switch (verdict) {
    case RunVerdict::ok:
      return Exit::ok;
    case RunVerdict::findings:
      return Exit::findings;
    case RunVerdict::waiting:
      return Exit::waiting;
    case RunVerdict::failed:
      return Exit::failed;
    case RunVerdict::interrupted:
      break;
  }
  return Exit::interrupted;
}

std::string sentence_of(RunVerdict verdict) {
  switch (verdict) {
    case RunVerdict::ok:
      return "all well";
    case RunVerdict::findings:
      return "findings";
    case RunVerdict::waiting:
      return "waiting for input";
    case RunVerdict::failed:
      return "failed";
    case RunVerdict::interrupted:
      break;
  }
  return "interrupted";
}

std::string state_words(const LiveJob& job) {
  if (job.blocked) return "blocked";
  if (job.summary.gate_passed == false && is_good(job.state)) return "refused";
  switch (job.state) {
    case JobRunState::up_to_date:
      return "up to date";
    case JobRunState::retry_wait:
      return "retrying";
    default:
      return std::string(to_string(job.state));
  }
}

namespace {

/// What was due by when, of a job that is late; empty: nothing.
std::string late_text(const LiveJob& job) {
  std::vector<std::string> parts;
  for (const auto& [dataset, deadline] : job.late)
    parts.push_back("late: " + (dataset.empty() ? "" : "'" + dataset + "' ") + "was due " +
                    deadline);
  return join(parts, ", ");
}

/// "condition_false: rows(a) > 0 does not hold": people want the sentence.
std::string without_code(const std::string& reason) {
  const std::size_t colon = reason.find(": ");
  return colon == std::string::npos ? reason : reason.substr(colon + 2);
}

std::string note_of_state(const LiveJob& job) {
  if (job.blocked || job.held) return job.reason;
  if (job.state == JobRunState::skipped) return without_code(job.reason);
  if (!job.summary.error.empty() && !is_good(job.state))
    return job.summary.error_class + ": " + first_line(job.summary.error);
  if (job.state == JobRunState::cancelled || is_persons_word(job.reason)) return job.reason;
  std::vector<std::string> parts;
  const auto found = [&](std::int64_t count, const char* one, const char* many) {
    if (count > 0) parts.push_back(group_digits(count) + " " + (count == 1 ? one : many));
  };
  found(job.summary.findings_error, "finding", "findings");
  found(job.summary.findings_warn, "warning", "warnings");
  if (job.reason == "same_result") parts.push_back("same result as before");
  return join(parts, ", ");
}

}  // namespace

std::string note_of(const LiveJob& job) {
  const std::string late = late_text(job);
  const std::string note = note_of_state(job);
  return late.empty() || note.empty() ? late + note : late + "; " + note;
}

std::string shell_word(const std::string& word) {
  if (!word.empty() && word.find_first_of(" \t\r\n'\"\\$`!&;|<>()*?#~{}") == std::string::npos)
    return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string counted(std::int64_t number, const std::string& noun) {
  return group_digits(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string grouped_amount(const std::string& amount) {
  const std::size_t point = std::min(amount.find('.'), amount.size());
  std::string text;
  for (std::size_t i = 0; i < amount.size(); ++i) {
    const bool at_group = i < point && i > 0 && (point - i) % 3 == 0 && amount[i - 1] != '-';
    if (at_group) text.push_back(',');
    text.push_back(amount[i]);
  }
  return text;
}

std::string amounts_text(const std::map<std::string, std::string>& amounts) {
  constexpr std::size_t kMost = 3;
  std::vector<std::string> parts;
  for (const auto& [column, sum] : amounts) {
    if (parts.size() == kMost) {
      parts.emplace_back("...");
      break;
    }
    parts.push_back(column + " " + grouped_amount(sum));
  }
  return join(parts, ", ");
}

std::string duration_text(std::chrono::nanoseconds duration) {
  const auto two_digits = [](std::int64_t value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
  };
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
  const auto seconds = tenths / 10;
  if (seconds >= 3600)
    return std::to_string(seconds / 3600) + "h" + two_digits(seconds % 3600 / 60) + "m";
  if (seconds >= 60) return std::to_string(seconds / 60) + "m" + two_digits(seconds % 60) + "s";
  return std::to_string(seconds) + "." + std::to_string(tenths % 10) + "s";
}

std::string without_prefix(const std::string& text) {
  return text.starts_with("error: ") ? text.substr(7) : text;
}

std::string first_line(const std::string& text) {
  return without_prefix(text.substr(0, text.find('\n')));
}

std::string time_between(const std::string& from, const std::string& to) {
  const auto start = parse_timestamp(from);
  const auto end = parse_timestamp(to);
  if (!start || !end) return {};
  return duration_text(std::chrono::microseconds(end.value - start.value));
}

}  // namespace tallymill
