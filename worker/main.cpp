#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "worker/session.h"
#include "worker/worker.h"

/// tallymill-worker FOLDER: does the task in FOLDER/task.json and writes FOLDER/result.json.
/// Descriptor 3, where open, is the attempt's lock; keeping it open is all there is to do with it.
int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: tallymill-worker FOLDER\n", stderr);
    return 2;
  }
  tallymill::Session::leave_open();
  int code = tallymill::kExitNoResult;
  try {
    code = tallymill::run_worker(std::filesystem::absolute(argv[1]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  std::fflush(nullptr);
  // Everything is on disk, and what is left is the kernel's to clear away.
  std::_Exit(code);
}
