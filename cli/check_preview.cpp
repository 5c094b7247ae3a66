#include "cli/check_preview.h"

#include <filesystem>

#include "cli/dataset_query.h"
#include "cli/run_results.h"
#include "cli/sensitive_log.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConnector = "file";
constexpr std::size_t kWidestFound = 60;

/// The job that reads the dataset from a source. Throws Error(config) where none does.
const JobNode& extract_of(const Workspace& workspace, const std::string& dataset) {
  const DatasetInfo& info = workspace.datasets.at(dataset);
  const JobNode* job = workspace.graphs.at(info.graph)->find_job(info.job);
  if (job == nullptr || job->spec.type != "extract")
    throw Error(ErrorClass::config, "--file stands for what an extract job reads, and dataset '" +
                                        dataset + "' is made by job '" + info.job + "' of graph '" +
                                        info.graph +
                                        (job == nullptr ? "'" : "', of type " + job->spec.type) +
                                        "; name a check of what an extract makes");
  return *job;
}

/// What the extract reads, from the file instead: how it is written stays as the job says.
json::value from_file(const JobSpec& extract, const fs::path& file) {
  json::object from =
      parse_json(extract.options.node("from").canonical(), "from of the extract").as_object();
  if (!from.contains("path"))
    throw Error(ErrorClass::config, "job '" + extract.name +
                                        "' reads no files, so a file cannot stand for its source; "
                                        "leave out --file");
  for (const char* of_deliveries : {"expect", "optional"}) from.erase(of_deliveries);
  from["connector"] = kConnector;
  from["path"] = file.filename().string();
  return task_subtree(from);
}

/// Empty if nobody asked for it.
std::string failures_path(const Invocation& invocation) {
  if (!invocation.has("failures")) return {};
  const fs::path file = fs::absolute(invocation.text("failures")).lexically_normal();
  if (!fs::is_directory(file.parent_path()))
    throw Error(ErrorClass::config, "--failures " + invocation.text("failures") +
                                        ": there is no folder '" + file.parent_path().string() +
                                        "'");
  return file.string();
}

Task make_query(const Workspace& workspace, const Invocation& invocation, const std::string& of,
                Task task) {
  json::object question{{"query", "check_preview"},
                        {"dataset", of},
                        {"extract", nullptr},
                        {"failures", failures_path(invocation)},
                        {"reveal", invocation.has("reveal")}};
  fs::path file;
  if (invocation.has("file")) {
    file = fs::absolute(invocation.text("file")).lexically_normal();
    if (!fs::is_regular_file(file))
      throw Error(ErrorClass::config, "there is no file '" + invocation.text("file") + "'");
    const JobSpec& extract = extract_of(workspace, of).spec;
    question["extract"] = {{"spec", extract.options.node().to_json()},
                           {"from", from_file(extract, file)}};
  }
  const std::string period = task.period;
  Task query = query_about({std::move(task)}, std::move(question));
  query.period = period;
  query.threads = 0;  // all cores, as a job that runs alone
  if (!file.empty()) add_file_connector(file, kConnector, query);
  return query;
}

std::string counted(std::int64_t number, const std::string& one, const std::string& many) {
  return group_digits(number) + " " + (number == 1 ? one : many);
}

std::string head(const json::object& preview) {
  std::string text = json_text(preview, "graph") + " " + json_text(preview, "period") + ", job " +
                     json_text(preview, "job") + ": ";
  if (const json::value* records = preview.if_contains("records")) {
    text +=
        json_text(preview, "file") + " has " + counted(records->as_int64(), "record", "records");
    for (const auto& [reason, rows] : json_at(preview, "rejected").as_object())
      text += ", " + group_digits(rows.as_int64()) + " rejected as " + std::string(reason);
    text += "; ";
  }
  return text + counted(json_integer(preview, "rows"), "row", "rows") +
         " checked; nothing is published\n";
}

