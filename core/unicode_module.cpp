#include "core/unicode_module.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <string>

namespace {

using tallymill::UnicodeModule;

icu::StringPiece piece(const char* text, std::size_t bytes) {
  return {text, static_cast<std::int32_t>(bytes)};
}

std::size_t hand_over(const std::string& result, char* to, std::size_t capacity) {
  std::copy_n(result.data(), std::min(result.size(), capacity), to);
  return result.size();
}

std::size_t normalize(bool compatible, const char* text, std::size_t bytes, char* to,
                      std::size_t capacity) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* form = compatible ? icu::Normalizer2::getNFKCInstance(error)
                                            : icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) return UnicodeModule::kFailed;
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  form->normalizeUTF8(0, piece(text, bytes), sink, nullptr, error);
  return U_FAILURE(error) ? UnicodeModule::kFailed : hand_over(result, to, capacity);
}

/// One for each thread: ICU does not promise that one may be used by several at once. The filter
/// keeps its hands off quotation marks, which it would also exchange.
icu::Transliterator* script_of(bool to_traditional) {
  const auto made = [](const char* name) {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(
        icu::Transliterator::createInstance(name, UTRANS_FORWARD, error));
  };
  if (to_traditional) {
    thread_local const auto traditional = made("[:Han:] Simplified-Traditional");
    return traditional.get();
  }
  thread_local const auto simplified = made("[:Han:] Traditional-Simplified");
  return simplified.get();
}

std::size_t to_script(bool to_traditional, const char* text, std::size_t bytes, char* to,
                      std::size_t capacity) {
  const icu::Transliterator* script = script_of(to_traditional);
  if (script == nullptr) return UnicodeModule::kFailed;
  icu::UnicodeString characters = icu::UnicodeString::fromUTF8(piece(text, bytes));
  script->transliterate(characters);
  std::string result;
  characters.toUTF8String(result);
  return hand_over(result, to, capacity);
}

}  // namespace

extern "C" const UnicodeModule* tallymill_unicode_module() {
  static const UnicodeModule module{&normalize, &to_script};
  return &module;
}
