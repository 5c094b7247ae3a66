#include "core/source_position.h"

namespace tallymill {

std::string SourcePosition::text() const {
  std::string result = file;
  for (int number : {line, column}) {
    if (number <= 0) break;
    if (!result.empty()) result += ':';
    result += std::to_string(number);
  }
  return result;
}

}  // namespace tallymill
