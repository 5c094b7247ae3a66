#include "scheduler/workspace.h"

#include <algorithm>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "core/heap_room.h"
#include "core/text.h"
#include "scheduler/blocks.h"
#include "scheduler/calendar_folder.h"
#include "scheduler/dataset_index.h"
#include "scheduler/dependencies.h"
#include "scheduler/graph_loader.h"
#include "scheduler/partition_check.h"
#include "scheduler/partition_spread.h"
#include "scheduler/reference_check.h"
#include "scheduler/state_folder.h"
#include "scheduler/trigger_reader.h"
#include "scheduler/workspace_file.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGraphFolder = "graphs";

/// "graphs/<stem>.yaml" of every graph file, sorted.
std::vector<std::string> graph_files(const fs::path& root,
                                     const std::map<std::string, std::string>& instead,
                                     Diagnostics& diagnostics) {
  std::vector<std::string> files;
  for (const auto& entry : instead)
    if (entry.first.starts_with(kGraphFolder)) files.push_back(entry.first);
  std::error_code ignored;  // no folder: no graphs, reported below
  for (const auto& entry : fs::directory_iterator(root / kGraphFolder, ignored)) {
    const std::string file = std::string(kGraphFolder) + "/" + entry.path().filename().string();
    if (entry.path().extension() == ".yaml")
      files.push_back(file);
    else if (entry.path().extension() == ".yml")
      diagnostics.warning({file}, "this file is not read", "rename it to end in '.yaml'");
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  if (files.empty())
    diagnostics.warning({std::string(kWorkspaceFile)}, "the workspace has no graphs",
                        "add one as graphs/<name>.yaml");
  return files;
}

void add_datasets(const std::vector<GraphDraft>& drafts, const DatasetIndex& index,
                  Workspace& workspace) {
  const auto name_of = [&](JobRef ref) {
    const Graph& graph = *drafts[ref.graph].graph;
    return std::pair{graph.name, graph.jobs[ref.job].spec.name};
  };
  for (const auto& [name, entry] : index) {
    const auto [graph, job] = name_of(entry.writer);
    const Graph& home = *drafts[entry.writer.graph].graph;
    DatasetInfo info{
        name, graph, job, entry.evidence, home.period, home.jobs[entry.writer.job].axis, {}, {}};
    for (JobRef reader : entry.readers) info.readers.push_back(name_of(reader));
    for (JobRef gate : entry.gates) info.gates.push_back(name_of(gate));
    workspace.datasets.emplace_hint(workspace.datasets.end(), name, std::move(info));
  }
}

/// `only_graph` and every graph it reads from, directly or not.
std::set<std::string> graphs_read_by(const Workspace& workspace, const std::string& only_graph) {
  std::set<std::string> wanted{only_graph};
  std::vector<std::string> open{only_graph};
  while (!open.empty()) {
    const auto at = workspace.graphs.find(open.back());
    open.pop_back();
    if (at == workspace.graphs.end()) continue;
    for (const JobNode& job : at->second->jobs)
      for (const DatasetUse& input : job.shape.inputs)
        if (const auto made = workspace.datasets.find(input.dataset);
            made != workspace.datasets.end() && wanted.insert(made->second.graph).second)
          open.push_back(made->second.graph);
  }
  return wanted;
}

void require_graph(const Workspace& workspace, const std::vector<std::string>& files,
                   const std::string& only_graph) {
  const std::string file = std::string(kGraphFolder) + "/" + only_graph + ".yaml";
  if (std::binary_search(files.begin(), files.end(), file)) return;
  std::vector<std::string> names;
  for (const auto& entry : workspace.graphs) names.push_back(entry.first);
  const std::string meant = did_you_mean(only_graph, names);
  throw Error(ErrorClass::config,
              "unknown graph '" + only_graph + "'; " +
                  (meant.empty() ? "the graphs are " + join(names, ", ") : meant));
}

/// The files of calendars that no schedule of the `wanted` graphs asks.
std::set<std::string> unasked_calendar_files(const Workspace& workspace,
                                             const std::set<std::string>& wanted) {
  std::set<const Calendar*> asked;
  for (const auto& [name, graph] : workspace.graphs)
    if (wanted.contains(name) && graph->schedule) asked.insert(graph->schedule->calendar.get());
  std::set<std::string> files;
  for (const auto& [name, entry] : workspace.calendars)
    if (!asked.contains(entry.calendar.get()) && name != workspace.default_calendar)
      files.insert(entry.files.begin(), entry.files.end());
  return files;
}

/// Drops what a load of one graph does not concern. Files that are not YAML at all stay: what they
/// would make cannot be known.
void keep_only(const std::string& only_graph, const std::vector<GraphDraft>& drafts,
               const Diagnostics& found, Workspace& workspace, Diagnostics& diagnostics) {
  const std::set<std::string> wanted = graphs_read_by(workspace, only_graph);
  std::set<std::string> dropped_files = unasked_calendar_files(workspace, wanted);
  for (const GraphDraft& draft : drafts)
    if (draft.graph && !wanted.contains(draft.graph->name)) dropped_files.insert(draft.file);
  for (const Diagnostic& problem : found.sorted())
    if (!dropped_files.contains(problem.where.file)) diagnostics.add(problem);
  for (const GraphDraft& draft : drafts) {
    if (!draft.graph) continue;
    diagnostics.add_source(draft.file, draft.graph->document->shared_text());
    for (const auto& block : draft.graph->block_documents)
      diagnostics.add_source(block->file(), block->shared_text());
  }
  for (const auto& entry : workspace.calendars)
    for (const std::string& file : entry.second.files)
      diagnostics.add_source(file,
                             std::make_shared<const std::string>(read_file(workspace.root / file)));
  std::erase_if(workspace.graphs, [&](auto& entry) { return !wanted.contains(entry.first); });
  std::erase_if(workspace.datasets,
                [&](auto& entry) { return !wanted.contains(entry.second.graph); });
}

/// Graphs of many thousand jobs are built of millions of pieces.
std::optional<HeapRoom> room_for(const fs::path& root, const std::vector<std::string>& files) {
  constexpr std::uintmax_t kManyJobs = 1 << 20;
  constexpr std::uintmax_t kBytesPerByte = 32;  // of memory, of a file
  std::uintmax_t size = 0;
  std::error_code none;
  for (const std::string& file : files)
    if (const auto bytes = fs::file_size(root / file, none); !none) size += bytes;
  if (size < kManyJobs) return std::nullopt;
  return std::optional<HeapRoom>(std::in_place, size * kBytesPerByte);
}

/// What one job calls sensitive is so for all that read from the same connector.
void add_sensitive_columns(const std::vector<GraphDraft>& drafts, Workspace& workspace) {
  for (const GraphDraft& draft : drafts) {
    if (!draft.graph) continue;
    for (const JobNode& job : draft.graph->jobs) {
      if (job.shape.sensitive_columns.empty() || job.shape.connectors.empty()) continue;
      const auto connector = workspace.connectors.find(job.shape.connectors.front().dataset);
      if (connector == workspace.connectors.end()) continue;
      connector->second.sensitive_columns.insert(job.shape.sensitive_columns.begin(),
                                                 job.shape.sensitive_columns.end());
    }
  }
}

/// Goes from the jobs that call columns sensitive to whatever reads what they write, and so on; a
/// dataset may be made from its own earlier periods.
void follow_sensitive_columns(const std::vector<GraphDraft>& drafts, Workspace& workspace) {
  std::vector<const JobNode*> open;
  std::multimap<std::string, const JobNode*> readers;
  for (const GraphDraft& draft : drafts) {
    if (!draft.graph) continue;
    for (const JobNode& job : draft.graph->jobs)
      if (!job.shape.sensitive_columns.empty()) open.push_back(&job);
  }
  if (open.empty()) return;
  for (const GraphDraft& draft : drafts) {
    if (!draft.graph) continue;
    for (const JobNode& job : draft.graph->jobs)
      for (const DatasetUse& input : job.shape.inputs) readers.emplace(input.dataset, &job);
  }
  const auto give = [&](const DatasetUse& made, const std::set<std::string>& columns) {
    std::set<std::string>& known = workspace.sensitive_origins[made.dataset];
    const std::size_t before = known.size();
    known.insert(columns.begin(), columns.end());
    if (known.size() == before) return;
    const auto [first, last] = readers.equal_range(made.dataset);
    for (auto reader = first; reader != last; ++reader) open.push_back(reader->second);
  };
  while (!open.empty()) {
    const JobShape& shape = open.back()->shape;
    open.pop_back();
    std::set<std::string> columns(shape.sensitive_columns.begin(), shape.sensitive_columns.end());
    for (std::string& column : workspace.sensitive_inputs(shape)) columns.insert(std::move(column));
    for (const DatasetUse& output : shape.outputs) give(output, columns);
    for (const DatasetUse& evidence : shape.evidence) give(evidence, columns);
  }
}

}  // namespace

