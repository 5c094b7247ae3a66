#include "courier/curl_request.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/error.h"

namespace tallymill {
namespace {

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

List list_of(const std::vector<std::string>& texts) {
  List list;
  for (const std::string& text : texts) {
    curl_slist* longer = curl_slist_append(list.get(), text.c_str());
    if (!longer) throw Error(ErrorClass::transient, "no memory for a request");
    (void)list.release();
    list.reset(longer);
  }
  return list;
}

/// What a server answers is of no use; its status is.
std::size_t ignore(char*, std::size_t size, std::size_t count, void*) { return size * count; }

std::size_t read_text(char* block, std::size_t size, std::size_t count, void* source) {
  auto& text = *static_cast<std::string_view*>(source);
  const std::size_t taken = std::min(size * count, text.size());
  std::memcpy(block, text.data(), taken);
  text.remove_prefix(taken);
  return taken;
}

/// Problems that the next try meets again: what is wrong is written in the channel.
bool is_settled(CURLcode code) {
  constexpr std::array kSettled{CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_LOGIN_DENIED,
                                CURLE_USE_SSL_FAILED, CURLE_PEER_FAILED_VERIFICATION};
  return std::find(kSettled.begin(), kSettled.end(), code) != kSettled.end();
}

}  // namespace

struct CurlRequest::State {
  CURL* handle = nullptr;
  std::array<char, CURL_ERROR_SIZE> problem{};

  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle, option, value) != CURLE_OK)
      throw Error(ErrorClass::bug, "libcurl refuses option " + std::to_string(option));
  }

  /// The server's last status. `speaks_status`: a failure of the protocol is the caller's to judge.
  long perform() {
    const CURLcode code = curl_easy_perform(handle);
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK) return status;
    const std::string text = problem[0] != '\0' ? problem.data() : curl_easy_strerror(code);
    const bool refused = status >= 500 && status < 600;
    throw Error(refused || is_settled(code) ? ErrorClass::config : ErrorClass::transient,
                text + (status > 0 ? " (the server said " + std::to_string(status) + ")" : ""));
  }
};

CurlRequest::CurlRequest(std::chrono::milliseconds timeout) : state_(std::make_unique<State>()) {
  // One request per process: never freed, and thread-safe because there is one thread.
  curl_global_init(CURL_GLOBAL_DEFAULT);
  state_->handle = curl_easy_init();
  if (!state_->handle) throw Error(ErrorClass::transient, "no memory for a request");
  state_->set(CURLOPT_ERRORBUFFER, state_->problem.data());
  state_->set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  state_->set(CURLOPT_NOSIGNAL, 1L);
  state_->set(CURLOPT_WRITEFUNCTION, &ignore);
  state_->set(CURLOPT_FOLLOWLOCATION, 0L);
}

CurlRequest::~CurlRequest() { curl_easy_cleanup(state_->handle); }

long CurlRequest::post(const std::string& url, const std::vector<std::string>& headers,
                       const std::string& body) {
  const List list = list_of(headers);
  state_->set(CURLOPT_PROTOCOLS_STR, "http,https");
  state_->set(CURLOPT_URL, url.c_str());
  state_->set(CURLOPT_HTTPHEADER, list.get());
  state_->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  state_->set(CURLOPT_POSTFIELDS, body.c_str());
  return state_->perform();
}

void CurlRequest::mail(const Mail& mail) {
  const List receivers = list_of(mail.to);
  std::string_view text = mail.text;
  state_->set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  state_->set(CURLOPT_URL, mail.server.c_str());
  state_->set(CURLOPT_MAIL_FROM, mail.from.c_str());
  state_->set(CURLOPT_MAIL_RCPT, receivers.get());
  state_->set(CURLOPT_USE_SSL,
              static_cast<long>(mail.needs_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  if (!mail.user.empty()) {
    state_->set(CURLOPT_USERNAME, mail.user.c_str());
    state_->set(CURLOPT_PASSWORD, mail.password.c_str());
  }
  state_->set(CURLOPT_UPLOAD, 1L);
  state_->set(CURLOPT_READFUNCTION, &read_text);
  state_->set(CURLOPT_READDATA, static_cast<void*>(&text));
  state_->perform();
}

}  // namespace tallymill
