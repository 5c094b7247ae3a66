#include "scheduler/store/event_text.h"

#include "core/utf8.h"

namespace tallymill {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_sound(std::string_view text) {
  return text.find('\0') == std::string_view::npos && find_invalid_utf8(text) == text.size();
}

std::string cleaned(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t bad = at + find_invalid_utf8(text.substr(at));
    bad = std::min(bad, text.find('\0', at));
    bad = std::min(bad, text.size());
    result += text.substr(at, bad - at);
    if (bad < text.size()) result += kReplacement;
    at = bad + 1;
  }
  return result;
}

void clean(json::value& value) {
  if (auto* text = value.if_string()) {
    if (!is_sound(*text)) *text = cleaned(*text);
  } else if (auto* array = value.if_array()) {
    for (json::value& item : *array) clean(item);
  } else if (auto* object = value.if_object()) {
    for (auto& entry : *object) clean(entry.value());
  }
}

}  // namespace

std::string settle_texts(Event& event) {
  for (std::string* text : {&event.run, &event.job, &event.why})
    if (!is_sound(*text)) *text = cleaned(*text);
  std::string body = json::serialize(event.body);
  if (is_sound(body) && body.find("\\u0000") == std::string::npos) return body;
  for (auto& entry : event.body) clean(entry.value());
  return json::serialize(event.body);
}

}  // namespace tallymill