std::string checks(const json::object& preview) {
  TextTable table(
      {{"check"}, {"severity"}, {"outcome"}, {"checked", true}, {"failed", true}, {"found"}});
  for (const json::value& item : json_at(preview, "checks").as_array()) {
    const json::object& check = item.as_object();
    table.add({json_text(check, "name"), json_text(check, "severity"), outcome_of_check(check),
               group_digits(json_integer(check, "rows_checked")),
               group_digits(json_integer(check, "rows_failed")),
               fit(json_text(check, "observed"), kWidestFound)});
  }
  return table.text();
}

/// `on_fail: fail` of a check that failed.
bool fails_job(const json::object& gate) {
  return !json_boolean(gate, "passed") && json_text(gate, "on_fail") == "fail";
}

/// That the extract would reject too many of a file's records; nothing where it would not.
const json::object* refusal(const json::object& preview) {
  const json::value* refused = preview.if_contains("refused");
  return refused == nullptr ? nullptr : refused->if_object();
}

std::string tail(const Invocation& invocation, const json::object& preview) {
  std::string text;
  if (const json::object* refused = refusal(preview))
    text += "a run would fail: job '" + json_text(preview, "extract") + "' rejects " +
            group_digits(json_integer(*refused, "rejected")) + " of " +
            counted(json_integer(*refused, "records"), "record", "records") + ", more than " +
            json_text(*refused, "limit") + "\n";
  if (const json::object* gate = json_at(preview, "gate").if_object())
    text += "the gate of '" + json_text(*gate, "dataset") + "' would " +
            (json_boolean(*gate, "passed") ? "let it pass"
             : fails_job(*gate)            ? "refuse it, and the job would fail"
                                           : "refuse it") +
            "\n";
  if (invocation.has("failures"))
    text += counted(json_integer(preview, "findings"), "finding", "findings") + " written to " +
            invocation.text("failures") + "\n";
  return text.empty() ? text : "\n" + text;
}

/// As a run would end: a job that fails, then a check of severity error that does.
Exit exit_of(const json::object& preview) {
  if (refusal(preview) != nullptr) return Exit::failed;
  const json::object* gate = json_at(preview, "gate").if_object();
  if (gate != nullptr && fails_job(*gate)) return Exit::failed;
  for (const json::value& check : json_at(preview, "checks").as_array())
    if (outcome_of_check(check.as_object()) == "fail") return Exit::findings;
  return Exit::ok;
}

/// The table of checks shows no values: there is nothing to reveal but the failing rows.
void require_shown_rows(const Invocation& invocation) {
  if (invocation.has("reveal") && !invocation.has("failures"))
    throw Error(ErrorClass::config,
                "--reveal is about the failing rows, and they are written nowhere; add --failures "
                "FILE");
}

/// Of a file nobody has published there is no version to name.
SensitiveShown shown_of(const Invocation& invocation, ImaginedJob& imagined,
                        const std::string& of) {
  SensitiveShown shown{.dataset = of, .period = imagined.period().text()};
  if (invocation.has("file")) return shown;
  const auto visible =
      imagined.store().visible(of, imagined.period().text(), imagined.job().partition);
  if (visible) shown.versions.push_back(visible->id);
  return shown;
}

}  // namespace

Exit preview_check(const Invocation& invocation, ImaginedJob& imagined) {
  const JobNode& job = imagined.job();
  const std::string of = job.shape.inputs.front().dataset;
  Task task = imagined.task("check", invocation.has("file") ? of : "");
  json::object preview{{"graph", invocation.text("GRAPH")},
                       {"job", job.spec.name},
                       {"period", imagined.period().text()},
                       {"dataset", of},
                       {"file", nullptr}};
  require_shown_rows(invocation);
  Task query = make_query(imagined.workspace(), invocation, of, std::move(task));
  if (invocation.has("file")) {
    preview["file"] = invocation.text("file");
    preview["extract"] = extract_of(imagined.workspace(), of).spec.name;
  }
  record_reveal(invocation, imagined.workspace(), shown_of(invocation, imagined, of));
  imagined.answer(std::move(query), preview);
  invocation.out() << (invocation.json()
                           ? pretty_json(preview)
                           : head(preview) + checks(preview) + tail(invocation, preview));
  return exit_of(preview);
}

}  // namespace tallymill
