#include "cli/run_progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "cli/run_words.h"
#include "cli/text_table.h"
#include "core/text.h"

namespace tallymill {
namespace {

using namespace std::chrono_literals;

std::string start_line(const LiveRun& run, bool goes_on) {
  const auto jobs = static_cast<std::int64_t>(run.unfinished() + run.blocked());
  return "run " + run.record().id + (goes_on ? " goes on" : " starts") + ", " + group_digits(jobs) +
         (jobs == 1 ? " job" : " jobs");
}

std::string change_line(const LiveRun& run, JobIndex index) {
  const LiveJob& job = run.job(index);
  std::string line = run.node(index).spec.name + ": " + state_words(job);
  if (job.state == JobRunState::running && job.attempts > 1)
    line += ", try " + std::to_string(job.attempts);
  if (is_good(job.state) && job.summary.rows_in + job.summary.rows_out > 0)
    line += ", " + group_digits(job.summary.rows_in) + " rows in, " +
            group_digits(job.summary.rows_out) + " out";
  if (is_good(job.state) && job.summary.rows_rejected > 0)
    line += ", " + group_digits(job.summary.rows_rejected) + " rejected";
  const std::string note = note_of(job);
  if (!note.empty()) line += " (" + note + ")";
  if (is_final(job.state) && job.ended > job.started && job.started.count() > 0)
    line += ", " + duration_text(job.ended - job.started);
  return line;
}

class PlainProgress final : public RunObserver {
 public:
  explicit PlainProgress(std::ostream& err) : err_(err) {}

  void started(const LiveRun& run, bool goes_on) override {
    err_ << start_line(run, goes_on) << std::endl;
  }
  void changed(const LiveRun& run, const std::vector<JobIndex>& jobs) override {
    for (const JobIndex index : jobs) {
      if (!is_worth_a_line(run.job(index))) continue;
      // A job blocked on its way is cancelled at the end, which is no more news.
      const std::string line = change_line(run, index);
      if (std::exchange(last_line_[index], line) != line) err_ << line << '\n';
    }
    err_.flush();
  }
  void note(const std::string& text) override { err_ << text << std::endl; }

 private:
  static bool is_worth_a_line(const LiveJob& job) {
    return job.state != JobRunState::ready && job.state != JobRunState::up_to_date &&
           (job.state != JobRunState::waiting || job.blocked || job.held || !job.late.empty());
  }
  std::ostream& err_;
  std::map<JobIndex, std::string> last_line_;
};

/// Lines over the one before, cut to the terminal; erased when the run ends.
class LiveProgress final : public RunObserver {
  static constexpr std::size_t kForState = 24;  ///< "succeeded", "running 1m05s", and the gaps
  static constexpr std::size_t kShortestName = 10;

 public:
  explicit LiveProgress(std::ostream& err) : err_(err) {}
  ~LiveProgress() override { erase(); }

  void started(const LiveRun& run, bool goes_on) override {
    err_ << start_line(run, goes_on) << std::endl;
    began_ = boot_time_now();
  }
  void changed(const LiveRun& run, const std::vector<JobIndex>&) override {
    if (boot_time_now() - drawn_ > 50ms) draw(run);
  }
  std::optional<std::chrono::milliseconds> tick_interval() const override { return 100ms; }
  void tick(const LiveRun& run) override { draw(run); }
  void note(const std::string& text) override {
    erase();
    err_ << text << std::endl;
  }

 private:
  struct Size {
    std::size_t rows = 24;
    std::size_t columns = 80;
  };
  static Size terminal_size() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
      return {};
    return {size.ws_row, size.ws_col};
  }

  /// Goes up over what was drawn, which may wrap by now, and clears it.
  std::string erasing(std::size_t columns) {
    std::size_t rows = 0;
    for (const std::size_t width : widths_)
      rows += std::max<std::size_t>(1, (width + columns - 1) / columns);
    widths_.clear();
    return rows == 0 ? "" : "\033[" + std::to_string(rows) + "A\033[J";
  }
  void erase() { err_ << erasing(terminal_size().columns) << std::flush; }

