#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "jobs/extract/extract_spec.h"
#include "jobs/job.h"

namespace tallymill {

/// The rows of a file as an extract job would publish them.
struct ExtractedFile {
  std::string select = {};  ///< of the declared columns, _source and _line
  Schema schema = {};
  std::int64_t records = 0;
  std::map<std::string, std::int64_t> rejected = {};  ///< records, by reason
};

/// Reads the file that `spec.from` names, one file of connector `spec.connector`, into a file of
/// the task's folder. Corrections and control totals are not asked. What the options do not allow
/// goes to context.diagnostics(), and then nothing is read.
ExtractedFile read_extracted_file(JobContext& context, const ExtractSpec& spec);

}  // namespace tallymill
