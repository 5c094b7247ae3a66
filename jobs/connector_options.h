#pragma once

#include <string>
#include <vector>

#include "connectors/connector.h"
#include "core/job_shape.h"
#include "jobs/job.h"

namespace tallymill {

/// Every connector type; made once.
const Registry<ConnectorType>& connector_types();

/// Which side of a connector a mapping speaks to.
enum class ConnectorSide { from, to, compare };

/// Reports, without knowing the connector's type, a mapping that lacks `connector:` or has keys no
/// type knows; notes the connector in `shape`.
void shape_connector(YamlNode mapping, ConnectorSide side, const std::vector<std::string>& own_keys,
                     JobShape& shape, Diagnostics& diagnostics);

/// Checks a mapping against the options of the very connector it names, as the task carries it;
/// also that its texts expand.
void check_connector_options(YamlNode mapping, const std::string& connector, ConnectorSide side,
                             const std::vector<std::string>& own_keys, JobContext& context);

/// :period, :period_first_day, :period_last_day and :param_NAME of a task.
std::vector<SourceParameter> source_parameters(const Task& task);

}  // namespace tallymill
