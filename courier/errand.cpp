#include "courier/errand.h"

#include <vector>

#include "core/error.h"

namespace tallymill {
namespace {

constexpr std::int64_t kFormat = 1;
/// Shorter texts are no secrets, and replacing them would only spoil messages.
constexpr std::size_t kShortestSecret = 4;

/// A URL as it may be shown: up to its host, without user and query.
void add_url_secrets(const std::string& url, std::vector<std::string>& secrets) {
  secrets.push_back(url);
  const std::size_t host = url.find("://");
  if (host == std::string::npos) return;
  const std::size_t path = url.find_first_of("/?#", host + 3);
  if (path != std::string::npos) secrets.push_back(url.substr(path));
  const std::size_t at = url.substr(0, path).rfind('@');
  if (at != std::string::npos) secrets.push_back(url.substr(host + 3, at - host - 3));
}

std::vector<std::string> secrets_of(const Errand& errand) {
  std::vector<std::string> secrets;
  for (const char* key : {"password", "user"})
    if (const std::string text = json_text_or(errand.channel, key, ""); !text.empty())
      secrets.push_back(text);
  if (const json::value* headers = errand.channel.if_contains("headers");
      headers && headers->is_object())
    for (const auto& header : headers->get_object()) {
      const std::string value(header.value().as_string());
      secrets.push_back(value);
      // "Bearer TOKEN": the token alone is one, too.
      if (const std::size_t space = value.find(' '); space != std::string::npos)
        secrets.push_back(value.substr(space + 1));
    }
  if (errand.type == "webhook") add_url_secrets(json_text_or(errand.channel, "url", ""), secrets);
  return secrets;
}

}  // namespace

Errand Errand::from_json(std::string_view text) {
  const json::object body = parse_json(text, "the errand").as_object();
  if (const std::int64_t format = json_integer(body, "format"); format != kFormat)
    throw Error(ErrorClass::data, "the errand has format " + std::to_string(format) +
                                      ", this courier knows 1; reinstall Tallymill as a whole");
  return {.id = json_text(body, "id"),
          .workspace = json_text(body, "workspace"),
          .type = json_text(body, "type"),
          .channel = json_at(body, "channel").as_object(),
          .message = json_at(body, "message").as_object(),
          .timeout = std::chrono::milliseconds(json_integer(body, "timeout_ms"))};
}

Delivery deliver(const Errand& errand) {
  try {
    if (errand.type == "command")
      run_command(errand);
    else if (errand.type == "mail")
      send_mail(errand);
    else if (errand.type == "webhook")
      post_webhook(errand);
    else
      throw Error(ErrorClass::config, "this courier knows no channel type '" + errand.type + "'");
    return {true, false, ""};
  } catch (const Error& error) {
    return {false, error.error_class() == ErrorClass::transient,
            without_secrets(error.message(), errand)};
  } catch (const std::exception& error) {
    return {false, false, without_secrets(error.what(), errand)};
  }
}

std::string message_text(const Errand& errand) {
  const json::object& message = errand.message;
  std::string text = json_text(message, "text") + "\n";
  if (const std::string detail = json_text(message, "detail"); !detail.empty())
    text += "\n" + detail + "\n";
  if (const std::string command = json_text(message, "command"); !command.empty())
    text += "\nto look: " + command + "\n";
  return text + "\nworkspace " + json_text(message, "workspace") + ", graph " +
         json_text(message, "graph") + ", period " + json_text(message, "period") + ", at " +
         json_text(message, "at") + "\n";
}

std::string subject_line(const Errand& errand) {
  std::string line = "[" + json_text(errand.message, "workspace") + "] " +
                     json_text(errand.message, "kind") + ": " + json_text(errand.message, "text");
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return line;
}

json::object message_document(const Errand& errand) {
  json::object document{{"format", kFormat}, {"id", errand.id}};
  for (const auto& field : errand.message) document[field.key()] = field.value();
  return document;
}

std::string without_secrets(std::string text, const Errand& errand) {
  for (const std::string& secret : secrets_of(errand)) {
    if (secret.size() < kShortestSecret) continue;
    for (std::size_t at; (at = text.find(secret)) != std::string::npos;)
      text.replace(at, secret.size(), "***");
  }
  return text;
}

}  // namespace tallymill
