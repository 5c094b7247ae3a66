#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "tests/verify/published_job.h"

namespace tallymill {

/// Changes of published rows: one digit or letter, a row dropped or doubled. The same each time.
class Mutations {
 public:
  /// How many of those who tell of a version agree with its changed rows.
  enum class Agreement { nobody, manifest, journal };

  explicit Mutations(std::uint32_t seed = 20260131) : random_(seed) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  /// A select over "rows" that changes one digit or letter, drops a row or doubles one.
  std::string next(PublishedJob& job, const verify::RecordedVersion& version);

  /// Whether verification objects to the dataset with these rows; they are taken back afterwards.
  static bool is_noticed(PublishedJob& job, const std::string& dataset, const std::string& select,
                         Agreement agreement);

  /// So many changes of the job's datasets in turn, each of which must be noticed, whoever agrees.
  void expect_noticed(PublishedJob& job, const std::vector<std::string>& datasets, int count);

 private:
  std::string changed_cell(PublishedJob& job, const verify::RecordedVersion& version,
                           const std::string& row, const std::string& numbered);
  std::string with_other_character(std::string text, const Type& type);

  std::mt19937 random_;
};

}  // namespace tallymill
