#include "scheduler/corrections.h"

#include <algorithm>
#include <set>

#include "core/break_word.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/break_words.h"
#include "scheduler/job_name.h"
#include "scheduler/requests.h"

namespace tallymill {
namespace {

Error refusal(const std::string& message) { return Error(ErrorClass::config, message); }

/// What people speak of: rows that left a job, or breaks that it carries forward.
struct Subject {
  std::string dataset;
  bool is_breaks = false;
};

Subject subject_of(const Workspace& workspace, const CorrectionOrder& order) {
  const auto graph = workspace.graphs.find(order.graph);
  if (graph == workspace.graphs.end()) throw refusal("there is no graph '" + order.graph + "'");
  const std::string base(split_job_name(order.job).job);
  const JobNode* job = graph->second->find(order.job);
  if (job == nullptr) job = graph->second->find_job(base);
  if (job == nullptr) throw refusal("graph '" + order.graph + "' has no job '" + order.job + "'");
  if (carries_breaks(job->shape, base)) return {open_breaks_dataset(base), true};
  const std::string dataset = corrections_dataset(base);
  const bool takes = std::any_of(job->shape.evidence.begin(), job->shape.evidence.end(),
                                 [&](const DatasetUse& use) { return use.dataset == dataset; });
  if (!takes)
    throw refusal("job '" + order.job +
                  "' rejects no rows: only those of extract and cleanse "
                  "jobs, and of checks with 'into', can be corrected");
  return {rejects_dataset(base), false};
}

/// What counts must be what the person saw; whoever saw something else has to look again.
void require_newest_rows(StoreView& view, const CorrectionOrder& order,
                         const std::string& dataset) {
  const JobName name = split_job_name(order.job);
  const auto visible = view.visible(dataset, order.period, std::string(name.partition));
  if (visible && visible->id == order.version) return;
  const auto last = view.database().select(
      "select a.id from attempt a join run r on r.id = a.run where r.graph = :p0 and r.period = :p1"
      " and a.job = :p2 and a.partition = :p3 order by a.epoch desc limit 1",
      "t", {order.graph, order.period, name.job, name.partition});
  if (!last.empty() && last.front().text(0) == order.version) return;
  throw refusal("these rows were turned away by " + order.version + ", but " +
                (visible ? visible->id + " is what counts for " + order.period + " now"
                         : "there is nothing of " + order.period + " now") +
                "; write the sheet anew and correct that");
}

/// Two sheets may be read at the same instant; the later one would overwrite what it never saw.
void require_unsaid(StoreView& view, const CorrectionOrder& order,
                    const std::vector<Correction>& said) {
  std::set<std::map<std::string, std::string>> places;
  for (const Correction& correction : said) places.insert(correction.place);
  for (const SqlRow& row : view.database().select(
           "select body, who, imported_at from correction where graph = :p0 and period = :p1"
           " and job = :p2 and event > :p3 order by event desc",
           "ttt", {order.graph, order.period, order.job, order.beside})) {
    std::int64_t rows = 0;
    for (const Correction& other : corrections_from(row.text(0), "the store"))
      if (places.contains(other.place)) ++rows;
    if (rows > 0)
      throw refusal(row.text(1) + " has corrected " + group_digits(rows) +
                    " of these rows meanwhile, at " + row.text(2) +
                    "; write the sheet anew and correct that");
  }
}

/// A break of an older period may be another one by now.
void require_newest_breaks(StoreView& view, const CorrectionOrder& order,
                           const std::string& dataset) {
  const std::string version = stamped_version(order.version);
  const std::string_view partition = split_job_name(order.job).partition;
  const auto visible = view.visible(dataset, order.period, std::string(partition));
  const std::string again = "; write the sheet anew and say it of them";
  if (!visible || visible->id != version)
    throw refusal("these breaks are as " + version + " left them, but " +
                  (visible ? visible->id + " is what counts for " + order.period + " now"
                           : "there is nothing of " + order.period + " now") +
                  again);
  for (const VersionRecord& other : view.visible_versions(dataset))
    if (other.period > order.period && other.partition == partition)
      throw refusal("these are the breaks of " + order.period + ", but those of " + other.period +
                    " are newer" + again);
  if (break_stamp(view, order.graph, order.job, version) != order.version)
    throw refusal("somebody has spoken of these breaks meanwhile" + again);
}

}  // namespace

Event correction_event(const Workspace& workspace, StoreView& view, const CorrectionOrder& order) {
  const Subject subject = subject_of(workspace, order);
  if (subject.is_breaks)
    require_newest_breaks(view, order, subject.dataset);
  else
    require_newest_rows(view, order, subject.dataset);
  if (order.text.size() > kMostCorrectionBytes)
    throw refusal(
        "these corrections have " + group_digits(static_cast<std::int64_t>(order.text.size())) +
        " bytes, more than " + group_digits(static_cast<std::int64_t>(kMostCorrectionBytes)) +
        "; so many rows are better mended by a step of the job, or at their source");
  const std::vector<Correction> said = corrections_from(order.text, "the order");
  if (said.empty()) throw refusal("nothing is corrected: no cell differs");
  if (!subject.is_breaks) require_unsaid(view, order, said);
  const auto rows = static_cast<std::int64_t>(said.size());
  json::object body{
      {"graph", order.graph}, {"period", order.period}, {"version", stamped_version(order.version)},
      {"file", order.file},   {"rows", rows},           {"text", order.text}};
  if (subject.is_breaks) body["of"] = "breaks";
  return {"rows_corrected", "", order.job, order.why, std::move(body)};
}

std::vector<CorrectionImport> correction_imports(StoreView& view, const std::string& graph,
                                                 const std::string& job,
                                                 const std::string& period) {
  std::vector<CorrectionImport> imports;
  for (const SqlRow& row : view.database().select(
           "select event, version, file, row_count, who, imported_at, why from correction"
           " where graph = :p0 and period = :p1 and job = :p2 order by event",
           "ittittt", {graph, period, job}))
    imports.push_back({.event = row.integer(0),
                       .version = row.text(1),
                       .file = row.text(2),
                       .rows = row.integer(3),
                       .who = row.text(4),
                       .at = row.text(5),
                       .why = row.text(6)});
  return imports;
}

std::int64_t rows_corrected_since(StoreView& view, const std::string& graph, const std::string& job,
                                  const std::string& period, std::int64_t since) {
  std::vector<Correction> standing;
  for (const SqlRow& row : view.database().select(
           "select body from correction where graph = :p0 and period = :p1 and job = :p2"
           " and event >= :p3 order by event",
           "t", {graph, period, job, since}))
    standing = merged_corrections(std::move(standing), corrections_from(row.text(0), "the store"));
  return static_cast<std::int64_t>(standing.size());
}

TextsInstead corrections_in_effect(StoreView& view, const std::string& graph,
                                   const std::string& period) {
  std::map<std::string, std::vector<Correction>> by_job;
  for (const SqlRow& row : view.database().select(
           "select job, body from correction where graph = :p0 and period = :p1 order by event",
           "tt", {graph, period})) {
    std::vector<Correction>& standing = by_job[row.text(0)];
    standing = merged_corrections(std::move(standing), corrections_from(row.text(1), "the store"));
  }
  TextsInstead texts;
  for (auto& [job, corrections] : by_job)
    if (!corrections.empty())
      texts.emplace(corrections_path(job), corrections_text(std::move(corrections)));
  return texts;
}

json::object to_wire(const CorrectionOrder& order) {
  return {{"format", kWireFormat}, {"request", "correct"},   {"graph", order.graph},
          {"job", order.job},      {"period", order.period}, {"version", order.version},
          {"file", order.file},    {"why", order.why},       {"text", order.text},
          {"beside", order.beside}};
}

CorrectionOrder correction_order_from(const json::object& object) {
  return {.graph = json_text(object, "graph"),
          .job = json_text(object, "job"),
          .period = json_text(object, "period"),
          .version = json_text(object, "version"),
          .file = json_text(object, "file"),
          .why = json_text(object, "why"),
          .text = json_text(object, "text"),
          .beside = json_integer(object, "beside")};
}

}  // namespace tallymill
