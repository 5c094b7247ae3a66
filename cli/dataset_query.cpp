#include "cli/dataset_query.h"

#include <algorithm>

#include "cli/common_flags.h"
#include "cli/sensitive_log.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "core/yaml.h"
#include "scheduler/query_runner.h"
#include "scheduler/store_binding.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDefaultLimit = 20;
/// Longer cells are cut in tables; CSV and JSON have them whole.
constexpr std::size_t kWidestCell = 60;
/// Of a sentence that says what is wrong with the row: its end is as good as its start.
constexpr std::size_t kWidestMessage = 400;

json::object query_json(const RowQuery& query) {
  json::array columns;
  for (const std::string& column : query.columns) columns.emplace_back(column);
  return {{"query", "rows"},
          {"dataset", query.dataset},
          {"columns", std::move(columns)},
          {"where", query.where},
          {"limit", query.limit},
          {"reveal", query.reveal},
          {"limit_per", query.limit_per}};
}

bool looks_numeric(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.-") == std::string::npos;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::size_t widest_cell(const std::string& column) {
  return column.ends_with("message") ? kWidestMessage : kWidestCell;
}

void print_csv_line(const std::vector<std::string>& fields, std::ostream& out) {
  for (std::size_t i = 0; i < fields.size(); ++i) out << (i == 0 ? "" : ",") << fields[i];
  out << '\n';
}

}  // namespace

std::vector<Flag> row_flags() {
  std::vector<Flag> flags{
      {.name = "where", .value = "SQL", .summary = "Only rows that meet this condition."},
      {.name = "limit",
       .value = "N",
       .summary = "At most N rows, 0 for all; default 20, all with --csv and --json."}};
  for (Flag& flag : reveal_flags()) flags.push_back(std::move(flag));
  flags.push_back({.name = "csv", .summary = "Print CSV."});
  flags.push_back(json_flag());
  return flags;
}

RowQuery row_query(const Invocation& invocation, std::string dataset) {
  const bool is_for_program = invocation.has("csv") || invocation.json();
  return {.dataset = std::move(dataset),
          .columns = {},
          .where = invocation.text("where"),
          .limit = invocation.integer("limit", is_for_program ? 0 : kDefaultLimit),
          .reveal = invocation.has("reveal")};
}

RowAnswer row_answer(const json::object& answer) {
  RowAnswer result;
  for (const json::value& column : json_at(answer, "columns").as_array())
    result.columns.emplace_back(column.as_string());
  for (const json::value& row : json_at(answer, "rows").as_array()) {
    auto& cells = result.rows.emplace_back();
    for (const json::value& cell : row.as_array()) {
      if (cell.is_null())
        cells.emplace_back();
      else
        cells.emplace_back(std::string(cell.as_string()));
    }
  }
  result.total = json_integer(answer, "total");
  return result;
}

StoreView open_store(const Workspace& workspace) {
  auto store = StoreView::open(store_address(workspace));
  if (!store)
    throw Error(ErrorClass::config,
                "nothing has run in this workspace yet (" + store_address(workspace).text() +
                    " is not there); start with 'tallymill run GRAPH --period PERIOD'");
  return *store;
}

JobRunRecord find_job_run(StoreView& store, const RunRecord& run, const std::string& job) {
  std::vector<std::string> names;
  for (JobRunRecord& record : store.job_runs(run.id)) {
    if (record.job == job) return std::move(record);
    names.push_back(record.job);
  }
  require_partition(job, names);
  const std::string meant = did_you_mean(job, names);
  throw Error(ErrorClass::config,
              "run " + run.id + " has no job '" + job + "'; " +
                  (meant.empty() ? "its jobs are " + join(names, ", ") : meant));
}

VersionRecord visible_version(StoreView& store, const std::string& dataset,
                              const std::string& period) {
  std::vector<std::string> names;
  std::vector<std::string> periods;
  std::optional<VersionRecord> newest;
  for (VersionRecord& version : store.versions({})) {
    names.push_back(version.dataset);
    if (version.dataset != dataset) continue;
    periods.push_back(version.period);
    if (version.period == period) return version;
    if (!newest || newest->event < version.event) newest = std::move(version);
  }
  if (period.empty() && newest) return *newest;
  if (!newest) {
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const std::string meant = did_you_mean(dataset, names);
    throw Error(ErrorClass::config,
                "dataset '" + dataset + "' has no visible version; " +
                    (meant.empty() ? "'tallymill datasets' lists what there is" : meant));
  }
  throw Error(ErrorClass::config, "dataset '" + dataset + "' has no visible version for period " +
                                      period + "; it has " + join(periods, ", "));
}

std::vector<VersionRecord> visible_versions(StoreView& store, const std::string& dataset,
                                            const std::string& period,
                                            const std::string& partition) {
  const VersionRecord newest = visible_version(store, dataset, period);
  std::vector<VersionRecord> versions;
  std::vector<std::string> partitions;
  for (VersionRecord& version : store.versions({})) {
    if (version.dataset != dataset || version.period != newest.period) continue;
    partitions.push_back(version.partition);
    if (partition.empty() || version.partition == partition) versions.push_back(std::move(version));
  }
  if (!versions.empty()) return versions;
  const std::string meant = did_you_mean(partition, partitions);
  throw Error(ErrorClass::config,
              "dataset '" + dataset + "' of " + newest.period + " has no partition '" + partition +
                  "'; " +
                  (!meant.empty()             ? meant
                   : newest.partition.empty() ? "it is not partitioned"
                                              : "it has " + join(partitions, ", ")));
}

