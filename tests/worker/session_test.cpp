#include "worker/session.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/temporary_folder.h"

using namespace tallymill;
namespace fs = std::filesystem;

namespace {

/// How many threads DuckDB has for a task with two cores and one input of so many bytes.
int threads_for(std::size_t input_bytes, bool reads_outside = false) {
  const TemporaryFolder folder;
  const fs::path version = folder.path() / "version";
  fs::create_directories(version);
  std::ofstream(version / "part-0000.parquet") << std::string(input_bytes, 'x');
  Task task;
  task.folder = folder.path() / "attempt";
  task.threads = 2;
  InputVersion input;
  input.version = "v";
  input.folder = version;
  task.inputs["d"].push_back(input);
  if (reads_outside) task.connectors["c"] = {{"type", "files"}};
  fs::create_directories(task.folder);
  EventLog log(task.folder / "log.jsonl");
  Session session(task, log);
  return session.engine().threads();
}

}  // namespace

TEST_CASE("session: a small input is one thread's work, others have what the task gives") {
  CHECK(threads_for(1'000) == 1);
  CHECK(threads_for(1'000'000) == 2);
  CHECK(threads_for(1'000, true) == 2);
}