std::vector<std::string> Workspace::sensitive_inputs(const JobShape& shape) const {
  std::set<std::string> columns;
  if (sensitive_origins.empty()) return {};
  for (const DatasetUse& input : shape.inputs)
    if (const auto found = sensitive_origins.find(input.dataset); found != sensitive_origins.end())
      columns.insert(found->second.begin(), found->second.end());
  return {columns.begin(), columns.end()};
}

std::vector<std::string> Workspace::hidden_columns(const JobShape& shape) const {
  if (shape.source_columns.empty() || shape.connectors.empty()) return {};
  const auto connector = connectors.find(shape.connectors.front().dataset);
  if (connector == connectors.end()) return {};
  std::vector<std::string> hidden;
  for (const std::string& column : connector->second.sensitive_columns)
    if (std::find(shape.source_columns.begin(), shape.source_columns.end(), column) ==
        shape.source_columns.end())
      hidden.push_back(column);
  return hidden;
}

fs::path Workspace::socket() const {
  return socket_dir.empty() ? StateFolder(state).socket() : socket_dir / (name + ".socket");
}

fs::path Workspace::find_root(const fs::path& start) {
  const fs::path from = fs::absolute(start).lexically_normal();
  for (fs::path folder = from;; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / kWorkspaceFile)) return folder;
    if (folder == folder.parent_path()) break;
  }
  throw Error(ErrorClass::config,
              "neither '" + from.string() +
                  "' nor a folder above it has a tallymill.yaml; go to a workspace, name one with "
                  "--workspace, or make one with 'tallymill init'");
}

