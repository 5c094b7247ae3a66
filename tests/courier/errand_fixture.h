#pragma once

#include <string>

#include "courier/errand.h"

namespace tallymill {

inline Errand errand(std::string type, json::object channel) {
  return {.id = "17-failed-0123456789ab",
          .workspace = "/tmp",
          .type = std::move(type),
          .channel = std::move(channel),
          .message = {{"workspace", "books"},
                      {"kind", "failed"},
                      {"graph", "month_end"},
                      {"period", "2026-01"},
                      {"run", "month_end.2026-01.1"},
                      {"job", "gl"},
                      {"event", 17},
                      {"at", "2026-02-03T04:00:00Z"},
                      {"text", "job gl of run month_end.2026-01.1 failed (data)"},
                      {"detail", "column 'amount': 12.345 has more than 2 fraction digits"},
                      {"command", "tallymill rerun month_end.2026-01.1 --failed"}},
          .timeout = std::chrono::seconds(10)};
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace tallymill
