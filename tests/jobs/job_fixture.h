#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "worker/context.h"
#include "worker/inputs.h"
#include "worker/job_of_task.h"
#include "worker/session.h"

namespace tallymill {

using Lines = std::vector<std::string>;

/// One job over hand-made datasets, in this process but in the worker's own context: what it
/// stages is written, read back and digested as in an attempt. Removed at the end.
class JobFixture {
 public:
  JobFixture() {
    static int number = 0;
    root_ = std::filesystem::temp_directory_path() /
            ("tallymill_jobs_" + std::to_string(::getpid()) + "_" + std::to_string(++number));
    task.attempt = "a1";
    task.epoch = {.number = 1, .nonce = std::string(32, '1'), .store_id = std::string(32, '2')};
    task.workspace = root_;
    task.graph = "g";
    task.job = "j";
    task.period = "2026-01";
    task.threads = 2;
    new_attempt();
  }
  ~JobFixture() { std::filesystem::remove_all(root_); }
  JobFixture(const JobFixture&) = delete;
  JobFixture& operator=(const JobFixture&) = delete;

  /// Publishes `select` as a version of `dataset`; a second call for it replaces the first.
  void add_input(const std::string& dataset, const std::string& select, Schema schema) {
    Task maker;
    maker.folder = root_ / ("made_" + dataset + "_" + std::to_string(++versions_));
    std::filesystem::create_directories(maker.folder / "staging");
    Engine engine({.threads = 1, .writable = {maker.folder / "staging"}});
    const TaskOutput output = stage_dataset(
        engine, maker, {.dataset = dataset, .select = select, .schema = std::move(schema)});
    task.inputs[dataset] = {{.version = "v1",
                             .folder = maker.folder / output.folder,
                             .period = "2026-01",
                             .partition = "",
                             .digest = output.digest}};
  }
  void add_file(const std::string& path, const std::string& text) {
    const std::filesystem::path blob = root_ / "blobs" / sha256_hex(text);
    std::filesystem::create_directories(blob.parent_path());
    write_file_durably(blob, text);
    task.files[path] = {.path = path, .sha256 = sha256_hex(text), .blob = blob};
  }
  void add_table(const std::string& name, const std::string& csv) {
    add_file("tables/" + name + ".csv", csv);
  }
  void add_rule(const std::string& name, const std::string& lua) {
    add_file("rules/" + name + ".lua", "local t = require \"tallymill\"\n" + lua);
  }

  /// The job's mapping, as it stands under `jobs:`.
  void set_job(const std::string& yaml) {
    Diagnostics diagnostics;
    document_ = YamlDocument::parse("g.yaml", yaml, diagnostics);
    REQUIRE_MESSAGE(document_, diagnostics.render());
    task.type = std::string(document_->root().find("type").text());
  }

  /// What `validate` says before any data: options and shape. One line a problem.
  std::string shape_problems() {
    shape = {};
    Diagnostics diagnostics;
    const JobSpec spec = job_spec(task, document_->root());
    Registry<JobType> types;
    register_all_jobs(types);
    const JobType* type = types.find(task.type);
    REQUIRE(type != nullptr);
    validate_options(document_->root(), type->options, "job 'j'", diagnostics, {"type"});
    if (!diagnostics.has_errors()) type->shape(spec, shape, diagnostics);
    return texts(diagnostics);
  }
  /// What planning says. One line a problem.
  std::string plan_problems() {
    new_attempt();
    Session session(task, *log_);
    PublishedInputs inputs(task);
    WorkerContext context(task, session, inputs, result);
    const auto job = make_job(job_spec(task, document_->root()));
    schemas = job->plan(context);
    return texts(context.diagnostics());
  }
  /// Plans and runs in a new attempt. Throws what the job throws.
  const TaskResult& run() {
    CHECK(shape_problems() == "");
    new_attempt();
    Session session(task, *log_);
    PublishedInputs inputs(task);
    WorkerContext context(task, session, inputs, result);
    const auto job = make_job(job_spec(task, document_->root()));
    schemas = job->plan(context);
    refuse_problems(context.diagnostics(), result);
    result.outcome = TaskOutcome::succeeded;
    job->run(context);
    if (result.outcome != TaskOutcome::unchanged)
      for (const auto& [dataset, schema] : schemas) CHECK(digest(dataset) != "");
    return result;
  }
  /// The message run() ends with; empty if it does not.
  std::string problem() {
    try {
      run();
    } catch (const Error& error) {
      return error.message();
    }
    return "";
  }

