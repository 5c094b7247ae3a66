#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string_view>

#include "core/fork_channel.h"
#include "worker/fork_server.h"
#include "worker/session.h"
#include "worker/worker.h"

namespace {

int work(const char* argument) {
  const std::string_view word = argument;
  const bool needs_engine = word == tallymill::kEngineForkServerArgument;
  if (!needs_engine && word != tallymill::kForkServerArgument)
    return tallymill::run_worker(std::filesystem::absolute(argument));
  const auto folder = tallymill::serve_forks(needs_engine);
  return folder ? tallymill::run_forked_worker(*folder) : 0;
}

}  // namespace

/// tallymill-worker FOLDER: does the task in FOLDER/task.json and writes FOLDER/result.json.
/// Descriptor 3, where open, is the attempt's lock; keeping it open is all there is to do with it.
/// tallymill-worker --fork-server, or --engine-fork-server: becomes such a worker as often as it is
/// asked to.
int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: tallymill-worker FOLDER | --fork-server | --engine-fork-server\n", stderr);
    return 2;
  }
  tallymill::Session::leave_open();
  int code = tallymill::kExitNoResult;
  try {
    code = work(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  std::fflush(nullptr);
  // Everything is on disk, and what is left is the kernel's to clear away.
  std::_Exit(code);
}
