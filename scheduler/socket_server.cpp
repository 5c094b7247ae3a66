#include "scheduler/socket_server.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "scheduler/corrections.h"
#include "scheduler/job_wire.h"
#include "scheduler/scheduler.h"
#include "scheduler/socket_address.h"

namespace tallymill {
namespace {

constexpr std::size_t kLongestLine = 64 << 20;  // a rerun of 100,000 jobs names them all
constexpr std::size_t kMostUnread = 256 << 20;  // a reader that far behind is not reading
constexpr std::size_t kMostDescriptors = 2;     // where a reader's output and errors go
constexpr std::size_t kMostReaders = 32;        // at once; each is a process

json::object error_line(const std::string& error_class, const std::string& message) {
  return {{"error", {{"class", error_class}, {"message", message}}}};
}

}  // namespace

/// One client: its unread input, its unsent answers, and what it is told of the runs it follows.
class SocketServer::Connection final : public RunObserver,
                                       public BackfillObserver,
                                       public CascadeObserver {
 public:
  explicit Connection(UniqueFd fd) : fd_(std::move(fd)), who_(peer_name(fd_)) {}

  int fd() const { return fd_.get(); }
  const std::string& who() const { return who_; }
  bool is_closed() const { return closed_; }
  bool wants_to_write() const { return !out_.empty(); }
  void follow(const std::string& run) { followed_ = run; }
  const std::string& followed() const { return followed_; }

  void started(const LiveRun& run, bool goes_on) override {
    followed_ = run.record().id;
    json::object line{{"run", run.record().id},
                      {"graph", run.record().graph},
                      {"period", run.record().period},
                      {"of", run.record().of},
                      {"goes_on", goes_on}};
    line["jobs"] = jobs_of(run, all_of(run));
    after_commit(line);
  }
  void changed(const LiveRun& run, const std::vector<JobIndex>& jobs) override {
    send({{"run", run.record().id}, {"changed", jobs_of(run, jobs)}});
  }
  void waits(const LiveRun& run) override { send({{"run", run.record().id}, {"waits", true}}); }
  void ended(const LiveRun& run, RunVerdict verdict) override {
    send({{"run", run.record().id}, {"ended", json::string(to_string(verdict))}});
  }
  void note(const std::string& text) override { send({{"note", text}}); }
  void ended(const Period& period, const RunEnd& end) override {
    send({{"period", period.text()},
          {"run", end.id},
          {"verdict", json::string(to_string(end.verdict))}});
  }
  void backfill_waits(const std::string& name, RunVerdict so_far) override {
    send({{"backfill", name}, {"waits", json::string(to_string(so_far))}});
  }
  void backfill_left(const std::string& name, RunVerdict worst) override {
    after_commit({{"backfill", name}, {"ended", json::string(to_string(worst))}});
  }
  void cascade_begins(std::size_t steps) override {
    after_commit({{"cascade", static_cast<std::int64_t>(steps)}});
  }
  void cascade_ended(std::size_t left, RunVerdict worst) override {
    after_commit({{"cascade_left", static_cast<std::int64_t>(left)},
                  {"verdict", json::string(to_string(worst))}});
  }
  void follow_backfill(const std::string& name) { backfill_ = name; }
  const std::string& backfill() const { return backfill_; }

  /// Said after the next commit.
  void after_commit(const json::object& line) { waiting_ += json::serialize(line) + "\n"; }
  void commit() {
    if (waiting_.empty()) return;
    out_ += std::exchange(waiting_, {});
    flush();
  }
  /// What the client does not read is kept for it, within bounds.
  void send(const json::object& line) {
    if (!waiting_.empty()) return after_commit(line);  // never before what it is about
    out_ += json::serialize(line) + "\n";
    flush();
  }
  void flush() {
    while (!out_.empty() && !closed_) {
      const ssize_t sent = ::send(fd_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
      if (sent > 0)
        out_.erase(0, static_cast<std::size_t>(sent));
      else if (errno == EINTR)
        continue;
      else if (errno == EAGAIN || errno == EWOULDBLOCK)
        break;
      else
        closed_ = true;
    }
    closed_ = closed_ || out_.size() > kMostUnread;
  }
  /// Whole lines that have come.
  std::vector<std::string> read_lines() {
    std::array<char, 65536> block{};
    for (;;) {
      const ssize_t got = receive(block.data(), block.size());
      if (got > 0) {
        in_.append(block.data(), static_cast<std::size_t>(got));
        continue;
      }
      if (got < 0 && errno == EINTR) continue;
      if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) closed_ = true;
      break;
    }
    closed_ = closed_ || in_.size() > kLongestLine;
    std::vector<std::string> lines;
    std::size_t from = 0;
    for (std::size_t end; (end = in_.find('\n', from)) != std::string::npos; from = end + 1)
      lines.push_back(in_.substr(from, end - from));
    in_.erase(0, from);
    return lines;
  }

  /// The descriptors that were handed over since the last call, at most two.
  std::vector<UniqueFd> take_descriptors() { return std::exchange(descriptors_, {}); }

 private:
  /// As read(); keeps descriptors that come along.
  ssize_t receive(char* data, std::size_t size) {
    iovec part{.iov_base = data, .iov_len = size};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
    if (got < 0) return got;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
      const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int descriptor = -1;
        std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
        UniqueFd owned(descriptor);
        if (descriptors_.size() < kMostDescriptors) descriptors_.push_back(std::move(owned));
      }
    }
    return got;
  }
  static std::vector<JobIndex> all_of(const LiveRun& run) {
    std::vector<JobIndex> all;
    for (JobIndex i = 0; i < run.size(); ++i)
      if (run.job(i).included) all.push_back(i);
    return all;
  }
  static json::array jobs_of(const LiveRun& run, const std::vector<JobIndex>& jobs) {
    json::array array;
    for (const JobIndex index : jobs) array.push_back(job_to_wire(run, index));
    return array;
  }

  UniqueFd fd_;
  std::string who_;
  std::string followed_;
  std::string backfill_;
  std::vector<UniqueFd> descriptors_;
  std::string in_;
  std::string out_;
  std::string waiting_;
  bool closed_ = false;
};

