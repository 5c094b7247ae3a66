#pragma once

#include <chrono>
#include <string>

#include "core/diagnostics.h"
#include "core/yaml.h"
#include "scheduler/graph.h"

namespace tallymill {

/// What a graph's `defaults:` and every job may say about how tries are run.
struct JobSettings {
  Retries retries;
  Backoff backoff;
  std::chrono::milliseconds timeout{3'600'000};
  std::chrono::milliseconds queue_timeout{0};
  std::string resource_pool = "cpu";
  int priority = 0;
};

/// The settings in mapping `node` over those in `defaults`; an empty handle gives `defaults`.
/// Kinds were checked by validate_options(); this reports values out of range.
JobSettings read_job_settings(YamlNode node, const JobSettings& defaults, Diagnostics& diagnostics);

}  // namespace tallymill
