#include "scheduler/service_log.h"

#include "core/json.h"
#include "scheduler/machine.h"

namespace tallymill {
namespace {

/// Quoted as JSON where a reader of key=value would stumble.
std::string value_text(const std::string& value) {
  if (!value.empty() && value.find_first_of(" \"=\n\t") == std::string::npos) return value;
  return json::serialize(json::value(value));
}

}  // namespace

void ServiceLog::line(const std::string& level, const std::string& event, const Fields& fields) {
  std::string text = utc_now() + " " + level + " event=" + event;
  for (const auto& [key, value] : fields) text += " " + key + "=" + value_text(value);
  out_ << text << std::endl;
}

void ServiceLog::started(const LiveRun& run, bool goes_on) {
  info(goes_on ? "run_goes_on" : "run_started",
       {{"run", run.record().id}, {"by", run.record().who}});
}

void ServiceLog::changed(const LiveRun& run, const std::vector<JobIndex>& jobs) {
  for (const JobIndex index : jobs) {
    const LiveJob& job = run.job(index);
    Fields fields{{"run", run.record().id}, {"job", run.node(index).spec.name}};
    if (job.held) {
      fields.emplace_back("why", job.reason);
      info("job_waits", fields);
    } else if (job.state == JobRunState::failed || job.state == JobRunState::retry_wait) {
      fields.emplace_back("state", std::string(to_string(job.state)));
      fields.emplace_back("class", job.summary.error_class);
      fields.emplace_back("error", job.summary.error.substr(0, job.summary.error.find('\n')));
      warn("job_failed", fields);
    } else if (job.blocked) {
      fields.emplace_back("why", job.reason);
      warn("job_blocked", fields);
    }
  }
}

void ServiceLog::waits(const LiveRun& run) { info("run_waits", {{"run", run.record().id}}); }

void ServiceLog::ended(const LiveRun& run, RunVerdict verdict) {
  const Fields fields{{"run", run.record().id}, {"verdict", std::string(to_string(verdict))}};
  if (verdict == RunVerdict::ok)
    info("run_ended", fields);
  else
    warn("run_ended", fields);
}

}  // namespace tallymill
