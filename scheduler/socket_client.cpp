#include "scheduler/socket_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "scheduler/socket_address.h"

namespace tallymill {

std::optional<SocketClient> SocketClient::connect(const std::filesystem::path& socket) {
  UniqueFd fd = connect_to(socket);
  if (!fd.is_open()) return std::nullopt;
  return SocketClient(std::move(fd));
}

bool SocketClient::send(const json::object& line) {
  return send_text(json::serialize(line) + "\n");
}

bool SocketClient::send_with(const json::object& line, const std::array<int, 2>& descriptors) {
  const std::string text = json::serialize(line) + "\n";
  iovec part{.iov_base = const_cast<char*>(text.data()), .iov_len = 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptors);
  std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof descriptors);
  // They go with the first byte; a socket that was just made has room for it.
  if (::sendmsg(fd_.get(), &message, MSG_NOSIGNAL) != 1) return false;
  return send_text(std::string_view(text).substr(1));
}

bool SocketClient::send_text(std::string_view text) {
  for (std::size_t from = 0; from < text.size();) {
    const ssize_t sent = ::send(fd_.get(), text.data() + from, text.size() - from, MSG_NOSIGNAL);
    if (sent > 0) {
      from += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready{.fd = fd_.get(), .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::optional<json::object> SocketClient::next(std::chrono::milliseconds patience) {
  const bool is_patient = patience.count() < 0;
  do {
    if (in_.find('\n') == std::string::npos && !closed_) read_some(patience);
  } while (is_patient && in_.find('\n') == std::string::npos && !closed_);
  const std::size_t end = in_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  const json::value line = parse_json(in_.substr(0, end), "the scheduler's answer");
  in_.erase(0, end + 1);
  return line.as_object();
}

void SocketClient::read_some(std::chrono::milliseconds patience) {
  pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&ready, 1, static_cast<int>(patience.count())) <= 0) return;
  std::array<char, 65536> block{};
  const ssize_t got = ::read(fd_.get(), block.data(), block.size());
  if (got > 0)
    in_.append(block.data(), static_cast<std::size_t>(got));
  else if (got == 0 || (errno != EAGAIN && errno != EINTR))
    closed_ = true;
}

}  // namespace tallymill