void pin_versions(const Workspace& workspace, const std::vector<VersionRecord>& versions,
                  const std::string& dataset, Task& task) {
  for (const VersionRecord& version : versions)
    task.inputs[dataset].push_back(
        {.version = version.id,
         .folder = StateFolder(workspace.state)
                       .version(version.dataset, version.period, version.partition, version.id),
         .period = version.period,
         .partition = version.partition,
         .digest = version.digest});
}

InputVersion version_in(const fs::path& folder, const std::string& period) {
  const fs::path manifest = folder / "manifest.json";
  return {.version = folder.filename().string(),
          .folder = folder,
          .period = period,
          .partition = {},
          .digest =
              json_text(parse_json(read_file(manifest), manifest.string()).as_object(), "digest")};
}

json::value task_subtree(const json::object& mapping) {
  Diagnostics diagnostics;
  return YamlDocument::parse("command line", json::serialize(mapping), diagnostics)
      ->root()
      .to_json();
}

void add_file_connector(const fs::path& file, const std::string& name, Task& task) {
  task.connectors[name] = json::object{
      {"type", "files"},
      {"file", file.string()},
      {"spec", task_subtree({{"type", "files"}, {"root", file.parent_path().string()}})}};
}

RowAnswer read_rows(const Workspace& workspace, const fs::path& folder, const std::string& period,
                    const RowQuery& query) {
  Task task;
  task.mode = TaskMode::query;
  task.period = period;
  task.spec = query_json(query);
  task.inputs[query.dataset] = {version_in(folder, period)};
  return row_answer(run_query(workspace, std::move(task)).answer.as_object());
}

RowAnswer read_rows(const Workspace& workspace, const std::vector<VersionRecord>& versions,
                    const RowQuery& query) {
  Task task;
  task.mode = TaskMode::query;
  task.period = versions.front().period;
  task.spec = query_json(query);
  if (versions.size() > 1 || !versions.front().partition.empty()) task.several = {query.dataset};
  pin_versions(workspace, versions, query.dataset, task);
  return row_answer(run_query(workspace, std::move(task)).answer.as_object());
}

void print_table(const RowAnswer& answer, std::ostream& out) {
  std::vector<std::vector<std::string>> lines{answer.columns};
  for (const auto& row : answer.rows) {
    auto& line = lines.emplace_back();
    for (std::size_t c = 0; c < row.size(); ++c)
      line.push_back(row[c] ? fit(*row[c], widest_cell(answer.columns[c])) : "-");
  }
  std::vector<std::size_t> widths(answer.columns.size());
  std::vector<bool> numeric(answer.columns.size(), !answer.rows.empty());
  for (std::size_t i = 0; i < lines.size(); ++i)
    for (std::size_t c = 0; c < widths.size(); ++c) {
      widths[c] = std::max(widths[c], display_width(lines[i][c]));
      if (i > 0 && !looks_numeric(lines[i][c])) numeric[c] = false;
    }
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const std::string padding(widths[c] - display_width(line[c]), ' ');
      text += (c == 0 ? "" : "  ") + (numeric[c] ? padding + line[c] : line[c] + padding);
    }
    out << text.substr(0, text.find_last_not_of(' ') + 1) << '\n';
  }
  const auto shown = static_cast<std::int64_t>(answer.rows.size());
  if (shown < answer.total)
    out << group_digits(shown) << " of " << group_digits(answer.total) << " rows\n";
  else
    out << group_digits(shown) << (shown == 1 ? " row\n" : " rows\n");
}

void print_csv(const RowAnswer& answer, std::ostream& out) {
  std::vector<std::string> fields;
  for (const std::string& column : answer.columns) fields.push_back(csv_field(column));
  print_csv_line(fields, out);
  for (const auto& row : answer.rows) {
    fields.clear();
    for (const auto& cell : row) fields.push_back(cell ? csv_field(*cell) : "");
    print_csv_line(fields, out);
  }
}

void print_json(const RowAnswer& answer, std::ostream& out) {
  json::array rows;
  for (const auto& row : answer.rows) {
    json::object object;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::optional<std::string>& cell = row[c];
      object[answer.columns[c]] = cell ? json::value(*cell) : json::value(nullptr);
    }
    rows.push_back(std::move(object));
  }
  out << pretty_json(json::object{{"total", answer.total}, {"rows", std::move(rows)}});
}

void print_rows(const RowAnswer& answer, const Invocation& invocation) {
  if (invocation.json())
    print_json(answer, invocation.out());
  else if (invocation.has("csv"))
    print_csv(answer, invocation.out());
  else
    print_table(answer, invocation.out());
}

}  // namespace tallymill
