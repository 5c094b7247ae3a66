#include "core/fork_channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "core/error.h"

namespace tallymill {
namespace {

/// A message of some bytes with room for one descriptor.
class Message {
 public:
  Message(char* bytes, std::size_t size) : part_{.iov_base = bytes, .iov_len = size} {
    header_.msg_iov = &part_;
    header_.msg_iovlen = 1;
    header_.msg_control = ancillary_.data();
    header_.msg_controllen = ancillary_.size();
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  msghdr* get() { return &header_; }

 private:
  iovec part_;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> ancillary_{};
  msghdr header_{};
};

bool is_readable(int socket, std::chrono::milliseconds patience) {
  pollfd wait{.fd = socket, .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, static_cast<int>(patience.count())) == 1;
}

bool is_whole(ssize_t sent, std::size_t size) { return sent == static_cast<ssize_t>(size); }

}  // namespace

std::pair<ForkChannel, ForkChannel> ForkChannel::make() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Error(ErrorClass::transient,
                std::string("cannot open a pair of sockets: ") + std::strerror(errno));
  return {ForkChannel(UniqueFd(ends[0])), ForkChannel(UniqueFd(ends[1]))};
}

bool ForkChannel::ask(const std::filesystem::path& folder, int lock) const {
  std::string text = folder.native();
  Message message(text.data(), text.size());
  cmsghdr* header = CMSG_FIRSTHDR(message.get());
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof lock);
  std::memcpy(CMSG_DATA(header), &lock, sizeof lock);
  return is_whole(::sendmsg(socket_.get(), message.get(), MSG_NOSIGNAL), text.size());
}

std::optional<ForkRequest> ForkChannel::read_request(std::chrono::milliseconds patience) const {
  if (!is_readable(socket_.get(), patience)) return std::nullopt;
  std::array<char, PATH_MAX> text{};
  Message message(text.data(), text.size());
  const ssize_t length = ::recvmsg(socket_.get(), message.get(), MSG_CMSG_CLOEXEC);
  const cmsghdr* header = CMSG_FIRSTHDR(message.get());
  if (length <= 0 || header == nullptr || header->cmsg_type != SCM_RIGHTS) return std::nullopt;
  int lock = -1;
  std::memcpy(&lock, CMSG_DATA(header), sizeof lock);
  return ForkRequest{std::string(text.data(), static_cast<std::size_t>(length)), UniqueFd(lock)};
}

bool ForkChannel::answer(const ForkAnswer& answer) const {
  return is_whole(::send(socket_.get(), &answer, sizeof answer, MSG_NOSIGNAL), sizeof answer);
}

std::optional<ForkAnswer> ForkChannel::read_answer(std::chrono::milliseconds patience) const {
  ForkAnswer answer;
  if (!is_readable(socket_.get(), patience)) return std::nullopt;
  if (!is_whole(::recv(socket_.get(), &answer, sizeof answer, 0), sizeof answer))
    return std::nullopt;
  return answer;
}

}  // namespace tallymill
