#pragma once

#include <string>
#include <string_view>

namespace tallymill {

// Texts that a run pins beside files, made of what the store knows of a job.

/// Where what people say of a job's rows stands among a run's files; see corrections_text().
inline constexpr std::string_view kCorrectionsFolder = "corrections/";
std::string corrections_path(const std::string& job);

/// The same of what a job's checks measured in earlier periods; see history_text().
inline constexpr std::string_view kHistoryFolder = "history/";
std::string history_path(const std::string& job);

inline bool is_stored_text(std::string_view path) {
  return path.starts_with(kCorrectionsFolder) || path.starts_with(kHistoryFolder);
}

}  // namespace tallymill
