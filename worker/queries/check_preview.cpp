#include <algorithm>
#include <filesystem>

#include "core/disk_space.h"
#include "core/error.h"
#include "core/sheet_cell.h"
#include "core/text.h"
#include "core/yaml.h"
#include "datasets/parquet_format.h"
#include "datasets/version.h"
#include "jobs/reject_limit.h"
#include "jobs/text_functions.h"
#include "rules/typed_value.h"
#include "worker/extracted_file.h"
#include "worker/job_of_task.h"
#include "worker/query.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// The inputs of a job, one of which stands in a file that nobody has published.
class FileInput final : public Inputs {
 public:
  FileInput(std::string dataset, const ExtractedFile& file, Inputs& others)
      : dataset_(std::move(dataset)), file_(file), others_(others) {}
  const Schema& schema(const std::string& dataset) override {
    return dataset == dataset_ ? file_.schema : others_.schema(dataset);
  }
  std::string select(const std::string& dataset) override {
    return dataset == dataset_ ? file_.select : others_.select(dataset);
  }
  std::vector<VersionTotals> totals(const std::string& dataset) override {
    return dataset == dataset_ ? std::vector<VersionTotals>() : others_.totals(dataset);
  }

 private:
  std::string dataset_;
  const ExtractedFile& file_;
  Inputs& others_;
};

/// Reads the file of the question's `extract` as that job would: its own options, and where it
/// stands.
ExtractedFile read_file(WorkerContext& context, const Task& job, const json::object& extract,
                        TaskResult& result) {
  Task task = job;
  task.connectors = context.task().connectors;
  PublishedInputs none(task);
  WorkerContext reading(task, context.session(), none, result);
  const auto options = YamlDocument::from_json(json_at(extract, "spec"));
  const auto from = YamlDocument::from_json(json_at(extract, "from"));
  ExtractSpec spec =
      ExtractSpec::read(Options(options->root()), task.currency_scale, reading.diagnostics());
  spec.from = Options(from->root());
  spec.connector = spec.from.text("connector");
  ExtractedFile file = read_extracted_file(reading, spec);
  refuse_problems(reading.diagnostics(), result);
  return file;
}

/// Of the records of a file: whether the extract's run would fail for them, and what it would say.
json::value refusal(const json::object& extract, const ExtractedFile& file) {
  const auto options = YamlDocument::from_json(json_at(extract, "spec"));
  RejectedRows rows{.rejected = 0, .of = file.records, .whose = {}, .dataset = {}};
  for (const auto& [reason, records] : file.rejected) rows.rejected += records;
  const auto exceeded = exceeded_limit(Options(options->root()), rows);
  if (!exceeded) return nullptr;
  return json::object{
      {"rejected", rows.rejected}, {"records", rows.of}, {"limit", exceeded->limit}};
}

/// A cell of a failing row; what is sensitive stays hidden, unless it is revealed.
std::string shown_cell(const Column& column, bool reveal) {
  std::string name = quote_identifier(column.name);
  if (!column.sensitive || reveal) return name;
  return "CASE WHEN " + name + " IS NOT NULL THEN " + quote_literal(kMaskedValue) + " END";
}

/// The same in a file that a spreadsheet program may open: no text there is a formula.
std::string sheet_cell(Engine& engine, const Column& column, bool reveal) {
  std::string cell = shown_cell(column, reveal);
  if (!is_text(column.type)) return cell;
  return text_function_sql(engine, "tm_guarded_cell", guarded_cell, cell);
}

