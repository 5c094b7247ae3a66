#include "cli/case_runner.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/options.h"
#include "core/text.h"
#include "core/yaml.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string name;
  fs::path folder;
  std::string period;
  std::vector<std::vector<std::string>> commands;
  std::vector<std::string> needs;
};

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};

/// Words separated by blanks; quotes, double or single, keep what is between them together.
std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> result;
  std::string word;
  char quote = '\0';
  bool started = false;
  for (const char c : line) {
    if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
      quote = quote == '\0' ? c : '\0';
      started = true;
    } else if (c == ' ' && quote == '\0') {
      if (started) result.push_back(std::exchange(word, {}));
      started = false;
    } else {
      word += c;
      started = true;
    }
  }
  if (started) result.push_back(word);
  return result;
}

Case load_case(const fs::path& folder) {
  const fs::path file = folder / "case.yaml";
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse(file.string(), read_file(file), diagnostics);
  if (document) validate_options(document->root(), case_options(), "a case", diagnostics);
  if (diagnostics.has_errors())
    throw Error(ErrorClass::config, "a test case is malformed:\n" + diagnostics.render());
  const Options options(document->root());
  Case result{folder.filename().string(), folder, options.text("period"), {}, {}};
  for (const YamlNode& line : options.list("run")) result.commands.push_back(words(line.text()));
  for (const YamlNode& path : options.list("needs")) result.needs.emplace_back(path.text());
  return result;
}

std::string missing_need(const Case& test) {
  if (test.needs.empty()) return {};
  const char* data = std::getenv("TALLYMILL_DATA");
  if (!data || !*data) return "TALLYMILL_DATA is not set";
  for (const std::string& need : test.needs)
    if (!fs::exists(fs::path(data) / need)) return need + " is not in $TALLYMILL_DATA";
  return {};
}

void copy_workspace(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    const std::string name = entry.path().filename().string();
    if (name == "tests") {
      if (!fs::is_directory(entry.path() / "rules")) continue;
      fs::create_directories(to / name);
      fs::copy(entry.path() / "rules", to / name / "rules", fs::copy_options::recursive);
      continue;
    }
    if (name == ".tallymill") continue;
    fs::copy(entry.path(), to / name,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }
}

/// Runs this program in `folder`; its output goes through files so that nothing can block.
Outcome run_self(const std::vector<std::string>& arguments, const fs::path& folder,
                 const fs::path& scratch) {
  const std::string program = fs::read_symlink("/proc/self/exe").string();
  const fs::path out = scratch / "stdout";
  const fs::path err = scratch / "stderr";
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), flags, 0644);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), flags, 0644);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  pid_t pid = 0;
  const int problem = posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) throw Error(ErrorClass::transient, "cannot start " + program);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_file(out),
          read_file(err)};
}

/// Times differ from run to run: every one becomes `#.#s`, right-aligned where it stood.
std::string without_times(const std::string& text) {
  static const std::regex kTime(R"( *\b[0-9]+(\.[0-9]+)?(ms|s)\b)");
  std::string result;
  auto rest = text.begin();
  for (std::sregex_iterator it(text.begin(), text.end(), kTime), end; it != end; ++it) {
    result.append(rest, text.begin() + it->position());
    const auto width = static_cast<std::size_t>(it->length());
    result.append(width > 4 ? width - 4 : 0, ' ').append("#.#s");
    rest = text.begin() + it->position() + it->length();
  }
  return result.append(rest, text.end());
}

/// Without the widths of columns: a long time makes its column wider.
std::string squeezed(const std::string& text) {
  std::string result;
  for (const char c : text)
    if (c != ' ' || result.empty() || result.back() != ' ') result += c;
  return result;
}

/// Output as it is in every copy of the workspace, at any speed.
std::string comparable(std::string text, const fs::path& copy) {
  const std::string path = copy.string();
  for (std::size_t at = 0; (at = text.find(path, at)) != std::string::npos;)
    text.replace(at, path.size(), "WORKSPACE");
  return without_times(text);
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) result.push_back(line);
  return result;
}

/// The first places where two texts differ, as `-expected` and `+actual` lines.
std::string differences(const std::string& what, const std::string& expected,
                        const std::string& actual) {
  if (expected == actual) return {};
  const std::vector<std::string> want = lines(expected);
  const std::vector<std::string> got = lines(actual);
  std::string text = what + " differs (expected " + std::to_string(want.size()) + " lines, got " +
                     std::to_string(got.size()) + ")\n";
  int shown = 0;
  for (std::size_t i = 0; i < std::max(want.size(), got.size()) && shown < 10; ++i) {
    if (i < want.size() && i < got.size() && want[i] == got[i]) continue;
    text += "  line " + std::to_string(i + 1) + "\n";
    if (i < want.size()) text += "    - " + want[i] + "\n";
    if (i < got.size()) text += "    + " + got[i] + "\n";
    ++shown;
  }
  return text;
}

/// Compares what came out with what was expected, or rewrites the expectation.
class Comparison {
 public:
  Comparison(fs::path expected, bool update) : expected_(std::move(expected)), update_(update) {}

  void file(const std::string& name, const std::string& actual) {
    const fs::path path = expected_ / name;
    if (!fs::exists(path)) return;
    if (update_)
      write_file_durably(path, actual);
    else
      message_ += differences(name, read_file(path), actual);
  }

  void output(const std::string& name, const std::string& actual) {
    const fs::path path = expected_ / name;
    if (fs::exists(path) && squeezed(read_file(path)) != squeezed(actual)) file(name, actual);
  }

