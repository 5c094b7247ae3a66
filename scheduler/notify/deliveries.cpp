#include "scheduler/notify/deliveries.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/executors/pidfd.h"
#include "scheduler/executors/spawn_setup.h"
#include "scheduler/machine.h"

namespace tallymill {
namespace {

constexpr std::size_t kMostAnswer = 64 * 1024;

UniqueFd memory_file(const char* name) { return UniqueFd(::memfd_create(name, MFD_CLOEXEC)); }

std::string problem_text(const std::string& what) { return what + ": " + std::strerror(errno); }

/// Everything the courier is told, secrets included: lives in memory only.
UniqueFd errand_file(const Workspace& workspace, const NotifyChannel& channel,
                     const NotificationRecord& notification) {
  const json::object errand{{"format", 1},
                            {"id", notification.id},
                            {"workspace", workspace.root.string()},
                            {"type", channel.type},
                            {"channel", channel.spec},
                            {"timeout_ms", channel.timeout.count()},
                            {"message", parse_json(notification.message, "the store")}};
  UniqueFd file = memory_file("errand");
  if (!file.is_open()) throw Error(ErrorClass::transient, problem_text("no memory for a courier"));
  write_all(file, json::serialize(errand), "a courier's errand");
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

/// The errand on its input, its answer on its output, and nothing else.
void redirect(SpawnSetup& setup, int errand, int answer) {
  ::posix_spawn_file_actions_adddup2(setup.actions(), errand, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(setup.actions(), answer, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(setup.actions(), STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(setup.actions(), STDERR_FILENO + 1);
}

/// What the courier wrote; of one that died without a word, how.
DeliveryEnd read_answer(const UniqueFd& answer, int status) {
  std::string text(kMostAnswer, '\0');
  const ssize_t size = ::pread(answer.get(), text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  try {
    const json::object body = parse_json(text, "a courier's answer").as_object();
    return {json_boolean(body, "delivered"), json_boolean(body, "retry"), json_text(body, "error")};
  } catch (const std::exception&) {
    return {
        false, true,
        WIFSIGNALED(status)
            ? "the courier was ended by signal " + std::to_string(WTERMSIG(status))
            : "the courier ended without an answer, exit " + std::to_string(WEXITSTATUS(status))};
  }
}

}  // namespace

std::filesystem::path Deliveries::default_courier() {
  return executable_folder() / "tallymill-courier";
}

Deliveries::Deliveries(Store& store, Clock& clock, WorkspaceNow workspace,
                       std::filesystem::path courier)
    : store_(store),
      clock_(clock),
      workspace_(std::move(workspace)),
      program_(std::move(courier)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_.is_open())
    throw Error(ErrorClass::transient, problem_text("cannot watch deliveries"));
}

Deliveries::~Deliveries() {
  // They end by themselves within their timeout; whoever holds the lock next asks again.
  for (const auto& [pid, courier] : couriers_) ::waitpid(pid, nullptr, WNOHANG);
}

bool Deliveries::is_busy(const std::string& channel) const {
  return std::any_of(couriers_.begin(), couriers_.end(), [&](const auto& entry) {
    return entry.second.notification.channel == channel;
  });
}

BootTime Deliveries::due_at(const NotificationRecord& notification) {
  if (notification.next_at.empty()) return BootTime(0);
  const auto [entry, is_new] = due_.try_emplace({notification.id, notification.channel});
  // The wall clock may have been set meanwhile: never wait longer than the backoff allows.
  if (is_new)
    entry->second = clock_.now() +
                    std::min(until_utc(notification.next_at), delivery_backoff(notification.tries));
  return entry->second;
}

void Deliveries::committed() {
  if (!is_due_) return;
  is_due_ = false;
  next_due_.reset();
  const BootTime now = clock_.now();
  for (const NotificationRecord& notification : pending_notifications(store_.view())) {
    if (couriers_.size() >= kMostCouriers) break;
    if (is_busy(notification.channel)) continue;  // its end starts the next one
    const BootTime due = due_at(notification);
    if (due <= now)
      start_one(notification);
    else
      next_due_ = next_due_ ? std::min(*next_due_, due) : due;
  }
}

void Deliveries::start_one(const NotificationRecord& notification) {
  const auto workspace = workspace_();
  const auto channel = workspace->channels.find(notification.channel);
  if (channel == workspace->channels.end())
    return settle(notification, {false, false,
                                 "there is no channel '" + notification.channel +
                                     "' in tallymill.yaml any more"});
  try {
    const UniqueFd errand = errand_file(*workspace, channel->second, notification);
    Courier courier{notification, UniqueFd(), memory_file("answer")};
    // A group of its own: Ctrl-C ends runs, not the message about them.
    SpawnSetup setup(true);
    redirect(setup, errand.get(), courier.answer.get());
    std::string program = program_.string();
    const std::array<char*, 2> arguments{program.data(), nullptr};
    pid_t pid = 0;
    const int code = ::posix_spawn(&pid, program.c_str(), setup.actions(), setup.attributes(),
                                   arguments.data(), environ);
    if (code != 0)
      return settle(notification,
                    {false, true, "cannot start '" + program + "': " + std::strerror(code)});
    courier.pidfd = UniqueFd(::pidfd_open(pid, 0));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = pid;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, courier.pidfd.get(), &event);
    couriers_.emplace(pid, std::move(courier));
  } catch (const Error& error) {
    settle(notification, {false, true, error.message()});
  }
}

void Deliveries::settle(const NotificationRecord& notification, const DeliveryEnd& end) {
  store_.append(to_event(notification, end));
  due_.erase({notification.id, notification.channel});
  is_due_ = true;
}

void Deliveries::take_in() {
  if (next_due_ && *next_due_ <= clock_.now()) is_due_ = true;
  std::array<epoll_event, 16> events{};
  const int ready = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < ready; ++i) {
    const pid_t pid = events[static_cast<std::size_t>(i)].data.fd;
    const auto courier = couriers_.find(pid);
    int status = 0;
    if (courier == couriers_.end() || ::waitpid(pid, &status, WNOHANG) != pid) continue;
    const DeliveryEnd end = read_answer(courier->second.answer, status);
    const NotificationRecord notification = std::move(courier->second.notification);
    couriers_.erase(courier);
    settle(notification, end);
  }
}

void Deliveries::finish(std::chrono::milliseconds patience) {
  const auto end = boot_time_now() + patience;
  for (;;) {
    take_in();
    store_.commit();
    committed();
    if (store_.uncommitted() > 0) continue;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - boot_time_now());
    if (is_idle() || left.count() <= 0) return;
    pollfd wait{.fd = epoll_.get(), .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, static_cast<int>(left.count()));
  }
}

}  // namespace tallymill