/// A file of every failing row with what failed: sorted in CSV, as it was staged in Parquet.
fs::path failures_file(WorkerContext& context, const TaskOutput& staged, const Schema& schema,
                       bool is_parquet, bool reveal) {
  const std::vector<fs::path> folder{context.task().folder / staged.folder};
  const bool hides = !reveal && std::any_of(schema.columns.begin(), schema.columns.end(),
                                            [](const Column& column) { return column.sensitive; });
  if (is_parquet && !hides)
    return folder.front() / Manifest::read(folder.front()).files.front().name;
  fs::path written = context.task().folder / "tmp" / "failures";
  Engine& engine = context.engine();
  std::vector<std::string> cells;
  for (const Column& column : schema.stored_columns())
    cells.push_back((is_parquet ? shown_cell(column, reveal) : sheet_cell(engine, column, reveal)) +
                    " AS " + quote_identifier(column.name));
  engine.execute("COPY (SELECT " + join(cells, ", ") + " FROM " + parquet_relation(folder) +
                 (is_parquet ? "" : " ORDER BY ALL") + ") TO " + quote_literal(written.string()) +
                 " (" + (is_parquet ? evidence_format() : "format csv, header") + ")");
  return written;
}

/// Rows are business data: nobody but who asked may read them, not even while they are copied.
void keep_failures(WorkerContext& context, const TaskOutput& staged, const Schema& schema,
                   const fs::path& target, bool reveal) {
  const fs::path rows =
      failures_file(context, staged, schema, target.extension() == ".parquet", reveal);
  try {
    const fs::path unfinished = target.string() + ".part";
    fs::remove(unfinished);
    fs::permissions(rows, fs::perms::owner_read | fs::perms::owner_write);
    fs::copy_file(rows, unfinished);  // with these permissions from the start
    fs::rename(unfinished, target);
  } catch (const fs::filesystem_error& error) {
    throw file_problem(error).add_context("writing the failing rows");
  }
}

json::object rejected_records(const ExtractedFile& file) {
  json::object rejected;
  for (const auto& [reason, records] : file.rejected) rejected[reason] = records;
  return rejected;
}

/// The question: {"dataset", "tasks": the job's own, "extract": {"spec", "from"} if the dataset is
/// to be read from a file, "failures": where the failing rows go, or empty, "reveal": with what is
/// sensitive in them}. The job runs as in an attempt, into the query's own folder, which nobody
/// publishes.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  Task task = Task::from_json(json_at(question, "tasks").as_array().at(0));
  task.folder = context.task().folder;
  TaskResult result;
  json::object told;
  PublishedInputs published(task);
  ExtractedFile file;
  FileInput with_file(json_text(question, "dataset"), file, published);
  const json::object* extract = json_at(question, "extract").if_object();
  if (extract != nullptr) {
    file = read_file(context, task, *extract, result);
    told["records"] = file.records;
    told["rejected"] = rejected_records(file);
    told["refused"] = refusal(*extract, file);
  }
  Inputs& inputs = extract != nullptr ? static_cast<Inputs&>(with_file) : published;
  WorkerContext work(task, context.session(), inputs, result);
  const auto document = YamlDocument::from_json(task.spec);
  const std::unique_ptr<Job> job = make_job(job_spec(task, document->root()));
  std::map<std::string, Schema> made = job->plan(work);
  refuse_problems(work.diagnostics(), result);
  job->run(work);
  refuse_problems(work.diagnostics(), result);

  told["rows"] = result.rows_in;
  told["checks"] = std::move(result.checks);
  told["gate"] = result.gate.empty() ? json::value(nullptr) : json::value(result.gate);
  for (const char* count : {"rows_failed", "rows_warned", "findings"})
    told[count] = result.report.at(count);
  const std::string failures = task.job + ".failures";
  if (const std::string target = json_text(question, "failures"); !target.empty())
    for (const TaskOutput& output : result.outputs)
      if (output.dataset == failures)
        keep_failures(context, output, made.at(failures), target, json_boolean(question, "reveal"));
  return told;
}

}  // namespace

void register_check_preview(Registry<Query>& queries) {
  queries.add({.name = "check_preview",
               .summary = "What a check job would find, without publishing anything.",
               .answer = answer});
}

}  // namespace tallymill
