#include "connectors/files/file_expectations.h"

#include <cctype>
#include <chrono>
#include <map>

#include "core/digest.h"
#include "core/error.h"
#include "core/file_checksum.h"
#include "core/files.h"
#include "core/text.h"
#include "core/time/date.h"
#include "core/time/zone.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// Beyond it a message would be read by nobody.
constexpr std::size_t kMostProblems = 20;

Instant changed_at(const fs::path& file) {
  const auto time = std::chrono::file_clock::to_sys(fs::last_write_time(file)).time_since_epoch();
  return {std::chrono::floor<std::chrono::seconds>(time).count()};
}

std::string lower_case(std::string text) {
  for (char& each : text) each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  return text;
}

class Delivery {
 public:
  Delivery(std::span<const FoundFile> files, const ReadRequest& request)
      : files_(files), request_(request), expect_(request.from.object("expect")) {}

  void require() {
    compare_count();
    for (const FoundFile& file : files_) {
      compare_size(file);
      compare_time(file);
      compare_checksum(file);
    }
    compare_contents();
    if (problems_.empty()) return;
    const std::size_t found = problems_.size();
    if (found > kMostProblems) {
      problems_.resize(kMostProblems);
      problems_.push_back("and " + std::to_string(found - kMostProblems) + " more");
    }
    throw Error(ErrorClass::data,
                "the delivery is not what is expected, and nothing of it was read: " +
                    join(problems_, "; "),
                request_.from.position("expect"));
  }

 private:
  bool is_beyond(const char* least, const char* most, std::int64_t value) const {
    return (expect_.has(least) && value < expect_.integer(least)) ||
           (expect_.has(most) && value > expect_.integer(most));
  }
  /// "at least 1", "at most 5", "1 to 5".
  std::string range(const char* least, const char* most) const {
    if (!expect_.has(most)) return "at least " + std::to_string(expect_.integer(least));
    if (!expect_.has(least)) return "at most " + std::to_string(expect_.integer(most));
    return std::to_string(expect_.integer(least)) + " to " + std::to_string(expect_.integer(most));
  }

  void compare_count() {
    const auto count = static_cast<std::int64_t>(files_.size());
    if (is_beyond("min_files", "max_files", count))
      problems_.push_back(std::to_string(count) + (count == 1 ? " file" : " files") +
                          ", expected " + range("min_files", "max_files"));
  }

  void compare_size(const FoundFile& file) {
    const auto bytes = static_cast<std::int64_t>(fs::file_size(file.path));
    if (is_beyond("min_bytes", "max_bytes", bytes))
      problems_.push_back("'" + file.name + "' has " + std::to_string(bytes) + " bytes, expected " +
                          range("min_bytes", "max_bytes"));
  }

  void compare_time(const FoundFile& file) {
    if (!expect_.has("modified_after")) return;
    const SourcePosition where = expect_.position("modified_after");
    const std::string text = expect_.text("modified_after");
    const std::string day = request_.expand ? request_.expand(text, where) : text;
    const auto date = parse_date(day);
    if (!date)
      throw Error(ErrorClass::config,
                  "modified_after '" + day + "' is no date; it is written 2026-01-31", where);
    const Zone zone = request_.zone.empty() ? Zone() : Zone::find(request_.zone).value_or(Zone());
    const Instant changed = changed_at(file.path);
    if (zone.local(changed).day() <= date.value)
      problems_.push_back("'" + file.name + "' was last changed " + zone.text(changed) +
                          ", expected a day after " + date.value.text());
  }

  void compare_checksum(const FoundFile& file) {
    if (!expect_.has("checksum")) return;
    const std::string kind = expect_.text("checksum");
    const auto said = read_file_if_there(fs::path(file.path.string() + "." + kind));
    if (!said) {
      problems_.push_back("there is no '" + file.name + "." + kind + "'");
      return;
    }
    // As md5sum and sha256sum write it: the digest, blanks, the name.
    const std::string digest = lower_case(said->substr(0, said->find_first_of(" \t\r\n")));
    const std::string found =
        checksum_of(file.path, kind == "md5" ? FileChecksum::md5 : FileChecksum::sha256);
    if (found != digest)
      problems_.push_back("'" + file.name + "' has " + kind + " " + found + ", '" + file.name +
                          "." + kind + "' says " + (digest.empty() ? "nothing" : digest));
  }

  void compare_contents() {
    if (!expect_.boolean("distinct")) return;
    std::map<std::string, std::string> names;
    for (const FoundFile& file : files_) {
      const auto [first, is_new] = names.emplace(xxh3_128_file(file.path).hex(), file.name);
      if (!is_new)
        problems_.push_back("'" + file.name + "' has the same bytes as '" + first->second + "'");
    }
  }

  std::span<const FoundFile> files_;
  const ReadRequest& request_;
  Options expect_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<OptionSpec> FileExpectations::options() {
  return {{.name = "expect",
           .kind = OptionKind::object,
           .summary = "What the delivery must be; else nothing of it is read and the job fails.",
           .fields = {{"min_files", OptionKind::integer, "At least so many files."},
                      {"max_files", OptionKind::integer, "At most so many files."},
                      {"min_bytes", OptionKind::integer, "Each file has at least so many bytes."},
                      {"max_bytes", OptionKind::integer, "Each file has at most so many bytes."},
                      {"modified_after", OptionKind::text,
                       "Each file was last changed on a later day than this one, in the graph's "
                       "time zone; ${...} allowed."},
                      {.name = "checksum",
                       .kind = OptionKind::choice,
                       .summary = "Beside each file lies NAME.md5 or NAME.sha256 with its digest.",
                       .choices = {"md5", "sha256"}},
                      {"distinct", OptionKind::boolean, "No two files hold the same bytes.", false,
                       "false"}}}};
}

void FileExpectations::check(const Options& from, Diagnostics& diagnostics) {
  if (!from.has("expect")) return;
  const Options expect = from.object("expect");
  for (const auto& [least, most] :
       {std::pair{"min_files", "max_files"}, {"min_bytes", "max_bytes"}}) {
    for (const char* key : {least, most})
      if (expect.has(key) && expect.integer(key) < 0)
        diagnostics.error(expect.position(key), std::string(key) + " cannot be below zero");
    if (expect.has(least) && expect.has(most) && expect.integer(least) > expect.integer(most))
      diagnostics.error(expect.position(most),
                        std::string(most) + " " + std::to_string(expect.integer(most)) +
                            " is below " + least + " " + std::to_string(expect.integer(least)),
                        "no delivery can be both");
  }
}

void FileExpectations::require(std::span<const FoundFile> files, const ReadRequest& request) {
  if (request.from.has("expect")) Delivery(files, request).require();
}

}  // namespace tallymill
