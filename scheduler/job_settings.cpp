#include "scheduler/job_settings.h"

#include <cstdlib>

#include "core/text.h"

namespace tallymill {
namespace {

constexpr int kMostRetries = 100;
constexpr int kMostPriority = 1'000'000;
constexpr double kMostFactor = 100;

int read_integer(YamlNode node, std::string_view name, int least, int most, int fallback,
                 Diagnostics& diagnostics) {
  const auto value = node.as_integer();
  if (!value) return fallback;
  if (*value >= least && *value <= most) return static_cast<int>(*value);
  diagnostics.error(node.position(), "option '" + std::string(name) + "' must be from " +
                                         std::to_string(least) + " to " + std::to_string(most) +
                                         ", got " + std::string(node.text()));
  return fallback;
}

std::chrono::milliseconds read_duration(YamlNode node, std::string_view name,
                                        std::chrono::milliseconds fallback,
                                        Diagnostics& diagnostics) {
  const auto value = parse_duration(node.text());
  if (!value) return fallback;
  if (*value > std::chrono::milliseconds::zero()) return *value;
  diagnostics.error(node.position(), "option '" + std::string(name) + "' must be over zero, got '" +
                                         std::string(node.text()) + "'");
  return fallback;
}

/// A number is the tries after what may go away by itself.
Retries read_retries(YamlNode node, Retries retries, Diagnostics& diagnostics) {
  const YamlNode transient = node.is_mapping() ? node.find("transient") : node;
  retries.transient =
      read_integer(transient, "retries", 0, kMostRetries, retries.transient, diagnostics);
  retries.memory =
      read_integer(node.find("memory"), "memory", 0, kMostRetries, retries.memory, diagnostics);
  return retries;
}

Backoff read_backoff(YamlNode node, Backoff backoff, Diagnostics& diagnostics) {
  backoff.first = read_duration(node.find("first"), "first", backoff.first, diagnostics);
  backoff.max = read_duration(node.find("max"), "max", backoff.max, diagnostics);
  const YamlNode factor = node.find("factor");
  if (factor.is_scalar()) {
    // Not money: a waiting time may be a double.
    const double value = std::strtod(std::string(factor.text()).c_str(), nullptr);
    if (value >= 1 && value <= kMostFactor)
      backoff.factor = value;
    else
      diagnostics.error(factor.position(), "option 'factor' must be from 1 to 100, got '" +
                                               std::string(factor.text()) + "'");
  }
  if (backoff.max < backoff.first && node.find("max"))
    diagnostics.error(node.find("max").position(), "option 'max' (" + format_duration(backoff.max) +
                                                       ") is below 'first' (" +
                                                       format_duration(backoff.first) + ")");
  return backoff;
}

}  // namespace

JobSettings read_job_settings(YamlNode node, const JobSettings& defaults,
                              Diagnostics& diagnostics) {
  JobSettings settings = defaults;
  settings.retries = read_retries(node.find("retries"), settings.retries, diagnostics);
  settings.priority = read_integer(node.find("priority"), "priority", -kMostPriority, kMostPriority,
                                   settings.priority, diagnostics);
  settings.timeout = read_duration(node.find("timeout"), "timeout", settings.timeout, diagnostics);
  settings.queue_timeout = read_duration(node.find("queue_timeout"), "queue_timeout",
                                         settings.queue_timeout, diagnostics);
  if (const YamlNode backoff = node.find("backoff"))
    settings.backoff = read_backoff(backoff, settings.backoff, diagnostics);
  if (const YamlNode pool = node.find("resource_pool"); pool.is_scalar())
    settings.resource_pool = pool.text();
  return settings;
}

}  // namespace tallymill