  /// Rows of a staged dataset, ordered by all columns: "a|b|-". `columns` is SQL.
  Lines rows(const std::string& dataset, const std::string& columns = "*") const {
    const std::vector<std::filesystem::path> folders{task.folder / "staging" / dataset};
    Engine engine({.threads = 1, .readable = folders});
    const Rows found =
        engine.query("SELECT " + columns + " FROM " + parquet_relation(folders) + " ORDER BY ALL");
    Lines lines;
    for (const auto& cells : found.cells) {
      Lines parts;
      for (const auto& cell : cells) parts.push_back(cell.value_or("-"));
      lines.push_back(join(parts, "|"));
    }
    return lines;
  }
  std::string digest(const std::string& dataset) const {
    for (const TaskOutput& output : result.outputs)
      if (output.dataset == dataset) return output.digest;
    return "";
  }
  std::string ledger() const { return json::serialize(result.ledger); }
  std::string report() const { return json::serialize(result.report); }

  /// Makes the output `dataset` the input `name` of the next run.
  void feed(const std::string& dataset, const std::string& name) {
    const std::filesystem::path kept = root_ / ("fed_" + std::to_string(++versions_));
    std::filesystem::copy(task.folder / "staging" / dataset, kept,
                          std::filesystem::copy_options::recursive);
    Manifest manifest = Manifest::read(kept);
    manifest.dataset = name;
    std::filesystem::remove(kept / "manifest.json");
    write_file_durably(kept / "manifest.json", pretty_json(manifest.to_json()));
    task.inputs[name] = {{.version = "v1",
                          .folder = kept,
                          .period = "2026-01",
                          .partition = "",
                          .digest = digest(dataset)}};
  }

  Task task;
  TaskResult result;
  JobShape shape;
  std::map<std::string, Schema> schemas;

 private:
  void new_attempt() {
    result = {};
    task.folder = root_ / ("attempt_" + std::to_string(++versions_));
    std::filesystem::create_directories(task.folder / "staging");
    log_ = std::make_unique<EventLog>(task.folder / "log.jsonl");
  }
  /// "g.yaml:3:5: message; hint" lines.
  static std::string texts(const Diagnostics& diagnostics) {
    Lines lines;
    for (const Diagnostic& item : diagnostics.sorted())
      lines.push_back(item.where.text() + ": " +
                      (item.severity == Severity::warning ? "warning: " : "") + item.message +
                      (item.hint.empty() ? "" : "; " + item.hint));
    return join(lines, "\n");
  }

  std::filesystem::path root_;
  std::shared_ptr<const YamlDocument> document_;
  std::unique_ptr<EventLog> log_;
  int versions_ = 0;
};

inline Column text_column(const std::string& name) { return {.name = name, .type = Type::text()}; }
inline Column integer_column(const std::string& name) {
  return {.name = name, .type = Type::integer()};
}
inline Column money_column(const std::string& name) {
  return {.name = name, .type = Type::money(2)};
}

/// `rows` as VALUES of the columns, cast to their types.
inline std::string values(const std::string& rows, const Schema& schema) {
  std::string columns;
  std::string names;
  auto add = [&](const std::string& name, const std::string& type) {
    columns += (columns.empty() ? "CAST(" : ", CAST(") + name + " AS " + type + ") AS " + name;
    names += (names.empty() ? "" : ", ") + name;
  };
  for (const Column& column : schema.columns) add(column.name, column.type.sql());
  if (schema.has_provenance) {
    add("_source", "VARCHAR");
    add("_line", "BIGINT");
  }
  return "SELECT " + columns + " FROM (VALUES " + rows + ") v(" + names + ")";
}

inline void add_rows(JobFixture& fixture, const std::string& dataset, const std::string& rows,
                     const Schema& schema) {
  fixture.add_input(dataset, values(rows, schema), schema);
}

}  // namespace tallymill
