#pragma once

#include <map>
#include <memory>
#include <string>

#include "scheduler/scheduler.h"
#include "tests/scheduler/fixtures.h"
#include "tests/scheduler/test_catalog.h"
#include "tests/scheduler/virtual_executor.h"

namespace tallymill {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif
#else
inline constexpr bool kIsSanitized = false;
#endif

/// How a virtual run ended.
struct VirtualRun {
  RunVerdict verdict = RunVerdict::ok;
  std::map<std::string, JobRunState> states = {};   ///< by job
  std::map<std::string, std::string> digests = {};  ///< of visible datasets
  std::map<std::string, int> versions = {};         ///< published, by dataset
  std::chrono::microseconds took{0};                ///< of virtual time
  std::size_t attempts = 0;
  std::size_t most_at_once = 0;
};

/// A workspace on disk whose graph g runs in virtual time, in this process.
class VirtualFixture {
 public:
  VirtualFixture(int slots, const std::string& jobs, const std::string& more = {}) {
    write("tallymill.yaml", "workspace: virtual\nslots: " + std::to_string(slots) + "\n");
    write("graphs/g.yaml", "graph: g\nperiod: month\n" + more + "jobs:\n" + jobs);
  }

  void write(const std::string& path, const std::string& text) const {
    const auto file = scratch_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::remove(file);
    write_all(open_for_appending(file), text, file);
  }
  std::filesystem::path root() const { return scratch_.path(); }
  std::filesystem::path state() const { return root() / ".tallymill"; }

  VirtualRun run(VirtualExecutor::Work work, bool force = false) const {
    const TestCatalog catalog;
    Diagnostics diagnostics;
    Workspace workspace = Workspace::load(scratch_.path(), catalog, diagnostics);
    if (diagnostics.has_errors()) throw std::runtime_error(diagnostics.render());
    SchedulerOptions options;
    const auto executor = std::make_shared<VirtualExecutor>(std::move(work));
    options.executor = executor;
    options.clock = std::make_shared<VirtualClock>(*executor);
    Scheduler scheduler(std::move(workspace), catalog, options);
    RunObserver silent;
    const BootTime began = executor->now();
    const RunEnd end = scheduler.run(
        {.graph = "g", .period = Period::parse("2026-01").value(), .force = force}, silent);
    VirtualRun run{.verdict = end.verdict};
    run.took = std::chrono::duration_cast<std::chrono::microseconds>(executor->now() - began);
    run.attempts = executor->spawned();
    run.most_at_once = executor->most_at_once();
    for (JobIndex i = 0; i < end.run->size(); ++i)
      run.states[end.run->node(i).spec.name] = end.run->job(i).state;
    for (const VersionRecord& version : scheduler.store().view().versions("")) {
      run.digests[version.dataset] = version.digest;
      run.versions[version.dataset] =
          static_cast<int>(scheduler.store().view().versions(version.dataset).size());
    }
    return run;
  }

 private:
  TemporaryFolder scratch_{TemporaryFolder::memory()};
};

}  // namespace tallymill
