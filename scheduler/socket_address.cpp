#include "scheduler/socket_address.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "scheduler/machine.h"

namespace tallymill {
namespace {

constexpr int kBacklog = 64;

/// An address may be 107 bytes long, a path may not care: the folder is named by its descriptor.
struct Address {
  UniqueFd folder;
  sockaddr_un name{};

  explicit Address(const std::filesystem::path& path)
      : folder(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    name.sun_family = AF_UNIX;
    const std::string text =
        "/proc/self/fd/" + std::to_string(folder.get()) + "/" + path.filename().string();
    text.copy(name.sun_path, sizeof name.sun_path - 1);
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

Error socket_problem(const std::string& what, const std::filesystem::path& path, int code) {
  return Error(ErrorClass::config,
               "cannot " + what + " '" + path.string() + "': " + std::strerror(code));
}

void give_to_group(const std::filesystem::path& path, const std::string& group) {
  std::array<char, 4096> buffer{};
  struct group entry {};
  struct group* found = nullptr;
  if (::getgrnam_r(group.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
    throw Error(ErrorClass::config, "operators_group: this machine has no group '" + group + "'");
  for (const auto& [file, mode] : {std::pair{path.parent_path(), mode_t{0750}}, {path, 0660}}) {
    if (::chown(file.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0)
      throw socket_problem("give to group '" + group + "'", file, errno);
    if (::chmod(file.c_str(), mode) != 0) throw socket_problem("set the mode of", file, errno);
  }
}

UniqueFd new_socket() {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open())
    throw Error(ErrorClass::transient,
                std::string("cannot make a socket: ") + std::strerror(errno));
  return fd;
}

}  // namespace

UniqueFd listen_at(const std::filesystem::path& path, const std::string& group) {
  std::error_code problem;
  std::filesystem::create_directories(path.parent_path(), problem);
  UniqueFd fd = new_socket();
  const Address address(path);
  if (!address.folder.is_open()) throw socket_problem("open the folder of", path, errno);
  ::unlink(path.c_str());
  if (::fchmod(fd.get(), 0600) != 0 || ::bind(fd.get(), address.get(), sizeof address.name) != 0)
    throw socket_problem("make the socket", path, errno);
  if (group.empty())
    ::chmod(path.c_str(), 0600);
  else
    give_to_group(path, group);
  if (::listen(fd.get(), kBacklog) != 0) throw socket_problem("listen at", path, errno);
  return fd;
}

UniqueFd connect_to(const std::filesystem::path& path) {
  UniqueFd fd = new_socket();
  const Address address(path);
  if (!address.folder.is_open() || ::connect(fd.get(), address.get(), sizeof address.name) != 0) {
    if (errno == EACCES || errno == EPERM)
      throw Error(ErrorClass::config, "you may not use the socket '" + path.string() +
                                          "'; ask to be put into the operators' group");
    return {};
  }
  return fd;
}

std::string peer_name(const UniqueFd& connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "unknown";
  return user_name(peer.uid);
}

}  // namespace tallymill
