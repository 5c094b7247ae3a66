#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/text_table.h"
#include "cli/verification.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/money.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr int kCertificateFormat = 1;

std::string place_of(const json::object& mismatch) {
  std::string place = json_text(mismatch, "dataset");
  if (const json::value* file = mismatch.if_contains("file"))
    place += "/" + std::string(file->as_string());
  if (const json::value* line = mismatch.if_contains("line"))
    place += ":" + std::to_string(line->as_int64());
  return place;
}

/// What does not hold, one line each, with what was left unsaid.
void print_mismatches(const json::object& proof, std::ostream& out) {
  std::int64_t shown = 0;
  for (const json::value& value : json_at(proof, "mismatches").as_array()) {
    const json::object& mismatch = value.as_object();
    out << "  " << place_of(mismatch) << ": " << json_text(mismatch, "identity") << "\n"
        << "    expected " << json_text(mismatch, "expected") << "\n"
        << "    found    " << json_text(mismatch, "found") << "\n";
    ++shown;
  }
  if (const std::int64_t more = json_integer(proof, "failures") - shown; more > 0)
    out << "  and " << more << " more\n";
}

std::string looked_at(const json::object& part) {
  std::int64_t rows = 0;
  for (const json::value& version : json_at(part, "made").as_array())
    rows += json_integer(version.as_object(), "rows");
  const json::object& proof = json_at(part, "proof").as_object();
  const auto count = [](std::int64_t number, const std::string& one, const std::string& many) {
    return format_amount(number, 0) + " " + (number == 1 ? one : many);
  };
  const auto size = [](const json::object& object, const char* list) {
    return static_cast<std::int64_t>(json_at(object, list).as_array().size());
  };
  return count(size(part, "made"), "version", "versions") + ", " + count(rows, "row", "rows") +
         ", " + count(size(proof, "identities"), "identity", "identities");
}

/// Whose versions these are, where the run made none of its own: ", same result as RUN".
std::string origin(const json::object& part, const std::string& run) {
  const std::string made_by = json_text(part, "made_by");
  if (json_boolean(part, "same_result"))
    return ", same result as " + (made_by == run ? "before" : made_by);
  return made_by == run ? "" : ", made by " + made_by;
}

void print_job(const json::object& part, const std::string& run, std::ostream& out) {
  const std::string state = json_text(part, "state");
  const std::string job = json_text(part, "job");
  if (state == "nothing") {
    out << job << ": published nothing, " << json_text(part, "why") << "\n";
    return;
  }
  if (state == "left_out") {
    out << job << ": not verified, " << json_text(part, "why") << "\n";
    return;
  }
  const json::object& proof = json_at(part, "proof").as_object();
  out << job << ": " << (state == "verified" ? "holds" : "DOES NOT HOLD") << origin(part, run)
      << ", " << looked_at(part) << "\n";
  print_mismatches(proof, out);
  for (const json::value& what : json_at(proof, "left_out").as_array())
    out << "  not recomputed: " << std::string(what.as_string()) << "\n";
}

/// Its own digest closes it: what was changed in it afterwards shows.
std::string signed_text(json::object certificate) {
  certificate["sha256"] = sha256_hex(json::serialize(certificate));
  return pretty_json(certificate);
}

std::vector<JobRunRecord> chosen_jobs(const Invocation& invocation, StoreView& store,
                                      const RunRecord& run) {
  if (invocation.has("JOB")) return {find_job_run(store, run, job_run_of(invocation))};
  return store.job_runs(run.id);
}

Exit run_verify(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  const RunRecord run = store.find_run(invocation.text("RUN"));
  Verification verification(workspace, store, run);
  const bool is_whole = json_boolean(verification.journal(), "whole");
  json::array jobs;
  std::int64_t broken = is_whole ? 0 : 1;
  std::int64_t left_out = 0;
  std::int64_t nothing = 0;
  if (!invocation.json()) {
    invocation.out() << "run " << run.id << "\n";
    if (!is_whole)
      invocation.out() << "the journal is broken: " << json_text(verification.journal(), "problem")
                       << "; what it says of the run cannot be relied on\n";
  }
  for (const JobRunRecord& job : chosen_jobs(invocation, store, run)) {
    json::object part = verification.verify(job, invocation.has("certificate"));
    if (!invocation.json()) print_job(part, run.id, invocation.out());
    broken += json_text(part, "state") == "broken" ? 1 : 0;
    left_out += json_text(part, "state") == "left_out" ? 1 : 0;
    nothing += json_text(part, "state") == "nothing" ? 1 : 0;
    jobs.push_back(std::move(part));
  }
  json::object certificate{{"format", kCertificateFormat},
                           {"run", run.id},
                           {"graph", run.graph},
                           {"period", run.period},
                           {"holds", broken == 0},
                           {"left_out", left_out},
                           {"journal", verification.journal()},
                           {"jobs", std::move(jobs)}};
  if (invocation.has("certificate"))
    write_file_durably(invocation.text("certificate"), signed_text(certificate));
  if (invocation.json())
    invocation.out() << pretty_json(certificate);
  else
    invocation.out() << (broken > 0     ? "the run does not hold\n"
                         : left_out > 0 ? "what is still kept of the run holds\n"
                         : nothing > 0  ? "what the run published holds\n"
                                        : "the run holds\n");
  return broken == 0 ? Exit::ok : Exit::findings;
}

}  // namespace

void register_verify(Registry<Command>& commands) {
  commands.add({
      .name = "verify",
      .summary = "Recomputes what a run published, by a second path, and names what does not hold.",
      .example = "tallymill verify cost_attribution",
      .arguments = {{"RUN", "A run, or a graph's name for its newest one."},
                    {"JOB", "Only this job.", false}},
      .flags = {partition_flag("Of this partition; JOB may also be job[value]."),
                {.name = "certificate",
                 .value = "FILE",
                 .summary = "Write what was proven, pool by pool, as signed JSON."},
                json_flag()},
      .run = run_verify,
  });
}

}  // namespace tallymill
