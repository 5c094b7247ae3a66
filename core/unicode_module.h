#pragma once

#include <cstddef>

namespace tallymill {

/// What libtallymill-unicode.so offers: ICU behind types of C. It stands in a library of its own,
/// opened by unicode.cpp on first use, because ICU brings 37 MB of shared libraries and the shared
/// C++ runtime, and few jobs need it (docs/adr/0025-library-bound-at-build.md).
///
/// Each function writes up to `capacity` bytes of its result and returns how many bytes it has; ask
/// again with more room where that is more. kFailed where ICU lacks its data.
struct UnicodeModule {
  static constexpr std::size_t kFailed = static_cast<std::size_t>(-1);

  /// NFC, or NFKC where `compatible`.
  std::size_t (*normalize)(bool compatible, const char* text, std::size_t bytes, char* to,
                           std::size_t capacity);
  /// Chinese characters of the other script: traditional where `to_traditional`, else simplified.
  std::size_t (*to_script)(bool to_traditional, const char* text, std::size_t bytes, char* to,
                           std::size_t capacity);
};

}  // namespace tallymill

extern "C" const tallymill::UnicodeModule* tallymill_unicode_module();
