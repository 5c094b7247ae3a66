#include "scheduler/attempt_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "core/disk_space.h"
#include "core/error.h"
#include "core/json.h"
#include "core/text.h"

namespace tallymill {
namespace {

/// How tallymill-worker ends where it leaves no result (docs/architecture.md, 9).
constexpr int kExitBadTask = 2;
constexpr int kExitNoResult = 4;

/// mkdir(2); what was held may be gone meanwhile, and is then looked for by its path.
bool try_mkdir(const std::string& folder, HeldFolder& near_it) {
  HeldFolder::Place place = near_it.place_of(folder);
  if (::mkdirat(place.folder, place.path, 0700) == 0) return true;
  if (errno != ENOENT || place.folder == AT_FDCWD) return false;
  near_it.let_go();
  place = near_it.place_of(folder);
  return ::mkdirat(place.folder, place.path, 0700) == 0;
}

/// False if it was there already. Makes what it lies in, too.
bool make_folder(const std::string& folder, HeldFolder& near_it) {
  if (try_mkdir(folder, near_it)) return true;
  if (const std::size_t end = folder.rfind('/');
      errno == ENOENT && end != 0 && end != folder.npos) {
    make_folder(folder.substr(0, end), near_it);
    if (try_mkdir(folder, near_it)) return true;
  }
  if (errno != EEXIST) throw file_problem("make the folder", folder, errno);
  return false;
}

/// What an attempt of the same number left here, whose event was never committed. Its task is
/// overwritten.
void clear_leftovers(const std::filesystem::path& folder) {
  std::error_code problem;
  for (const char* leftover : {"result.json", "stdout", "stderr", "log.jsonl"})
    std::filesystem::remove(folder / leftover, problem);
  for (const char* part : {"staging", "tmp"}) remove_part(folder / part);
}

/// What a signal says about the cause; nothing of Tallymill's own sends these to a worker.
AttemptEnding killed(int signal, bool memory_kill) {
  const std::string name = std::string("SIG") + ::sigabbrev_np(signal);
  if (signal == SIGKILL && memory_kill)
    return {{},
            ErrorClass::memory,
            "the kernel killed the worker for lack of memory; lower 'slots:' in tallymill.yaml, or "
            "give the machine more memory"};
  if (signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP)
    return {{},
            ErrorClass::transient,
            "the worker was killed from outside (" + name +
                "), not by Tallymill; the system's log may say by whom ('journalctl -k')"};
  return {{}, ErrorClass::bug, "the worker crashed (" + name + ")"};
}

AttemptEnding without_result(const std::filesystem::path& folder,
                             const std::optional<AttemptExit>& exit, bool memory_kill) {
  if (!exit) return {{}, ErrorClass::transient, "the worker is gone and left no result (lost)"};
  if (exit->signal != 0) return killed(exit->signal, memory_kill);
  if (exit->code == kExitBadTask)
    return {{}, ErrorClass::bug, "the worker refused its task (exit code 2)"};
  if (exit->code == kExitNoResult)
    return {{},
            ErrorClass::transient,
            "the worker could not write its result" +
                (is_disk_nearly_full(folder)
                     ? ": " + full_disk_text(folder) + "; make room, then run again"
                     : std::string())};
  return {{},
          ErrorClass::bug,
          "the worker ended with exit code " + std::to_string(exit->code) + " and left no result"};
}

/// Refuses a result of another format before its fields are looked at.
void check_format(const json::value& value) {
  const json::object* object = value.if_object();
  const json::value* format = object ? object->if_contains("format") : nullptr;
  if (format && format->is_int64() && format->get_int64() != kTaskFormat)
    throw Error(ErrorClass::config,
                "result.json has format " + std::to_string(format->get_int64()) +
                    ", this tallymill reads format " + std::to_string(kTaskFormat) +
                    "; install tallymill and tallymill-worker from the same release");
}

/// Empty if there is none.
std::optional<AttemptEnding> with_result(const std::filesystem::path& file,
                                         const std::string& attempt, const Epoch& epoch,
                                         HeldFolder& near_it) {
  try {
    const std::optional<std::string> text = read_file_if_there(file, near_it);
    if (!text) return std::nullopt;
    const json::value value = parse_json(*text, file.string());
    check_format(value);
    TaskResult result = TaskResult::from_json(value);
    if (result.attempt != attempt || result.epoch != epoch)
      return AttemptEnding{{},
                           ErrorClass::bug,
                           "'" + file.string() + "' belongs to attempt '" + result.attempt +
                               "', epoch " + std::to_string(result.epoch.number) + ", not to '" +
                               attempt + "', epoch " + std::to_string(epoch.number) +
                               "; nothing of it is published"};
    return AttemptEnding{std::move(result), {}, {}};
  } catch (const Error& error) {
    const ErrorClass error_class =
        error.error_class() == ErrorClass::data ? ErrorClass::bug : error.error_class();
    return AttemptEnding{{}, error_class, "the worker's result cannot be read: " + error.message()};
  }
}

}  // namespace

FileLock make_attempt(const Task& task, HeldFolder& near_it) {
  const bool is_new = make_folder(task.folder.native(), near_it);
  const std::string file = task.folder.native() + "/" + kTaskFile;
  const HeldFolder::Place place = near_it.place_of(file);
  UniqueFd fd(::openat(place.folder, place.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.is_open()) throw file_problem("write", file, errno);
  std::optional<FileLock> lock = FileLock::try_lock(std::move(fd), file);
  if (!lock)
    throw Error(ErrorClass::transient, "the folder '" + task.folder.string() +
                                           "' belongs to a living attempt; wait until it ends");
  if (!is_new) {
    clear_leftovers(task.folder);
    if (::ftruncate(lock->fd(), 0) != 0) throw file_problem("write", file, errno);
  }
  write_all(lock->file(), json::serialize(task.to_json()), file);
  return std::move(*lock);
}

void remove_part(const std::filesystem::path& part) {
  // Mostly it is not there, or empty.
  if (::rmdir(part.c_str()) == 0 || errno == ENOENT) return;
  std::error_code problem;
  std::filesystem::remove_all(part, problem);
}

std::string stderr_tail(const std::filesystem::path& folder, std::size_t bytes) {
  std::ifstream in(folder / "stderr", std::ios::binary | std::ios::ate);
  if (!in) return {};
  const auto size = static_cast<std::size_t>(std::max<std::streamoff>(in.tellg(), 0));
  const std::size_t start = size > bytes ? size - bytes : 0;
  std::string text(size - start, '\0');
  in.seekg(static_cast<std::streamoff>(start));
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (start > 0) text.erase(0, text.find('\n') == std::string::npos ? 0 : text.find('\n') + 1);
  return std::string(trim(text));
}

AttemptEnding read_ending(const std::filesystem::path& folder, const std::string& attempt,
                          const Epoch& epoch, const std::optional<AttemptExit>& exit,
                          bool memory_kill, HeldFolder& near_it) {
  std::optional<AttemptEnding> found =
      with_result(folder.native() + "/result.json", attempt, epoch, near_it);
  AttemptEnding ending = found ? std::move(*found) : without_result(folder, exit, memory_kill);
  if (ending.result) return ending;
  const std::string said = stderr_tail(folder);
  if (!said.empty()) ending.error += "; it said:\n" + said;
  return ending;
}

}  // namespace tallymill