  void exit_code(const Outcome& outcome) {
    const fs::path path = expected_ / "exit_code";
    const std::string actual = std::to_string(outcome.exit_code) + "\n";
    if (update_) {
      if (outcome.exit_code != 0 || fs::exists(path)) write_file_durably(path, actual);
      return;
    }
    const std::string want = fs::exists(path) ? read_file(path) : "0\n";
    if (trim(want) == trim(actual)) return;
    message_ += "exit code is " + std::string(trim(actual)) + ", expected " +
                std::string(trim(want)) + "\n" + outcome.out + outcome.err;
  }

  const std::string& message() const { return message_; }

 private:
  fs::path expected_;
  bool update_;
  std::string message_;
};

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> result;
  if (!fs::is_directory(folder)) return result;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) result.push_back(fs::relative(entry.path(), folder));
  std::sort(result.begin(), result.end());
  return result;
}

/// As a person edits a file. Throws Error(config) if the text is not there: the case is wrong then.
void replace_text(const fs::path& file, const std::string& text, const std::string& by) {
  std::string content = read_file(file);
  std::size_t at = content.find(text);
  if (at == std::string::npos)
    throw Error(ErrorClass::config,
                "there is no '" + text + "' to replace in " + file.string() + ":\n" + content);
  for (; at != std::string::npos; at = content.find(text, at + by.size()))
    content.replace(at, text.size(), by);
  write_file_durably(file, content);
}

std::string run_and_compare(const Case& test, const fs::path& copy, const fs::path& scratch,
                            bool update) {
  Outcome last;
  for (const auto& command : test.commands) {
    if (command.size() == 3 && command[0] == "copy")
      fs::copy_file(test.folder / command[1], copy / command[2],
                    fs::copy_options::overwrite_existing);
    else if (command.size() == 4 && command[0] == "replace")
      replace_text(copy / command[1], command[2], command[3]);
    else
      last = run_self(command, copy, scratch);
  }
  const fs::path expected = test.folder / "expected";
  if (update) fs::create_directories(expected);
  Comparison comparison(expected, update);
  comparison.exit_code(last);
  comparison.output("stdout.txt", comparable(last.out, copy));
  comparison.output("stderr.txt", comparable(last.err, copy));
  for (const fs::path& file : files_below(expected)) {
    const std::string name = file.string();
    if (name.starts_with("files/")) {
      const fs::path actual = copy / name.substr(6);
      comparison.file(name, fs::exists(actual) ? read_file(actual) : "(no such file)\n");
    } else if (file.extension() == ".csv") {
      std::vector<std::string> show{"show", file.stem().string(), "--csv"};
      if (!test.period.empty()) show.insert(show.end(), {"--period", test.period});
      const Outcome rows = run_self(show, copy, scratch);
      comparison.file(name, rows.exit_code == 0 ? rows.out : rows.err);
    }
  }
  return comparison.message();
}

CaseResult run_case(const Case& test, const fs::path& workspace, const fs::path& scratch,
                    bool update) {
  CaseResult result{test.name, CaseResult::State::passed, missing_need(test)};
  if (!result.message.empty()) {
    result.state = CaseResult::State::not_run;
    return result;
  }
  const fs::path folder = scratch / test.name;
  const fs::path copy = folder / workspace.filename();
  copy_workspace(workspace, copy);
  if (fs::is_directory(test.folder / "in"))
    fs::copy(test.folder / "in", copy,
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  result.message = run_and_compare(test, copy, folder, update);
  if (!result.message.empty()) result.state = CaseResult::State::failed;
  return result;
}

[[noreturn]] void throw_unknown_case(const fs::path& workspace, const std::string& name,
                                     const std::vector<std::string>& names) {
  const std::string meant = did_you_mean(name, names);
  throw Error(ErrorClass::config, "no case '" + name + "' in " + (workspace / "tests").string() +
                                      "; " +
                                      (!meant.empty()  ? meant
                                       : names.empty() ? "there are none"
                                                       : "the cases are " + join(names, ", ")));
}

}  // namespace

std::vector<OptionSpec> case_options() {
  const OptionSpec line{.name = "line", .kind = OptionKind::text};
  return {{.name = "description", .kind = OptionKind::text, .summary = "What the case shows."},
          {.name = "period",
           .kind = OptionKind::text,
           .summary = "The period of the datasets that expected/<dataset>.csv holds."},
          {.name = "run",
           .kind = OptionKind::list,
           .summary = "Command lines without the program's name; `copy FILE TO` lays a file of the "
                      "case into the workspace's copy, `replace FILE TEXT BY` edits one there.",
           .required = true,
           .fields = {line}},
          {.name = "needs",
           .kind = OptionKind::list,
           .summary = "Paths below $TALLYMILL_DATA, without which the case is not run.",
           .fields = {line}}};
}

std::vector<CaseResult> run_cases(const fs::path& workspace, const std::string& only, bool update,
                                  const fs::path& scratch,
                                  const std::function<void(const CaseResult&)>& on_result) {
  std::vector<fs::path> folders;
  std::vector<std::string> names;
  if (fs::is_directory(workspace / "tests"))
    for (const fs::directory_entry& entry : fs::directory_iterator(workspace / "tests"))
      if (fs::exists(entry.path() / "case.yaml")) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  std::vector<CaseResult> results;
  for (const fs::path& folder : folders) {
    names.push_back(folder.filename().string());
    if (!only.empty() && names.back() != only) continue;
    results.push_back(run_case(load_case(folder), workspace, scratch, update));
    on_result(results.back());
  }
  if (results.empty() && !only.empty()) throw_unknown_case(workspace, only, names);
  return results;
}

}  // namespace tallymill