SocketServer::SocketServer(Scheduler& scheduler, std::filesystem::path path,
                           const std::string& group)
    : scheduler_(scheduler),
      path_(std::move(path)),
      listener_(listen_at(path_, group)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener_.get();
  if (!epoll_.is_open() || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), &event) != 0)
    throw Error(ErrorClass::transient,
                std::string("cannot watch the socket: ") + std::strerror(errno));
}

SocketServer::~SocketServer() {
  // Whoever connects from here on finds nobody and tries again, until the lock is free.
  ::unlink(path_.c_str());
}

void SocketServer::watch(Connection& connection) {
  epoll_event event{};
  event.events = EPOLLIN | (connection.wants_to_write() ? EPOLLOUT : 0U);
  event.data.fd = connection.fd();
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd(), &event) != 0)
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd(), &event);
}

void SocketServer::accept_all() {
  for (;;) {
    UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd.is_open()) return;
    const int number = fd.get();
    auto connection = std::make_shared<Connection>(std::move(fd));
    watch(*connection);
    connections_[number] = std::move(connection);
  }
}

void SocketServer::take_in() {
  std::array<epoll_event, 64> events{};
  const int ready = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < ready; ++i) {
    const int fd = events[static_cast<std::size_t>(i)].data.fd;
    if (fd == listener_.get())
      accept_all();
    else if (readers_.contains(fd))
      end_reader(fd);
    else if (const auto found = connections_.find(fd); found != connections_.end())
      serve(found->second);
  }
  drop_closed();
}

void SocketServer::serve(const std::shared_ptr<Connection>& connection) {
  for (const std::string& line : connection->read_lines()) handle(connection, line);
  connection->flush();
  watch(*connection);
}

