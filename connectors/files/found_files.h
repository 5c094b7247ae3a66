#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/source_position.h"

namespace tallymill {

/// A file below a connector's root.
struct FoundFile {
  std::string name;            ///< relative to the root, with '/': what rows name as `_source`
  std::filesystem::path path;  ///< absolute, symbolic links resolved
};

/// The root of a files connector. Nothing outside of it is ever opened: names are relative, hold no
/// `..`, and a symbolic link that leads out is refused.
class FileRoot {
 public:
  /// `where` is the `root:` option, named by every message about the root itself.
  FileRoot(std::filesystem::path root, SourcePosition where);

  /// Files that match `pattern` (`*`, `?` and `[...]` within one path component), in byte order of
  /// their names; empty if a pattern with wildcards matches none. Throws Error(data) naming files
  /// that are there if a plain name is not, Error(config) if the pattern or a link leads out.
  std::vector<FoundFile> find(const std::string& pattern, const SourcePosition& where) const;

  /// Whether the plain name `name` is a file.
  bool has(const std::string& name, const SourcePosition& where) const;

  /// Where a new file `name` belongs; makes its folders. The same confinement.
  std::filesystem::path place(const std::string& name, const SourcePosition& where) const;

  const std::filesystem::path& path() const { return root_; }

 private:
  void check_name(const std::string& name, const SourcePosition& where) const;
  std::filesystem::path resolved_root() const;

  std::filesystem::path root_;
  SourcePosition where_;
};

bool has_wildcard(std::string_view name);

}  // namespace tallymill
