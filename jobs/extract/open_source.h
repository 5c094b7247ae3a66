#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "jobs/job.h"

namespace tallymill {

/// An opened source and what keeps it open.
struct OpenSource {
  NamedConnector connector;
  std::unique_ptr<RecordReader> reader;
};

/// Opens what `from` asks of the task's connector of that name. Throws the connector's Error, which
/// names it.
OpenSource open_source(JobContext& context, const std::string& connector, const Options& from,
                       std::vector<WantedColumn> wanted);

}  // namespace tallymill
