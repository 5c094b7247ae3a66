#include "verify/recorded_job.h"

#include "core/error.h"

namespace tallymill::verify {

std::string input_name(const Options& input) {
  return input.text(input.has("as") ? "as" : "dataset");
}

const std::vector<RecordedVersion>& input_versions(const RecordedJob& job, const std::string& key) {
  const std::string name = input_name(job.options.object(key));
  const auto found = job.inputs.find(name);
  if (found == job.inputs.end() || found->second.empty())
    throw Error(ErrorClass::data, "the run has no version of '" + name + "' on record");
  return found->second;
}

const RecordedVersion* find_made(const RecordedJob& job, const std::string& dataset) {
  for (const RecordedVersion& version : job.made)
    if (version.dataset == dataset) return &version;
  return nullptr;
}

const RecordedVersion& made_version(const RecordedJob& job, const std::string& dataset) {
  if (const RecordedVersion* version = find_made(job, dataset)) return *version;
  throw Error(ErrorClass::data, "'" + dataset + "' is not on record");
}

}  // namespace tallymill::verify
