#include "scheduler/graph_loader.h"

#include <algorithm>
#include <filesystem>

#include "core/digest.h"
#include "core/options.h"
#include "core/text.h"
#include "scheduler/file_options.h"
#include "scheduler/graph_deadlines.h"
#include "scheduler/graph_params.h"
#include "scheduler/job_settings.h"
#include "scheduler/notify/notify_reader.h"
#include "scheduler/schedule_reader.h"
#include "scheduler/trigger_reader.h"
#include "scheduler/when_reader.h"

namespace tallymill {
namespace {

constexpr std::string_view kBlockType = "graph";

/// Reads the parts of one file. What validate_options() has complained about is read as absent, so
/// that one wrong key does not hide the problems of the others.
class GraphReader {
 public:
  GraphReader(Graph& graph, const Workspace& workspace, const Blocks& blocks,
              const JobCatalog& catalog, Diagnostics& diagnostics)
      : graph_(graph),
        workspace_(workspace),
        blocks_(blocks),
        types_(catalog.types()),
        catalog_(catalog),
        diagnostics_(diagnostics) {}

  std::vector<bool> read(YamlNode root) {
    if (!root.is_mapping()) {
      diagnostics_.error(root.is_null() ? SourcePosition{graph_.file, 1, 1} : root.position(),
                         "a graph must be a mapping, got " + std::string(root.kind_name()),
                         "start with 'graph: " + stem() + "'");
      return {};
    }
    validate_options(root, graph_options(), "graph", diagnostics_);
    read_name(root.find("graph"));
    graph_.description = root.find("description").text();
    if (const auto kind = period_kind_from(root.find("period").text())) graph_.period = *kind;
    graph_.schedule = read_schedule(root.find("schedule"), workspace_, diagnostics_);
    graph_.notify = read_notify(root.find("notify"), workspace_.channels, diagnostics_);
    graph_.triggers = read_triggers(root.find("triggers"), workspace_, diagnostics_);
    graph_.params = read_params(root.find("params"), workspace_.currency_scale, diagnostics_);
    defaults_ = read_job_settings(root.find("defaults"), JobSettings{}, diagnostics_);
    if (const YamlNode pool = root.find("defaults").find("resource_pool")) check_pool(pool);
    read_jobs(root.find("jobs"), {});
    read_deadlines(root, workspace_, graph_, diagnostics_);
    return is_sound_;
  }

 private:
  std::string stem() const { return std::filesystem::path(graph_.file).stem().string(); }

  void read_name(YamlNode node) {
    graph_.name = stem();
    if (!node.is_scalar() || node.text() == graph_.name || !is_identifier(node.text())) return;
    const std::string name(node.text());
    diagnostics_.error(
        node.position(), "graph '" + name + "' stands in file '" + graph_.file + "'",
        "rename the file to 'graphs/" + name + ".yaml', or write 'graph: " + graph_.name + "'");
  }

  /// `inside`: "north." for the jobs of the block that node `north` takes in.
  void read_jobs(YamlNode jobs, const std::string& inside) {
    if (!jobs) return;
    if (!jobs.is_mapping() || jobs.size() == 0) {
      diagnostics_.error(jobs.position(), "option 'jobs' must be a mapping of at least one job",
                         "write 'name: { type: ... }' below it");
      return;
    }
    is_sound_.reserve(is_sound_.size() + jobs.size());
    graph_.jobs.reserve(graph_.jobs.size() + jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (jobs[i].find("type").text() == kBlockType)
        read_block_node(jobs.key(i), jobs[i], inside);
      else
        read_job(jobs.key(i), jobs[i], inside);
    }
  }

  /// The block's jobs between two that do nothing: one waits for what the node waits for, the other
  /// comes after them all and is the node to everybody else.
  void read_block_node(YamlNode key, YamlNode body, const std::string& inside) {
    const auto begin = static_cast<JobIndex>(graph_.jobs.size());
    graph_.jobs.emplace_back();
    is_sound_.push_back(false);
    const std::string name = inside + std::string(key.text());
    if (const Block* block = block_of(body, name)) {
      const auto document = filled_block(*block, body.find("with"), std::string(key.text()),
                                         key.position(), diagnostics_);
      graph_.block_documents.push_back(document);
      open_blocks_.push_back(block->name);
      read_jobs(document->root().find("jobs"), name + ".");
      open_blocks_.pop_back();
    }
    graph_.blocks.push_back({begin, static_cast<JobIndex>(graph_.jobs.size())});
    read_job(key, body, inside);
    JobNode& end = graph_.jobs.back();
    graph_.jobs[begin] = end;
    graph_.jobs[begin].spec.name += ".begin";
    is_sound_[begin] = is_sound_.back();
    end.when = {.rule = TriggerRule::none_failed_min_one_success, .condition = nullptr, .text = {}};
  }

