// The least a process can cost here: posix_spawn, its end, waiting for it. Prints the median in ms.
// usage: spawn_floor TIMES PROGRAM [ARGUMENT...]
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: spawn_floor TIMES PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  std::vector<double> times;
  for (int i = std::atoi(argv[1]); i > 0; --i) {
    const auto start = std::chrono::steady_clock::now();
    pid_t pid = 0;
    int status = 0;
    if (posix_spawnp(&pid, argv[2], nullptr, nullptr, argv + 2, environ) != 0 ||
        waitpid(pid, &status, 0) != pid || status != 0) {
      std::fprintf(stderr, "spawn_floor: cannot run %s\n", argv[2]);
      return 1;
    }
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
  }
  if (times.empty()) return 2;
  std::nth_element(times.begin(), times.begin() + static_cast<long>(times.size() / 2), times.end());
  std::printf("%.1f\n", times[times.size() / 2]);
}
