#include "worker/confine.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <vector>

namespace tallymill {
namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr unsigned kArchitecture = 0;
#endif

/// Numbers from here on are calls of x86-64's other ABI, which nothing of ours makes.
constexpr unsigned kOtherAbi = 0x40000000;
constexpr unsigned kForbidden[] = {__NR_execve, __NR_execveat, __NR_ptrace, __NR_process_vm_readv,
                                   __NR_process_vm_writev};

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset));
}

sock_filter answer(unsigned value) { return BPF_STMT(BPF_RET | BPF_K, value); }

/// Skips the next instruction unless the loaded value compares so with `value`.
sock_filter unless(unsigned short comparison, unsigned value) {
  const auto code = static_cast<unsigned short>(BPF_JMP | comparison | BPF_K);
  return BPF_JUMP(code, value, 0, 1);
}

std::vector<sock_filter> filter() {
  const unsigned refuse = SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA);
  std::vector<sock_filter> program{load(offsetof(seccomp_data, arch)),
                                   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
                                   answer(refuse), load(offsetof(seccomp_data, nr))};
  for (const unsigned number : kForbidden) {
    program.push_back(unless(BPF_JEQ, number));
    program.push_back(answer(refuse));
  }
  program.push_back(unless(BPF_JGE, kOtherAbi));
  program.push_back(answer(refuse));
  program.push_back(answer(SECCOMP_RET_ALLOW));
  return program;
}

}  // namespace

void forbid_programs() {
  if (kArchitecture == 0) return;
  std::vector<sock_filter> program = filter();
  sock_fprog whole{};
  whole.len = static_cast<unsigned short>(program.size());
  whole.filter = program.data();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return;
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole, 0, 0);
}

}  // namespace tallymill
