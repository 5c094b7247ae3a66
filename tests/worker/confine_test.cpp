#include "worker/confine.h"

#include <doctest/doctest.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <thread>

using namespace tallymill;

namespace {

/// What `body` returns in a confined process of its own.
template <class Body>
int confined(const Body& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    forbid_programs();
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int errno_of_exec() {
  const char* const arguments[] = {"true", nullptr};
  ::execv("/bin/true", const_cast<char**>(arguments));
  return errno;
}

}  // namespace

TEST_CASE("confine: no program is started, from no thread") {
  CHECK(confined(errno_of_exec) == EPERM);
  CHECK(confined([] {
          int problem = 0;
          std::thread([&] { problem = errno_of_exec(); }).join();
          return problem;
        }) == EPERM);
}

TEST_CASE("confine: no other process is looked into") {
  CHECK(confined([] {
          char byte = 0;
          iovec own{&byte, 1};
          iovec theirs{&byte, 1};
          return ::process_vm_readv(::getppid(), &own, 1, &theirs, 1, 0) < 0 ? errno : 0;
        }) == EPERM);
}

TEST_CASE("confine: files, memory and threads are as before") {
  CHECK(confined([] {
          std::FILE* file = std::fopen("/proc/self/status", "r");
          if (file == nullptr) return 1;
          std::fclose(file);
          std::string text(std::size_t{1} << 20, 'x');
          return text.back() == 'x' ? 0 : 2;
        }) == 0);
}
