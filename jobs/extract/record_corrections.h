#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/connector.h"
#include "jobs/corrections.h"
#include "jobs/extract/extract_spec.h"

namespace tallymill {

/// Corrections of records, by where they stand in their source. A corrected field goes through the
/// same strict parser as any other.
class RecordCorrections {
 public:
  /// `sources` as the reader has them; corrections and columns outlive this.
  RecordCorrections(const std::vector<Correction>& corrections,
                    const std::vector<ExtractColumn>& columns,
                    const std::vector<std::string>& sources);

  bool empty() const { return said_.empty(); }

  /// The fields of the record that stands there, if somebody has corrected it as it is: `fields`
  /// with what was said, into `corrected`. A record that could not be taken apart has no fields:
  /// it is then all that was said. Called by several threads.
  bool correct(std::size_t source, std::int64_t line, std::span<const SourceField> fields,
               std::string_view original, std::vector<SourceField>& corrected);

  /// Stages `<job>.corrections` once every record was seen, and tells what became of them.
  void stage(JobContext& context, bool sensitive) const;

 private:
  struct Said {
    const Correction* correction;
    std::string outcome;
    std::map<std::string, std::optional<std::string>> before;  ///< by column, once the record came
  };

  const std::vector<ExtractColumn>& columns_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::int64_t>, Said> said_;
  std::vector<std::string> sources_;
};

}  // namespace tallymill