Workspace Workspace::load(const fs::path& root, const JobCatalog& catalog, Diagnostics& diagnostics,
                          const std::string& only_graph,
                          const std::map<std::string, std::string>& instead) {
  Workspace workspace;
  workspace.root = fs::absolute(root).lexically_normal();
  workspace.instead = instead;
  Diagnostics found;
  read_workspace_file(read_file(workspace.root / kWorkspaceFile), process_environment, catalog,
                      workspace, found);
  read_calendars(workspace.root, workspace, found);
  const std::vector<std::string> files = graph_files(workspace.root, instead, found);
  const Blocks blocks = read_blocks(workspace.root, instead, found);
  const std::optional<HeapRoom> room = room_for(workspace.root, files);
  std::vector<GraphDraft> drafts;
  for (const std::string& file : files) {
    const auto text = instead.find(file);
    drafts.push_back(
        load_graph(file, text == instead.end() ? read_file(workspace.root / file) : text->second,
                   workspace, blocks, catalog, found));
  }
  check_references(workspace, catalog, drafts, found);
  const DatasetIndex index = index_datasets(drafts, found);
  check_partitions(drafts, index, found);
  link_jobs(drafts, index, found);
  for (const GraphDraft& draft : drafts)
    if (draft.graph) workspace.graphs.emplace(draft.graph->name, spread_declared(draft.graph));
  add_datasets(drafts, index, workspace);
  add_sensitive_columns(drafts, workspace);
  follow_sensitive_columns(drafts, workspace);
  check_triggers(workspace, found);
  if (only_graph.empty()) {
    diagnostics.add_all(found);
  } else {
    require_graph(workspace, files, only_graph);
    keep_only(only_graph, drafts, found, workspace, diagnostics);
  }
  return workspace;
}

}  // namespace tallymill
