#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tallymill {

/// The only door to libcurl: one request, made and forgotten.
class CurlRequest {
 public:
  explicit CurlRequest(std::chrono::milliseconds timeout);
  ~CurlRequest();
  CurlRequest(const CurlRequest&) = delete;
  CurlRequest& operator=(const CurlRequest&) = delete;

  /// POSTs `body`; redirects are not followed, so that headers go nowhere else. Returns the HTTP
  /// status. Throws Error(transient) if nobody answered, Error(config) if the URL is wrong.
  long post(const std::string& url, const std::vector<std::string>& headers,
            const std::string& body);

  struct Mail {
    std::string server;  ///< smtp://host:port or smtps://host:port
    std::string from;
    std::vector<std::string> to;
    std::string user;
    std::string password;
    bool needs_tls = true;
    std::string text;  ///< headers and body, lines ended by CR LF
  };
  /// Throws Error(transient) where a later try may succeed (nobody answered, 4xx), Error(config)
  /// where the server refused for good (5xx, no TLS, wrong password).
  void mail(const Mail& mail);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tallymill
