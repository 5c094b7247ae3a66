#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/text_problem.h"
#include "core/time/cron.h"

namespace tallymill {

/// The six fields in written order.
enum class CronField { second, minute, hour, day, month, weekday };

/// A part of the expression, and where it stands.
struct CronWord {
  std::string_view text;
  std::size_t offset = 0;

  bool empty() const { return text.empty(); }
  CronWord part(std::size_t begin, std::size_t count = std::string_view::npos) const {
    return {text.substr(begin, count), offset + begin};
  }
};

/// Reads one field of an expression into its mask (0 after a problem). The special forms of the two
/// day fields (L, W, #) go to `fields`.
std::uint64_t read_cron_field(CronField field, CronWord text, CronFields& fields,
                              std::vector<TextProblem>& problems);

}  // namespace tallymill
