#include "connectors/files/found_files.h"

#include <fnmatch.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace tallymill {

namespace fs = std::filesystem;

namespace {

std::string shown(const fs::path& path) { return "'" + path.string() + "'"; }

/// Names of the entries of `folder`, sorted; empty if it is not a readable folder.
std::vector<std::string> entry_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

bool is_within(const fs::path& path, const fs::path& root) {
  const auto [left, right] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return left == root.end();
}

/// "did you mean 'x'?", or the first few files that are there.
std::string hint_for(const fs::path& missing) {
  const std::vector<std::string> names = entry_names(missing.parent_path());
  if (names.empty()) return "; that folder is empty or missing";
  if (std::string meant = did_you_mean(missing.filename().string(), names); !meant.empty())
    return "; " + meant;
  constexpr std::size_t kShown = 5;
  const std::vector<std::string> first(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShown)));
  return "; there: " + join(first, ", ") + (names.size() > kShown ? ", ..." : "");
}

/// Adds every path below `folder` that matches `parts` from `next` on, relative to the root.
void match(const fs::path& folder, const std::vector<std::string>& parts, std::size_t next,
           const std::string& name, std::vector<std::string>& found) {
  const bool is_last = next + 1 == parts.size();
  std::vector<std::string> candidates;
  if (!has_wildcard(parts[next]))
    candidates.push_back(parts[next]);
  else
    for (std::string& entry : entry_names(folder))
      // FNM_PERIOD: hidden files are half-written uploads and markers, never meant.
      if (::fnmatch(parts[next].c_str(), entry.c_str(), FNM_PERIOD) == 0)
        candidates.push_back(std::move(entry));
  for (const std::string& candidate : candidates) {
    const fs::path path = folder / candidate;
    const std::string relative = name.empty() ? candidate : name + "/" + candidate;
    std::error_code error;
    if (is_last && fs::is_regular_file(path, error)) found.push_back(relative);
    if (!is_last && fs::is_directory(path, error)) match(path, parts, next + 1, relative, found);
  }
}

}  // namespace

bool has_wildcard(std::string_view name) {
  return name.find_first_of("*?[") != std::string_view::npos;
}

FileRoot::FileRoot(fs::path root, SourcePosition where)
    : root_(std::move(root)), where_(std::move(where)) {}

void FileRoot::check_name(const std::string& name, const SourcePosition& where) const {
  if (name.empty()) throw Error(ErrorClass::config, "the path is empty", where);
  if (name.front() == '/')
    throw Error(ErrorClass::config,
                "path '" + name + "' is absolute; it must be relative to the connector's root " +
                    shown(root_),
                where);
  for (const std::string& part : split(name, '/'))
    if (part == "..")
      throw Error(ErrorClass::config,
                  "path '" + name + "' leads out of the connector's root " + shown(root_), where);
}

fs::path FileRoot::resolved_root() const {
  std::error_code error;
  fs::path resolved = fs::canonical(root_, error);
  if (error || !fs::is_directory(resolved, error))
    throw Error(ErrorClass::config, "the connector's root " + shown(root_) + " is no folder",
                where_);
  return resolved;
}

std::vector<FoundFile> FileRoot::find(const std::string& pattern,
                                      const SourcePosition& where) const {
  check_name(pattern, where);
  const fs::path root = resolved_root();
  std::vector<std::string> parts = split(pattern, '/');
  std::erase_if(parts, [](const std::string& part) { return part.empty() || part == "."; });
  std::vector<std::string> names;
  if (!parts.empty()) match(root, parts, 0, {}, names);
  if (names.empty() && !has_wildcard(pattern)) {
    const fs::path missing = root / pattern;
    std::error_code error;
    if (fs::exists(missing, error))
      throw Error(ErrorClass::data, shown(missing) + " is no regular file", where);
    throw Error(ErrorClass::data, "no such file: " + shown(missing) + hint_for(missing), where);
  }
  std::sort(names.begin(), names.end());
  std::vector<FoundFile> files;
  for (std::string& name : names) {
    fs::path path = fs::canonical(root / name);
    if (!is_within(path, root))
      throw Error(ErrorClass::config,
                  "'" + name + "' is a link to " + shown(path) +
                      ", outside of the connector's root " + shown(root),
                  where);
    files.push_back({std::move(name), std::move(path)});
  }
  return files;
}

bool FileRoot::has(const std::string& name, const SourcePosition& where) const {
  check_name(name, where);
  std::error_code error;
  return fs::is_regular_file(resolved_root() / name, error);
}

fs::path FileRoot::place(const std::string& name, const SourcePosition& where) const {
  check_name(name, where);
  std::error_code error;
  fs::create_directories(root_, error);
  const fs::path root = resolved_root();
  const fs::path target = root / fs::path(name).lexically_normal();
  fs::create_directories(target.parent_path(), error);
  if (error)
    throw Error(ErrorClass::transient,
                "cannot make folder " + shown(target.parent_path()) + ": " + error.message());
  const fs::path folder = fs::canonical(target.parent_path());
  if (!is_within(folder, root))
    throw Error(ErrorClass::config,
                "folder of '" + name + "' is a link to " + shown(folder) +
                    ", outside of the connector's root " + shown(root),
                where);
  if (!target.has_filename() || fs::is_directory(target, error))
    throw Error(ErrorClass::config, shown(target) + " is a folder, not a file to write", where);
  return folder / target.filename();
}

}  // namespace tallymill
