#include "core/stored_text.h"

namespace tallymill {

std::string corrections_path(const std::string& job) {
  return std::string(kCorrectionsFolder) + job + ".json";
}

std::string history_path(const std::string& job) {
  return std::string(kHistoryFolder) + job + ".json";
}

}  // namespace tallymill
