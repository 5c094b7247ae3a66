#pragma once

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/digest.h"
#include "core/files.h"
#include "core/task.h"
#include "scheduler/clock.h"
#include "scheduler/executors/executor.h"

namespace tallymill {

/// What a virtual attempt comes to, and how long that takes.
struct VirtualEnd {
  std::chrono::microseconds takes{0};
  TaskResult result;              ///< attempt and epoch are filled in where they are empty
  bool leaves_no_result = false;  ///< killed before it could write one
  std::map<std::string, std::string> files = {};  ///< below the attempt's folder, by path
};

/// Runs nothing: an attempt ends as `work` says after as much virtual time. The folder protocol is
/// the real one.
class VirtualExecutor final : public Executor {
 public:
  using Work = std::function<VirtualEnd(const Task&)>;
  explicit VirtualExecutor(Work work)
      : work_(std::move(work)), ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  std::string spawn(const Launch& launch) override {
    const std::string file = launch.folder.native() + "/" + kTaskFile;
    const Task task =
        Task::from_json(parse_json(read_file_if_there(file, held(launch.folder)).value(), file));
    VirtualEnd end = work_(task);
    if (end.result.attempt.empty()) {
      end.result.attempt = task.attempt;
      end.result.epoch = task.epoch;
    }
    std::string handle = std::to_string(++spawned_);
    most_ = std::max(most_, running_.size() + 1);
    running_.emplace(handle, Running{launch.folder, UniqueFd(::dup(launch.lock)), {}});
    const auto at = now() + std::chrono::duration_cast<BootTime>(end.takes);
    running_.at(handle).end = std::move(end);
    ends_.emplace(at, handle);
    return handle;
  }
  int ready_fd() const override { return ready_.get(); }

  std::vector<AttemptExit> collect() override {
    std::vector<AttemptExit> exits;
    while (!ends_.empty() && ends_.begin()->first <= now()) {
      exits.push_back(finish(ends_.begin()->second));
      ends_.erase(ends_.begin());
    }
    return exits;
  }
  /// An attempt that is asked to end is gone at once.
  void stop(const std::string& handle, StopSignal signal) override {
    for (auto end = ends_.begin(); end != ends_.end(); ++end) {
      if (end->second != handle) continue;
      running_.at(handle).end.leaves_no_result = true;
      running_.at(handle).signal = signal == StopSignal::kill ? 9 : 15;
      ends_.erase(end);
      ends_.emplace(now(), handle);
      return;
    }
  }
  bool is_alive(const std::filesystem::path& folder) const override {
    return std::filesystem::exists(folder / kTaskFile) && FileLock::is_held(folder / kTaskFile);
  }
  void end(const std::filesystem::path&, std::chrono::milliseconds) override {}

  std::optional<BootTime> next_end() const {
    return ends_.empty() ? std::nullopt : std::optional(ends_.begin()->first);
  }
  BootTime now() const { return now_; }
  void move_to(BootTime instant) { now_ = std::max(now_, instant); }
  std::size_t spawned() const { return spawned_; }
  std::size_t most_at_once() const { return most_; }

 private:
  struct Running {
    std::filesystem::path folder;
    UniqueFd lock;
    VirtualEnd end;
    int signal = 0;
  };

  AttemptExit finish(const std::string& handle) {
    const Running running = std::move(running_.at(handle));
    running_.erase(handle);
    for (const auto& [path, text] : running.end.files) {
      std::filesystem::create_directories((running.folder / path).parent_path());
      write(running.folder, path, text);
    }
    if (!running.end.leaves_no_result)
      write(running.folder, "result.json", json::serialize(running.end.result.to_json()));
    const int code = running.end.result.outcome == TaskOutcome::failed ? 1 : 0;
    const int signal = running.end.leaves_no_result && running.signal == 0 ? 9 : running.signal;
    return {.handle = handle, .code = signal == 0 ? code : 0, .signal = signal};
  }
  void write(const std::filesystem::path& folder, const std::string& name,
             const std::string& text) {
    const std::string file = folder.native() + "/" + name;
    const HeldFolder::Place place = held(folder).place_of(file);
    const UniqueFd out(
        ::openat(place.folder, place.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    write_all(out, text, file);
  }
  /// A worker lies in its folder; here it is found from the run's.
  HeldFolder& held(const std::filesystem::path& attempt) {
    const std::string& path = attempt.native();
    const std::string_view run = std::string_view(path).substr(0, path.rfind('/'));
    if (run != run_) {
      run_ = run;
      held_ = HeldFolder(run_);
    }
    return held_;
  }

  Work work_;
  UniqueFd ready_;  ///< never readable: time is what makes attempts end
  BootTime now_{std::chrono::hours(1)};
  std::string run_;  ///< what held_ holds
  HeldFolder held_{""};
  std::unordered_map<std::string, Running> running_;
  std::multimap<BootTime, std::string> ends_;  ///< of what runs; ties in order of their starts
  std::size_t spawned_ = 0;
  std::size_t most_ = 0;
};

/// Time that passes only while the loop waits, and then at once.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(VirtualExecutor& executor) : executor_(executor) {}

  BootTime now() const override { return executor_.now(); }
  Instant wall() const override {
    return {kStart + std::chrono::duration_cast<std::chrono::seconds>(now()).count()};
  }
  void wait(std::span<const int>, std::optional<BootTime> until,
            std::optional<Instant> wall_until) override {
    std::optional<BootTime> next = executor_.next_end();
    const auto consider = [&](BootTime instant) {
      next = next ? std::min(*next, instant) : instant;
    };
    if (until) consider(*until);
    if (wall_until) consider(std::chrono::seconds(wall_until->seconds - kStart));
    if (!next) throw std::logic_error("the loop waits for ever");
    executor_.move_to(*next);
  }

 private:
  static constexpr std::int64_t kStart = 1'767'225'600;  ///< 2026-01-01T00:00:00Z
  VirtualExecutor& executor_;
};

/// What programs/test_worker.cpp would stage for the `outputs:` of a task: a text and what was
/// read.
inline VirtualEnd virtual_success(const Task& task, std::chrono::microseconds takes) {
  VirtualEnd end{.takes = takes, .result = {}};
  end.result.outcome = TaskOutcome::succeeded;
  const auto document = YamlDocument::from_json(task.spec);
  const YamlNode outputs = document->root().find("outputs");
  std::string seen;
  for (const auto& [dataset, versions] : task.inputs)
    for (const InputVersion& input : versions) seen += dataset + "=" + input.digest + "\n";
  for (std::size_t i = 0; outputs && i < outputs.size(); ++i) {
    const std::string dataset(outputs.key(i).text());
    const std::string content = std::string(outputs[i].text()) + "\n" + seen;
    const std::string folder = "staging/" + dataset;
    end.files[folder + "/data.txt"] = content;
    end.files[folder + "/manifest.json"] = "{}\n";
    end.result.outputs.push_back({.dataset = dataset,
                                  .folder = folder,
                                  .rows = 1,
                                  .digest = "v1:" + sha256_hex(content).substr(0, 16),
                                  .amounts = {}});
  }
  return end;
}

}  // namespace tallymill
