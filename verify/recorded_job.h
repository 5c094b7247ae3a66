#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/options.h"
#include "core/task.h"

namespace tallymill::verify {

/// A version as somebody on record says it is: the store of what a job made, the run's pins of what
/// it read.
struct RecordedVersion {
  std::string dataset;
  std::string version;  ///< the attempt that made it
  std::filesystem::path folder;
  std::string digest;
  bool evidence = false;
  bool is_made = false;   ///< by the job that is verified; else one of its inputs
  std::int64_t rows = 0;  ///< of made ones
  std::map<std::string, std::string> amounts = {};  ///< of made ones: exact sums by column
  /// Of an input that the job reads several periods or partitions of: which one this is.
  struct Origin {
    std::string period;
    std::string partition;
  };
  std::optional<Origin> origin = {};
};

/// What a job was asked to do, and what stands in the store about what it did.
struct RecordedJob {
  std::string graph;
  std::string job;  ///< without its partition
  std::string partition = {};
  std::string period = {};
  std::string type;
  Options options;                          ///< of the job, as it was when it ran
  std::map<std::string, TaskParam> params;  ///< of the run
  /// By what the job calls them; an input may be versions of several periods or partitions.
  std::map<std::string, std::vector<RecordedVersion>> inputs;
  std::vector<RecordedVersion> made;
  /// SQL that the job's options hold, its parameters bound: of drivers, by their own text; of
  /// conditions of sides, by "left where", "right where", or "NAME where" of a system; of
  /// demands on sides and limits of breaks, by "complete_when N" and "write_off N". "life days":
  /// what the days of `life` come to.
  std::map<std::string, std::string> expressions = {};
  std::map<std::string, std::string> files = {};  ///< texts that the run pinned, by path
  json::object ledger;                            ///< see datasets/ledger.h
  json::object report;                            ///< what it counted, where that is kept
};

/// What the job calls an input that an option {dataset, as, ...} names.
std::string input_name(const Options& input);
/// Versions of the input under option `key`. Throws Error(data) if the run has none on record.
const std::vector<RecordedVersion>& input_versions(const RecordedJob& job, const std::string& key);
/// The version of a dataset the job made; null, or Error(data), if it is not on record.
const RecordedVersion* find_made(const RecordedJob& job, const std::string& dataset);
const RecordedVersion& made_version(const RecordedJob& job, const std::string& dataset);

}  // namespace tallymill::verify
