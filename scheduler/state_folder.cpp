#include "scheduler/state_folder.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/disk_space.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/job_name.h"

namespace tallymill {
namespace {

// <linux/magic.h> lacks these two.
constexpr long kCifsMagic = 0xFF534D42;
constexpr long kSmb2Magic = 0xFE534D42;

bool is_network_file_system(long magic) {
  constexpr std::array kNetwork{static_cast<long>(NFS_SUPER_MAGIC),
                                kCifsMagic,
                                kSmb2Magic,
                                static_cast<long>(SMB_SUPER_MAGIC),
                                static_cast<long>(V9FS_MAGIC),
                                static_cast<long>(AFS_SUPER_MAGIC),
                                static_cast<long>(CEPH_SUPER_MAGIC)};
  for (const long known : kNetwork)
    if (magic == known) return true;
  return false;
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder.parent_path(), problem);
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return;
  if (is_no_space(errno)) throw file_problem("make the folder", folder, errno);
  throw Error(ErrorClass::config, "cannot make the folder '" + folder.string() +
                                      "': " + std::strerror(errno) +
                                      "; set state: in tallymill.yaml to a folder you may write");
}

dev_t device_of(const std::filesystem::path& folder) {
  struct stat status {};
  return ::stat(folder.c_str(), &status) == 0 ? status.st_dev : 0;
}

}  // namespace

void StateFolder::prepare() const {
  make_folder(root_);
  struct statfs file_system {};
  if (::statfs(root_.c_str(), &file_system) == 0 &&
      is_network_file_system(static_cast<long>(file_system.f_type)))
    throw Error(ErrorClass::config,
                "the state folder '" + root_.string() +
                    "' lies on a network file system, where locks and renames "
                    "cannot be trusted; set state: to a folder on a local disk");
  for (const auto& part : {datasets(), attempts(), blobs(), queries()}) {
    make_folder(part);
    if (device_of(part) != device_of(root_))
      throw Error(ErrorClass::config, "'" + part.string() +
                                          "' lies on another file system than the state folder; a "
                                          "version could not be published by one rename");
  }
}

bool StateFolder::exists() const { return std::filesystem::exists(store()); }

std::string StateFolder::job_part(std::string_view job) {
  const JobName name = split_job_name(job);
  std::string part = percent_encode(name.job);
  if (!name.partition.empty()) part += "@" + percent_encode(name.partition);
  return part;
}

std::filesystem::path StateFolder::attempts_of(std::string_view run) const {
  return root_.native() + "/attempts/" + percent_encode(run);
}

std::filesystem::path StateFolder::attempt(std::string_view run, std::string_view job,
                                           int number) const {
  return attempts_of(run).native() + "/" + job_part(job) + "." + std::to_string(number);
}

std::filesystem::path StateFolder::version(std::string_view dataset, std::string_view period,
                                           std::string_view partition,
                                           std::string_view version) const {
  // "_" means unpartitioned, so a partition that is called "_" needs another spelling.
  const std::string part = partition.empty()  ? "_"
                           : partition == "_" ? "%5F"
                                              : percent_encode(partition);
  return datasets() / percent_encode(dataset) / percent_encode(period) / part /
         percent_encode(version);
}

std::filesystem::path StateFolder::blob(std::string_view sha256) const {
  return blobs() / std::string(sha256.substr(0, 2)) / std::string(sha256);
}

}  // namespace tallymill
