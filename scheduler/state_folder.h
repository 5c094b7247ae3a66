#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tallymill {

/// The layout of `state:`; only this class knows it. Paths are absolute.
///
///     store.db  lock  socket  identity.json  trash/<instant>/
///     datasets/<dataset>/<period>/<partition or _>/<version>/
///     attempts/<run>/<job>[@<partition>].<n>/  blobs/<ab>/<sha256>  queries/<id>/  cache/
class StateFolder {
 public:
  explicit StateFolder(std::filesystem::path root) : root_(std::move(root)) {}

  /// Makes the folder (mode 0700) if it is missing. Throws Error(config) if it lies on a network
  /// file system or its parts on different ones: flock and atomic renames need one local disk.
  void prepare() const;
  bool exists() const;

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path store() const { return root_ / "store.db"; }
  std::filesystem::path lock() const { return root_ / "lock"; }
  std::filesystem::path socket() const { return root_ / "socket"; }
  std::filesystem::path identity() const { return root_ / "identity.json"; }
  std::filesystem::path trash() const { return root_ / "trash"; }
  std::filesystem::path datasets() const { return root_ / "datasets"; }
  std::filesystem::path attempts() const { return root_ / "attempts"; }
  std::filesystem::path attempts_of(std::string_view run) const;
  std::filesystem::path blobs() const { return root_ / "blobs"; }
  std::filesystem::path queries() const { return root_ / "queries"; }
  std::filesystem::path cache() const { return root_ / "cache"; }  ///< may be deleted at any time

  /// `job`: its name within the run (job_name.h).
  std::filesystem::path attempt(std::string_view run, std::string_view job, int number) const;
  /// What the folders of a job's attempts are called, before the last dot.
  static std::string job_part(std::string_view job);
  std::filesystem::path version(std::string_view dataset, std::string_view period,
                                std::string_view partition, std::string_view version) const;
  std::filesystem::path blob(std::string_view sha256) const;

 private:
  std::filesystem::path root_;
};

}  // namespace tallymill
