// Kills schedulers and workers in random workspaces and judges what is left:
//   crash_lab [--points N] [--seed S] [--workers N] [--folder DIR]
// Prints how many kills there were and, for each problem, the seed that shows it again.
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/files.h"
#include "core/json.h"
#include "tests/crash/lab.h"

using namespace tallymill;
using namespace tallymill::crash;

namespace {

namespace fs = std::filesystem;

struct Options {
  long long points = 500;
  std::uint64_t seed = 1;
  int workers = 2;
  fs::path folder;
  bool one = false;  ///< only the scenario of `seed`
};

/// Kills need no disk that survives a power cut: memory is faster where there is some.
fs::path default_folder() {
  const char* wanted = std::getenv("TMPDIR");
  if (wanted != nullptr && *wanted != '\0') return wanted;
  return ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

Options options_of(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    const auto value = [&] { return i + 1 < count ? arguments[++i] : ""; };
    if (name == "--points")
      options.points = std::atoll(value());
    else if (name == "--seed")
      options.seed = static_cast<std::uint64_t>(std::atoll(value()));
    else if (name == "--workers")
      options.workers = std::atoi(value());
    else if (name == "--folder")
      options.folder = value();
    else if (name == "--one")
      options.one = true;
    else {
      std::cerr << "crash_lab: unknown argument '" << name
                << "'; it takes --points N, --seed S, --workers N, --folder DIR, --one\n";
      std::exit(2);
    }
  }
  if (options.folder.empty()) options.folder = default_folder();
  return options;
}

/// Counts the points of a scenario under all that it is about.
void play(Tally& tally, const Scenario& scenario, const std::string& kind,
          const std::function<void(const Scenario&)>& how) {
  const long long before = tally.points;
  how(scenario);
  const long long points = tally.points - before;
  tally.points_by[kind] += points;
  if (scenario.has_rules) tally.points_by["with rules"] += points;
  if (!scenario.cities.empty()) tally.points_by["with partitions"] += points;
  if (scenario.tells) tally.points_by["with messages"] += points;
}

/// Scenarios `number`, `number + workers`, ... until its share of the points is reached.
Tally work(const Options& options, int number, const fs::path& folder) {
  Tally tally;
  const long long share = (options.points + options.workers - 1) / options.workers;
  const auto enough = [&] { return tally.points >= share || tally.problems.size() > 20; };
  Lab lab(folder, executable_folder(), tally);
  for (std::uint64_t seed = options.seed + static_cast<std::uint64_t>(number); !enough();
       seed += static_cast<std::uint64_t>(options.workers)) {
    // One scenario in twelve is tried point by point, or at every second, third or fourth one; the
    // others are random and come to few points each, so that about half of all are of either kind.
    Dice dice(seed);
    const int step = 1 + dice.roll(4);
    const int kind = static_cast<int>(seed % 12);
    if (kind == 0 || options.one)
      play(tally, make_scenario(seed), "point by point", [&](const Scenario& scenario) {
        lab.every_point(scenario, 1 + dice.roll(step), step, enough);
      });
    if ((kind > 0 && kind < 6) || options.one)
      play(tally, make_scenario(seed), "at random",
           [&](const Scenario& scenario) { lab.random_instants(scenario, enough); });
    if (kind > 5 || options.one)
      play(tally, make_service_scenario(seed), "of services",
           [&](const Scenario& scenario) { lab.asked_things(scenario, enough); });
    if (options.one) break;
  }
  return tally;
}

std::string to_text(const Tally& tally) {
  json::object points_by;
  for (const auto& [kind, points] : tally.points_by) points_by[kind] = points;
  json::array problems;
  for (const std::string& text : tally.problems) problems.emplace_back(text);
  return json::serialize(json::object{{"scenarios", tally.scenarios},
                                      {"at_events", tally.at_events},
                                      {"at_instants", tally.at_instants},
                                      {"of_workers", tally.of_workers},
                                      {"of_finished", tally.of_finished},
                                      {"checks", tally.checks},
                                      {"commands", tally.commands},
                                      {"points_by", points_by},
                                      {"problems", problems}});
}

void add(Tally& sum, const json::object& part) {
  sum.scenarios += part.at("scenarios").to_number<long long>();
  sum.at_events += part.at("at_events").to_number<long long>();
  sum.at_instants += part.at("at_instants").to_number<long long>();
  sum.of_workers += part.at("of_workers").to_number<long long>();
  sum.of_finished += part.at("of_finished").to_number<long long>();
  sum.commands += part.at("commands").to_number<long long>();
  for (const auto& entry : part.at("points_by").as_object())
    sum.points_by[entry.key()] += entry.value().to_number<long long>();
  sum.checks += part.at("checks").to_number<long long>();
  sum.points = sum.at_events + sum.at_instants + sum.of_workers;
  for (const json::value& text : part.at("problems").as_array())
    sum.problems.emplace_back(text.as_string());
}

/// Each worker is a process of its own, so that orphans are known to be its own.
Tally work_in_parallel(const Options& options, const fs::path& folder) {
  std::vector<pid_t> workers;
  for (int number = 0; number < options.workers; ++number) {
    const pid_t worker = ::fork();
    if (worker != 0) {
      workers.push_back(worker);
      continue;
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const fs::path own = folder / std::to_string(number);
    const Tally tally = work(options, number, own);
    std::ofstream(folder / (std::to_string(number) + ".json")) << to_text(tally);
    std::_Exit(0);
  }
  Tally sum;
  for (std::size_t number = 0; number < workers.size(); ++number) {
    int status = 0;
    ::waitpid(workers[number], &status, 0);
    const fs::path file = folder / (std::to_string(number) + ".json");
    if (status == 0 && fs::exists(file))
      add(sum, parse_json(read_file(file), file.string()).as_object());
    else
      sum.problems.push_back("worker " + std::to_string(number) + " of the lab died");
  }
  return sum;
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = options_of(count, arguments);
  std::string name = (options.folder / "tallymill-crash-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    std::cerr << "crash_lab: cannot make " << name << ": " << std::strerror(errno) << "\n";
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  const Tally tally = work_in_parallel(options, name);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::cout << "crash points " << tally.points << ": " << tally.at_events << " at events, "
            << tally.at_instants << " at random instants, " << tally.of_workers << " of workers ("
            << tally.of_finished << " behind their result)\n";
  for (const auto& [kind, points] : tally.points_by) std::cout << "  " << kind << " " << points;
  std::cout << ", commands " << tally.commands << "\nscenarios " << tally.scenarios << " from seed "
            << options.seed << ", settled states judged " << tally.checks << ", " << took.count()
            << " s, " << static_cast<double>(tally.points) / took.count() << " points/s\n";
  for (const std::string& problem : tally.problems) std::cout << "PROBLEM " << problem << "\n";
  if (tally.problems.empty()) std::cout << "all well\n";
  // What a problem left behind is for looking at.
  if (tally.problems.empty()) {
    std::error_code ignored;
    for (fs::recursive_directory_iterator it(name, ignored), end; it != end; it.increment(ignored))
      if (it->is_directory(ignored)) fs::permissions(it->path(), fs::perms::owner_all, ignored);
    fs::remove_all(name, ignored);
  } else {
    std::cout << "left for looking: " << name << "\n";
  }
  return tally.problems.empty() ? 0 : 1;
}
