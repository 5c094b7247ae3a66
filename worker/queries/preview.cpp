#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/text.h"
#include "datasets/version.h"
#include "jobs/cleanse_changes.h"
#include "jobs/corrections.h"
#include "worker/job_of_task.h"
#include "worker/query.h"
#include "worker/version_comparison.h"

namespace tallymill {
namespace {

constexpr const char* kLeavings[] = {"rejects", "merged", "filtered"};

/// What a cleanse has written for nobody but this query, read again.
class Preview {
 public:
  Preview(WorkerContext& context, const Task& task, const TaskResult& result, std::int64_t samples)
      : engine_(context.engine()), job_(task.job), samples_(std::to_string(samples)) {
    for (const TaskOutput& output : result.outputs) {
      const std::vector<std::filesystem::path> folder{task.folder / output.folder};
      written_[output.dataset] = {parquet_relation(folder), Manifest::read(folder.front()).schema};
      rows_[output.dataset] = output.rows;
    }
  }

  const ComparedRows& rows(const std::string& dataset) const { return written_.at(dataset); }

  /// The steps in order, with what each of them did.
  json::array steps(const std::vector<std::string>& names, const TaskResult& result,
                    const Schema& schema) {
    std::map<std::string, json::object> told;
    for (const std::string& name : names)
      told[name] = {{"step", name}, {"changes", json::array()}, {"leaves", json::array()}};
    if (const json::value* changes = result.report.if_contains("changes"))
      for (const json::value& change : changes->as_array())
        if (json_integer(change.as_object(), "cells") > 0)
          told.at(json_text(change.as_object(), "step"))["changes"].as_array().push_back(
              changed_cells(change.as_object()));
    for (const char* leaving : kLeavings) add_leaving(leaving, schema, told);
    json::array steps;
    for (const std::string& name : names) steps.push_back(std::move(told.at(name)));
    return steps;
  }

  /// Evidence beside the rows: review, proposals.
  json::array notes() {
    json::array notes;
    for (const auto& [dataset, written] : written_) {
      if (!dataset.starts_with(job_ + ".")) continue;
      const std::string name = dataset.substr(job_.size() + 1);
      if (name == "changes" ||
          std::find(std::begin(kLeavings), std::end(kLeavings), name) != std::end(kLeavings))
        continue;
      const Rows rows =
          engine_.query("SELECT * FROM " + written.relation + " ORDER BY ALL LIMIT " + samples_);
      notes.push_back({{"evidence", name},
                       {"rows", rows_.at(dataset)},
                       {"columns", json::array(rows.columns.begin(), rows.columns.end())},
                       {"samples", cells_json(rows)}});
    }
    return notes;
  }

 private:
  /// Cells of one column that one step changed, and the first of them.
  json::object changed_cells(const json::object& change) {
    const std::string column = json_text(change, "column");
    const Rows rows = engine_.query(
        "SELECT \"row\", before, after FROM " + written_.at(job_ + ".changes").relation +
        " WHERE step = " + quote_literal(json_text(change, "step")) +
        " AND \"column\" = " + quote_literal(column) + " ORDER BY ALL LIMIT " + samples_);
    return {{"column", column},
            {"cells", json_integer(change, "cells")},
            {"samples", samples(rows, {"row", "before", "after"})}};
  }

  /// Rows that leave, by the step and the reason they are counted by.
  void add_leaving(const std::string& leaving, const Schema& schema,
                   std::map<std::string, json::object>& told) {
    const auto it = written_.find(job_ + "." + leaving);
    if (it == written_.end()) return;
    const std::string& relation = it->second.relation;
    const Rows groups = engine_.query("SELECT _rule, _reason, count(*) FROM " + relation +
                                      " GROUP BY 1, 2 ORDER BY 1, 2");
    for (std::size_t i = 0; i < groups.cells.size(); ++i) {
      const std::string& step = groups.text(i, 0);
      const std::string& reason = groups.text(i, 1);
      const Rows rows = engine_.query("SELECT " + row_text_sql(schema) + ", _message FROM " +
                                      relation + " WHERE _rule = " + quote_literal(step) +
                                      " AND _reason = " + quote_literal(reason) +
                                      " ORDER BY ALL LIMIT " + samples_);
      told.at(step)["leaves"].as_array().push_back(
          {{"as", leaving == "rejects" ? "rejected" : leaving},
           {"reason", reason},
           {"rows", groups.integer(i, 2)},
           {"samples", samples(rows, {"row", "message"})}});
    }
  }

  static json::array samples(const Rows& rows, const std::vector<std::string>& names) {
    json::array told;
    for (const auto& cells : rows.cells) {
      json::object sample;
      for (std::size_t i = 0; i < names.size(); ++i)
        sample[names[i]] = cells[i] ? json::value(*cells[i]) : json::value(nullptr);
      told.push_back(std::move(sample));
    }
    return told;
  }

  Engine& engine_;
  std::string job_;
  std::string samples_;
  std::map<std::string, ComparedRows> written_;
  std::map<std::string, std::int64_t> rows_;
};

/// As the job calls its steps: "step 2: map"; what people have corrected comes before them.
std::vector<std::string> step_names(const JobSpec& spec, const TaskResult& result) {
  std::vector<std::string> names;
  if (result.report.contains("corrections")) names.emplace_back(kCorrectionsStep);
  int number = 0;
  for (const YamlNode& node : spec.options.list("steps"))
    names.push_back("step " + std::to_string(++number) + ": " + std::string(node.key(0).text()));
  return names;
}

/// The question: {"dataset", "samples", "tasks": the job's own, "visible": the input that is the
/// visible version of the dataset; empty: there is none}. The job runs as in an attempt, into the
/// query's own folder, which nobody publishes.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  Task task = Task::from_json(json_at(question, "tasks").as_array().at(0));
  task.folder = context.task().folder;
  PublishedInputs inputs(task);
  TaskResult result;
  WorkerContext work(task, context.session(), inputs, result);
  const auto document = YamlDocument::from_json(task.spec);
  const JobSpec spec = job_spec(task, document->root());
  const std::unique_ptr<Job> job = make_job(spec);
  job->plan(work);
  refuse_problems(work.diagnostics(), result);
  job->run(work);
  refuse_problems(work.diagnostics(), result);

  const std::string dataset = json_text(question, "dataset");
  const std::int64_t samples = json_integer(question, "samples");
  Preview preview(context, task, result, samples);
  const ComparedRows& fresh = preview.rows(dataset);
  json::object told{{"rows_in", result.rows_in},
                    {"rows_out", result.rows_out},
                    {"ledger", result.ledger},
                    {"steps", preview.steps(step_names(spec, result), result, fresh.schema)},
                    {"evidence", preview.notes()}};
  if (const json::value* rules = result.report.if_contains("rules")) told["rules"] = *rules;
  if (const std::string visible = json_text(question, "visible"); !visible.empty())
    told["compared"] = compare_versions(
        context.engine(), fresh, {context.relation(visible), context.schema(visible)}, samples);
  return told;
}

}  // namespace

void register_preview(Registry<Query>& queries) {
  queries.add({.name = "preview",
               .summary = "What a cleanse job would do, without publishing anything.",
               .answer = answer});
}

}  // namespace tallymill