  /// Null after reporting; a name that is no file is reported with all other files.
  const Block* block_of(YamlNode body, const std::string& name) {
    const YamlNode of = body.find("of");
    const auto block = blocks_.find(of.text());
    if (block == blocks_.end()) return nullptr;
    if (std::find(open_blocks_.begin(), open_blocks_.end(), block->first) == open_blocks_.end())
      return &block->second;
    diagnostics_.error(of.position(),
                       "block '" + block->first + "' takes itself in, as '" + name +
                           "': " + join(open_blocks_, " -> ") + " -> " + block->first,
                       "a block may take in others, but never itself");
    return nullptr;
  }

  void read_job(YamlNode key, YamlNode body, const std::string& inside) {
    JobNode& job = graph_.jobs.emplace_back();
    job.inside = inside;
    job.spec = {.graph = graph_.name,
                .name = inside + std::string(key.text()),
                .type = std::string(body.find("type").text()),
                .options = Options(body),
                .where = key.position()};
    is_sound_.push_back(false);
    if (!is_identifier(key.text())) {
      diagnostics_.error(job.spec.where,
                         "job name '" + std::string(key.text()) +
                             "' must be letters, digits and '_', not starting with a digit");
    }
    if (!body.is_mapping()) {
      diagnostics_.error(
          body.is_null() ? job.spec.where : body.position(),
          "job '" + job.spec.name + "' must be a mapping, got " + std::string(body.kind_name()),
          "write at least 'type: ...'");
      return;
    }
    read_common_keys(body, job);
    is_sound_.back() = read_shape(job);
  }

  void read_common_keys(YamlNode body, JobNode& job) {
    const auto& common = common_job_keys();
    std::vector<std::string> of_the_type;
    for (std::size_t i = 0; i < body.size(); ++i) {
      const std::string_view name = body.key(i).text();
      if (std::find(common.begin(), common.end(), name) == common.end())
        of_the_type.emplace_back(name);
    }
    validate_options(body, common_job_options(), "job '" + job.spec.name + "'", diagnostics_,
                     of_the_type);
    JobSettings settings = read_job_settings(body, defaults_, diagnostics_);
    job.retries = settings.retries;
    job.backoff = settings.backoff;
    job.timeout = settings.timeout;
    job.queue_timeout = settings.queue_timeout;
    job.resource_pool = std::move(settings.resource_pool);
    if (const YamlNode pool = body.find("resource_pool")) check_pool(pool);
    job.priority = settings.priority;
    job.when = read_when(body.find("when"), graph_.params, job.inside, diagnostics_);
  }

  void check_pool(YamlNode pool) {
    const std::string name(pool.text());
    if (!pool.is_scalar() || name == kAllSlots || workspace_.resource_pools.contains(name)) return;
    std::vector<std::string> names{std::string(kAllSlots)};
    for (const auto& entry : workspace_.resource_pools) names.push_back(entry.first);
    const std::string meant = did_you_mean(name, names);
    diagnostics_.error(pool.position(), "unknown resource pool '" + name + "'",
                       meant.empty() ? "declare it in tallymill.yaml: 'resource_pools: { " + name +
                                           ": 2 }'; known are " + join(names, ", ")
                                     : meant);
  }

  bool read_shape(JobNode& job) {
    const YamlNode type = job.spec.options.node().find("type");
    if (job.spec.type.empty()) return false;  // reported as missing or not text
    if (std::find(types_.begin(), types_.end(), job.spec.type) == types_.end()) {
      const std::string meant = did_you_mean(job.spec.type, types_);
      diagnostics_.error(type.position(), "unknown job type '" + job.spec.type + "'",
                         meant.empty() ? "the types are " + join(types_, ", ") : meant);
      return false;
    }
    Diagnostics found;
    job.shape = catalog_.shape(job.spec, common_job_keys(), found);
    diagnostics_.add_all(found);
    return !found.has_errors();
  }

  Graph& graph_;
  const Workspace& workspace_;
  const Blocks& blocks_;
  const std::vector<std::string> types_;
  const JobCatalog& catalog_;
  Diagnostics& diagnostics_;
  JobSettings defaults_;
  std::vector<bool> is_sound_;            ///< by job
  std::vector<std::string> open_blocks_;  ///< that are being read, outermost first
};

}  // namespace

GraphDraft load_graph(const std::string& file, std::string text, const Workspace& workspace,
                      const Blocks& blocks, const JobCatalog& catalog, Diagnostics& diagnostics) {
  GraphDraft draft;
  draft.file = file;
  auto graph = std::make_shared<Graph>();
  graph->file = file;
  graph->sha256 = sha256_hex(text);
  graph->document = YamlDocument::parse(file, std::move(text), diagnostics);
  if (!graph->document) return draft;
  draft.is_sound =
      GraphReader(*graph, workspace, blocks, catalog, diagnostics).read(graph->document->root());
  draft.graph = std::move(graph);
  return draft;
}

}  // namespace tallymill