void SocketServer::handle(const std::shared_ptr<Connection>& connection, const std::string& line) {
  try {
    answer(connection, parse_json(line, "the request").as_object());
  } catch (const Error& error) {
    connection->send(error_line(std::string(to_string(error.error_class())), error.message()));
    // A refusal is an answer; anything else may mean that the store cannot go on.
    if (error.error_class() != ErrorClass::config && error.error_class() != ErrorClass::data) throw;
  } catch (const boost::system::system_error& error) {
    connection->send(error_line("data", "the request has a value of the wrong kind"));
  }
}

void SocketServer::answer(const std::shared_ptr<Connection>& connection,
                          const json::object& request) {
  if (json_integer(request, "format") != kWireFormat)
    throw Error(ErrorClass::config,
                "the scheduler speaks another format than this tallymill; use the same version");
  const Store::ActingFor acting(scheduler_.store(), connection->who());
  const std::string kind = json_text(request, "request");
  if (kind == "read") return read_for(connection, request);
  if (kind == "interrupt") {
    if (BackfillWork* backfill = scheduler_.backfills().find(connection->backfill()))
      return backfill->interrupt(json_boolean(request, "insist"));
    if (ActiveRun* run = scheduler_.loop().find(connection->followed()))
      run->interrupt(json_boolean(request, "insist"));
    return;
  }
  if (kind == "sensitive_shown")
    scheduler_.store().append(to_event(sensitive_shown_from(request)));
  else if (kind == "run")
    scheduler_.submit_for(run_request_from(request), connection);
  else if (kind == "deliver")
    scheduler_.retry_deliveries();
  else if (kind == "gc")
    connection->after_commit({{"garbage", garbage_json(scheduler_.collect_garbage())}});
  else if (kind == "backfill")
    submit_backfill(connection, request);
  else if (kind == "rerun")
    scheduler_.submit_rerun_for(rerun_request_from(request), connection, false, connection);
  else if (kind == "rule")
    scheduler_.decide(rule_order_from(request));
  else if (kind == "correct")
    scheduler_.correct(correction_order_from(request));
  else
    scheduler_.operate(run_operation_from(request), connection);
  connection->after_commit({{"done", true}});
}

void SocketServer::submit_backfill(const std::shared_ptr<Connection>& connection,
                                   const json::object& request) {
  const BackfillPlan plan = scheduler_.submit_backfill_for(
      backfill_request_from(request), json_text(request, "digest"), connection);
  connection->follow_backfill(plan.request.name);
}

void SocketServer::committed() {
  for (auto& [fd, connection] : connections_) {
    connection->commit();
    if (connection->wants_to_write()) watch(*connection);
  }
}

void SocketServer::read_for(const std::shared_ptr<Connection>& connection,
                            const json::object& request) {
  const std::vector<UniqueFd> descriptors = connection->take_descriptors();
  if (descriptors.size() != kMostDescriptors)
    throw Error(ErrorClass::data, "a request to read comes with two descriptors to write to");
  if (readers_.size() >= kMostReaders)
    throw Error(ErrorClass::config,
                std::to_string(kMostReaders) + " others are looking at this moment; try again");
  std::vector<std::string> arguments;
  for (const json::value& argument : json_at(request, "arguments").as_array())
    arguments.emplace_back(argument.as_string());
  auto process = std::make_unique<ReaderProcess>(scheduler_.workspace().root, arguments,
                                                 descriptors[0], descriptors[1]);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = process->ready_fd();
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, process->ready_fd(), &event);
  const int pidfd = process->ready_fd();
  readers_[pidfd] = {std::move(process), connection};
}

void SocketServer::end_reader(int pidfd) {
  const auto reader = readers_.find(pidfd);
  const int exit = reader->second.process->collect();
  reader->second.connection->send({{"exit", exit}});
  watch(*reader->second.connection);
  readers_.erase(reader);
}

void SocketServer::drop_closed() {
  std::erase_if(readers_, [](const auto& entry) { return entry.second.connection->is_closed(); });
  std::erase_if(connections_, [](const auto& entry) { return entry.second->is_closed(); });
}

}  // namespace tallymill
