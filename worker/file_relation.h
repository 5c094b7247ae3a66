#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "datasets/type.h"
#include "jobs/job.h"

namespace tallymill {

/// A file as a connector reads it, before anybody has said what its columns are.
struct FileRelation {
  std::string relation;  ///< stands behind FROM; every column is text, with _source and _line
  Schema schema;
  std::map<std::string, std::int64_t> malformed;  ///< records that are none, by reason
};

/// Reads the records of `from` ({"connector": name, ...}, as an extract has it) into a table. What
/// its options do not allow goes to context.diagnostics(), and then nothing is read.
FileRelation read_file_relation(JobContext& context, const Options& from);

}  // namespace tallymill
