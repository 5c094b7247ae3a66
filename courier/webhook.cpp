#include "core/error.h"
#include "courier/curl_request.h"
#include "courier/errand.h"

namespace tallymill {
namespace {

/// "Come back later": too slow, too early, too often, or the server's own trouble.
bool may_change(long status) {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status < 600);
}

}  // namespace

void post_webhook(const Errand& errand) {
  std::vector<std::string> headers{"Content-Type: application/json",
                                   "Idempotency-Key: " + errand.id, "User-Agent: tallymill"};
  if (const json::value* more = errand.channel.if_contains("headers"))
    for (const auto& header : more->as_object())
      headers.push_back(std::string(header.key()) + ": " + std::string(header.value().as_string()));
  for (const std::string& header : headers)
    if (header.find_first_of("\r\n") != std::string::npos)
      throw Error(ErrorClass::config, "a header of the channel holds a line break");
  const long status = CurlRequest(errand.timeout)
                          .post(json_text(errand.channel, "url"), headers,
                                json::serialize(message_document(errand)));
  if (status >= 200 && status < 300) return;
  throw Error(may_change(status) ? ErrorClass::transient : ErrorClass::config,
              "the server answered " + std::to_string(status));
}

}  // namespace tallymill
