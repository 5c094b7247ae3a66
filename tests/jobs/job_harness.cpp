#include <unistd.h>

#include "tests/hand_made_task.h"
#include "tests/jobs/job_fixture.h"
#include "worker/context.h"
#include "worker/inputs.h"
#include "worker/job_of_task.h"
#include "worker/session.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// "g.yaml:3:5: message; hint" lines.
std::string texts(const Diagnostics& diagnostics) {
  Lines lines;
  for (const Diagnostic& item : diagnostics.sorted())
    lines.push_back(item.where.text() + ": " +
                    (item.severity == Severity::warning ? "warning: " : "") + item.message +
                    (item.hint.empty() ? "" : "; " + item.hint));
  return join(lines, "\n");
}

}  // namespace

JobFixture::JobFixture() {
  static int number = 0;
  root_ = fs::temp_directory_path() /
          ("tallymill_jobs_" + std::to_string(::getpid()) + "_" + std::to_string(++number));
  task = hand_made_task(root_);
  new_attempt();
}

JobFixture::~JobFixture() { fs::remove_all(root_); }

void JobFixture::new_attempt() {
  result = {};
  task.folder = root_ / ("attempt_" + std::to_string(++versions_));
  fs::create_directories(task.folder / "staging");
  log_ = std::make_unique<EventLog>(task.folder / "log.jsonl");
}

void JobFixture::add_input(const std::string& dataset, const std::string& select,
                           const Schema& schema) {
  const fs::path maker = root_ / ("made_" + std::to_string(++versions_));
  task.inputs[dataset] = {make_version(maker, dataset, select, schema)};
}

std::string values_select(const std::string& rows, const Schema& schema) {
  Lines casts;
  Lines names;
  const auto add = [&](const std::string& name, const std::string& type) {
    const std::string quoted = quote_identifier(name);
    casts.push_back("CAST(" + quoted + " AS " + type + ") AS " + quoted);
    names.push_back(quoted);
  };
  for (const Column& column : schema.columns) add(column.name, column.type.sql());
  if (schema.has_provenance) {
    add("_source", "VARCHAR");
    add("_line", "BIGINT");
  }
  return "SELECT " + join(casts, ", ") + " FROM (VALUES " + rows + ") v(" + join(names, ", ") + ")";
}

void add_rows(JobFixture& fixture, const std::string& dataset, const std::string& rows,
              const Schema& schema) {
  fixture.add_input(dataset, values_select(rows, schema), schema);
}

void JobFixture::add_file(const std::string& path, const std::string& text) {
  pin_file(task, root_, path, text);
}

void JobFixture::add_table(const std::string& name, const std::string& csv) {
  add_file("tables/" + name + ".csv", csv);
}

void JobFixture::add_rule(const std::string& name, const std::string& lua) {
  add_file("rules/" + name + ".lua", "local t = require \"tallymill\"\n" + lua);
}

void JobFixture::feed(const std::string& dataset, const std::string& name) {
  const fs::path kept = root_ / ("fed_" + std::to_string(++versions_));
  fs::copy(task.folder / "staging" / dataset, kept, fs::copy_options::recursive);
  Manifest manifest = Manifest::read(kept);
  manifest.dataset = name;
  fs::remove(kept / "manifest.json");
  write_file_durably(kept / "manifest.json", pretty_json(manifest.to_json()));
  task.inputs[name] = {version_in(kept, digest(dataset))};
}

void JobFixture::set_job(const std::string& yaml) {
  Diagnostics diagnostics;
  document_ = YamlDocument::parse("g.yaml", yaml, diagnostics);
  REQUIRE_MESSAGE(document_, diagnostics.render());
  task.type = std::string(document_->root().find("type").text());
}

void JobFixture::set_steps(const std::string& steps) {
  set_job("type: cleanse\nfrom: rows\ninto: clean\nsteps:\n" + steps);
}

std::string JobFixture::shape_problems() {
  shape = {};
  Diagnostics diagnostics;
  Registry<JobType> types;
  register_all_jobs(types);
  const JobType* type = types.find(task.type);
  REQUIRE(type != nullptr);
  validate_options(document_->root(), type->options, "job 'j'", diagnostics, {"type"});
  if (!diagnostics.has_errors()) type->shape(job_spec(task, document_->root()), shape, diagnostics);
  return texts(diagnostics);
}

std::string JobFixture::plan_problems() {
  new_attempt();
  Session session(task, *log_);
  PublishedInputs inputs(task);
  WorkerContext context(task, session, inputs, result);
  schemas = make_job(job_spec(task, document_->root()))->plan(context);
  return texts(context.diagnostics());
}

const TaskResult& JobFixture::run() {
  CHECK(shape_problems() == "");
  new_attempt();
  Session session(task, *log_);
  PublishedInputs inputs(task);
  WorkerContext context(task, session, inputs, result);
  const std::unique_ptr<Job> job = make_job(job_spec(task, document_->root()));
  schemas = job->plan(context);
  refuse_problems(context.diagnostics(), result);
  result.outcome = TaskOutcome::succeeded;
  job->run(context);
  if (result.outcome == TaskOutcome::unchanged) return result;
  for (const auto& [dataset, schema] : schemas) {
    CAPTURE(dataset);
    CHECK(digest(dataset) != "");
  }
  return result;
}

std::string JobFixture::problem() {
  try {
    run();
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

Lines JobFixture::rows(const std::string& dataset, const std::string& columns) const {
  const std::vector<fs::path> folders{task.folder / "staging" / dataset};
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

std::string JobFixture::digest(const std::string& dataset) const {
  for (const TaskOutput& output : result.outputs)
    if (output.dataset == dataset) return output.digest;
  return "";
}

std::string JobFixture::report() const { return json::serialize(result.report); }

std::string JobFixture::ledger(const std::string& side) const {
  return json::serialize(result.ledger.at(side));
}

}  // namespace tallymill