  void draw(const LiveRun& run) {
    const Size size = terminal_size();
    const std::vector<JobIndex> shown = jobs_to_show(run, size.rows > 6 ? size.rows - 4 : 4);
    std::size_t width = 0;
    for (const JobIndex index : shown)
      width = std::max(width, display_width(run.node(index).spec.name));
    // Where there is little room the state is worth more than the end of a long name.
    const std::size_t for_names = size.columns > kForState ? size.columns - kForState : 0;
    width = std::min(width, std::max(kShortestName, for_names));
    // One write per frame: nobody sees the table gone.
    std::string frame = erasing(size.columns);
    const auto add = [&](const std::string& line) {
      frame += fit(line, size.columns - 1) + "\n";
      widths_.push_back(display_width(fit(line, size.columns - 1)));
    };
    for (const JobIndex index : shown) add(job_line(run, index, width));
    add(counts_line(run));
    err_ << frame << std::flush;
    drawn_ = boot_time_now();
  }

  /// What runs first of all, then what went wrong, then the rest in graph order.
  static std::vector<JobIndex> jobs_to_show(const LiveRun& run, std::size_t most) {
    std::vector<JobIndex> all;
    for (const JobIndex index : run.graph().order)
      if (run.job(index).included) all.push_back(index);
    if (all.size() <= most) return all;
    const auto rank = [&](JobIndex index) {
      const LiveJob& job = run.job(index);
      if (job.state == JobRunState::running) return 0;
      if (job.state == JobRunState::failed || job.state == JobRunState::retry_wait) return 1;
      if (job.blocked || job.held) return 2;
      return is_final(job.state) ? 4 : 3;
    };
    std::stable_sort(all.begin(), all.end(),
                     [&](JobIndex a, JobIndex b) { return rank(a) < rank(b); });
    all.resize(most);
    return all;
  }

  static std::string job_line(const LiveRun& run, JobIndex index, std::size_t width) {
    const LiveJob& job = run.job(index);
    const std::string name = fit(run.node(index).spec.name, width);
    std::string line =
        "  " + name + std::string(width - display_width(name) + 2, ' ') + state_words(job);
    if (job.state == JobRunState::running)
      line += " " + duration_text(boot_time_now() - job.started);
    else if (is_good(job.state) && job.summary.rows_in + job.summary.rows_out > 0)
      line += "  " + group_digits(job.summary.rows_in) + " in, " +
              group_digits(job.summary.rows_out) + " out";
    const std::string note = note_of(job);
    return note.empty() ? line : line + "  " + note;
  }

  std::string counts_line(const LiveRun& run) const {
    std::string line = "  " + duration_text(boot_time_now() - began_);
    const auto add = [&](std::size_t count, const char* what) {
      if (count > 0) line += ", " + group_digits(static_cast<std::int64_t>(count)) + " " + what;
    };
    add(run.running(), "running");
    add(run.count(JobRunState::ready) + run.count(JobRunState::waiting) - run.blocked(), "to go");
    add(run.count(JobRunState::retry_wait), "retrying");
    add(run.count(JobRunState::up_to_date), "up to date");
    add(run.count(JobRunState::succeeded), "done");
    add(run.count(JobRunState::failed), "failed");
    add(run.blocked(), "blocked");
    return line;
  }

  std::ostream& err_;
  std::vector<std::size_t> widths_;  ///< of the lines on the screen
  BootTime began_{0};
  BootTime drawn_{0};
};

}  // namespace

std::unique_ptr<RunObserver> make_progress(const Terminal& terminal) {
  if (terminal.err_is_terminal) return std::make_unique<LiveProgress>(terminal.err);
  return std::make_unique<PlainProgress>(terminal.err);
}

}  // namespace tallymill
