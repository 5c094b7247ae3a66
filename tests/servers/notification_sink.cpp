// A server on loopback that keeps what it is sent: HTTP and SMTP, each on a port of its own.
//   notification_sink FOLDER [--refuse N] [--status CODE] [--hang]
// Writes FOLDER/ports ("HTTP SMTP") when it listens, and every message as FOLDER/<n>.http (request
// line, headers, body) or <n>.eml (envelope, then the mail), whole and by rename, in order of
// arrival. The first N messages are answered with CODE (HTTP) or 451 (SMTP) and kept as
// <n>.refused; with
// --hang nothing is ever answered. Runs until it is killed.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <string>

#include "core/files.h"

using namespace tallymill;

namespace {

struct Options {
  std::filesystem::path folder;
  int refuse = 0;
  std::string status = "503 Service Unavailable";
  bool hang = false;
};

struct Listener {
  UniqueFd fd;
  int port = 0;
};

Listener listen_on_loopback() {
  Listener listener{UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener.fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::listen(listener.fd.get(), 16);
  socklen_t size = sizeof address;
  ::getsockname(listener.fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  listener.port = ntohs(address.sin_port);
  return listener;
}

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}

  void say(const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t sent = ::send(fd_.get(), text.data() + done, text.size() - done, MSG_NOSIGNAL);
      if (sent <= 0) return;
      done += static_cast<std::size_t>(sent);
    }
  }
  /// Up to and with CR LF; empty at the end of the connection.
  std::string line() {
    for (std::size_t end; (end = buffer_.find("\r\n")) == std::string::npos;)
      if (!more()) return {};
    const std::size_t size = buffer_.find("\r\n") + 2;
    return take(size);
  }
  std::string bytes(std::size_t size) {
    while (buffer_.size() < size && more()) {
    }
    return take(std::min(size, buffer_.size()));
  }

 private:
  bool more() {
    std::array<char, 4096> block{};
    const ssize_t size = ::recv(fd_.get(), block.data(), block.size(), 0);
    if (size <= 0) return false;
    buffer_.append(block.data(), static_cast<std::size_t>(size));
    return true;
  }
  std::string take(std::size_t size) {
    std::string text = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return text;
  }
  UniqueFd fd_;
  std::string buffer_;
};

class Sink {
 public:
  explicit Sink(Options options) : options_(std::move(options)) {}

  void serve_http(Connection& connection) {
    std::string message = connection.line();
    std::size_t length = 0;
    bool waits = false;
    for (std::string line = connection.line(); line.size() > 2; line = connection.line()) {
      if (line.starts_with("Content-Length: ")) length = std::stoul(line.substr(16));
      waits = waits || line.starts_with("Expect: 100-continue");
      message += line;
    }
    if (waits) connection.say("HTTP/1.1 100 Continue\r\n\r\n");
    message += "\r\n" + connection.bytes(length);
    const bool taken = keep(message, ".http");
    connection.say("HTTP/1.1 " + (taken ? std::string("204 No Content") : options_.status) +
                   "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  }

  void serve_smtp(Connection& connection) {
    connection.say("220 sink\r\n");
    std::string envelope;
    for (std::string line = connection.line(); !line.empty(); line = connection.line()) {
      if (line.starts_with("MAIL") || line.starts_with("RCPT")) envelope += line;
      if (line.starts_with("QUIT")) {
        connection.say("221 bye\r\n");
        return;
      }
      if (!line.starts_with("DATA")) {
        connection.say("250 ok\r\n");
        continue;
      }
      connection.say("354 go\r\n");
      std::string mail = envelope;
      for (line = connection.line(); !line.empty() && line != ".\r\n"; line = connection.line())
        mail += line;
      connection.say(keep(mail, ".eml") ? "250 kept\r\n" : "451 come back later\r\n");
    }
  }

 private:
  bool keep(const std::string& message, const std::string& ending) {
    const bool taken = ++count_ > options_.refuse;
    write_file_durably(options_.folder / (std::to_string(count_) + (taken ? ending : ".refused")),
                       message);
    return taken;
  }

  Options options_;
  int count_ = 0;
};

Options options_of(int count, char** arguments) {
  Options options;
  options.folder = arguments[1];
  for (int i = 2; i < count; ++i) {
    const std::string word = arguments[i];
    if (word == "--hang") options.hang = true;
    if (word == "--refuse") options.refuse = std::atoi(arguments[++i]);
    if (word == "--status") options.status = arguments[++i];
  }
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const Options options = options_of(count, arguments);
  std::filesystem::create_directories(options.folder);
  const Listener http = listen_on_loopback();
  const Listener smtp = listen_on_loopback();
  write_file_durably(options.folder / "ports",
                     std::to_string(http.port) + " " + std::to_string(smtp.port) + "\n");
  if (options.hang) ::pause();
  Sink sink(options);
  for (;;) {
    std::array<pollfd, 2> waits{pollfd{.fd = http.fd.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = smtp.fd.get(), .events = POLLIN, .revents = 0}};
    if (::poll(waits.data(), waits.size(), -1) <= 0) continue;
    for (const bool is_http : {true, false}) {
      if ((waits[is_http ? 0 : 1].revents & POLLIN) == 0) continue;
      Connection connection(::accept((is_http ? http : smtp).fd.get(), nullptr, nullptr));
      if (is_http)
        sink.serve_http(connection);
      else
        sink.serve_smtp(connection);
    }
  }
}
