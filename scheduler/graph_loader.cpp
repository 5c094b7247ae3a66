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
#include "scheduler/partition_axis.h"
#include "scheduler/period_choice.h"
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
    read_calendar();
    axis_ = read_axis(root);
    graph_.params = read_params(root.find("params"), workspace_.currency_scale, diagnostics_);
    defaults_ = read_job_settings(root.find("defaults"), JobSettings{}, diagnostics_);
    if (const YamlNode pool = root.find("defaults").find("resource_pool")) check_pool(pool);
    read_jobs(root.find("jobs"), {});
    add_list_jobs();
    read_deadlines(root, workspace_, graph_, diagnostics_);
    return is_sound_;
  }

 private:
  /// What dates are reckoned by: the schedule's, else the workspace's.
  void read_calendar() {
    graph_.zone = graph_.schedule ? graph_.schedule->zone : workspace_.zone;
    if (graph_.schedule) graph_.calendar = graph_.schedule->calendar;
    const auto found = workspace_.calendars.find(workspace_.default_calendar);
    if (!graph_.calendar && found != workspace_.calendars.end())
      graph_.calendar = found->second.calendar;
  }

  /// The axis `partition:` of `node` declares; one axis has one list within a graph.
  std::shared_ptr<const PartitionAxis> read_axis(YamlNode node) {
    const YamlNode partition = node.find("partition");
    auto axis = read_partition(partition, workspace_, diagnostics_);
    if (!axis) return nullptr;
    const std::string list = partition.find("values").canonical();
    const auto [known, is_new] = axes_.try_emplace(axis->name, std::pair{axis, list});
    if (!is_new && known->second.second != list)
      diagnostics_.error(
          partition.find("values").position(),
          "'" + axis->name + "' has other values elsewhere in graph '" + graph_.name + "'",
          "one axis has one list within a graph; give the other one another name");
    return known->second.first;
  }

  /// One job per list that has to be made: it becomes known in the run.
  void add_list_jobs() {
    for (const auto& [name, entry] : axes_) {
      const auto& axis = entry.first;
      if (!axis->is_listed()) continue;
      if (!axis->list) {
        require_list_job(*axis);
        continue;
      }
      for (const JobNode& job : graph_.jobs)
        if (job.spec.name == axis->list_job)
          diagnostics_.error(job.spec.where,
                             "job '" + axis->list_job +
                                 "' is called like the one that lists the "
                                 "partitions of '" +
                                 name + "'",
                             "give the job another name");
      JobNode& job = graph_.jobs.emplace_back();
      job.spec = {.graph = graph_.name,
                  .name = axis->list_job,
                  .type = std::string(kPartitionListType),
                  .options = Options(axis->list),
                  .where = axis->where};
      apply_settings(defaults_, job);
      Diagnostics found;
      job.shape = catalog_.shape(job.spec, {}, found);
      diagnostics_.add_all(found);
      is_sound_.push_back(!found.has_errors());
    }
  }

  void require_list_job(const PartitionAxis& axis) const {
    for (const JobNode& job : graph_.jobs)
      if (job.spec.name == axis.list_job && job.spec.type == kPartitionListType && !job.axis)
        return;
    diagnostics_.error(axis.list_place,
                       "'" + axis.list_job + "' is no job of this graph that lists partitions",
                       "name one of 'type: " + std::string(kPartitionListType) +
                           "' that is not partitioned itself");
  }

  /// What the texts below `node` need to know beside the period, and whether it can be known.
  void note_dates(YamlNode node, DateNeeds& needs, Diagnostics& found) const {
    for (std::size_t i = 0; !node.is_scalar() && i < node.size(); ++i)
      note_dates(node[i], needs, found);
    if (!node.is_scalar() || node.text().find("${") == std::string_view::npos) return;
    const DateNeeds own = needs_of(node.text());
    if (own.calendar && !graph_.calendar)
      found.error(node.position(), "work days need a calendar",
                  "add 'calendar: name' to the graph's schedule or to tallymill.yaml");
    if (own.due && !graph_.schedule)
      found.error(node.position(), "'scheduled' needs a schedule",
                  "add 'schedule:' to the graph, or use period_end");
    needs.calendar = needs.calendar || own.calendar;
    needs.zone = needs.zone || own.zone;
    needs.due = needs.due || own.due;
  }

  static void apply_settings(const JobSettings& settings, JobNode& job) {
    job.retries = settings.retries;
    job.backoff = settings.backoff;
    job.timeout = settings.timeout;
    job.queue_timeout = settings.queue_timeout;
    job.resource_pool = settings.resource_pool;
    job.priority = settings.priority;
  }

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
    apply_settings(read_job_settings(body, defaults_, diagnostics_), job);
    if (const YamlNode pool = body.find("resource_pool")) check_pool(pool);
    job.when = read_when(body.find("when"), graph_.params, job.inside, diagnostics_);
    job.axis = body.find("partition") ? read_axis(body) : axis_;
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
    note_dates(job.spec.options.node(), job.dates, found);
    job.shape = catalog_.shape(job.spec, common_job_keys(), found);
    for (const DatasetUse& use : job.shape.inputs) check_period_choice(graph_, use, found);
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
  std::vector<bool> is_sound_;                 ///< by job
  std::vector<std::string> open_blocks_;       ///< that are being read, outermost first
  std::shared_ptr<const PartitionAxis> axis_;  ///< of jobs that say nothing else
  /// By name, with the canonical text of its values.
  std::map<std::string, std::pair<std::shared_ptr<const PartitionAxis>, std::string>> axes_;
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
