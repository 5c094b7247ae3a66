#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "datasets/row_sieve.h"
#include "datasets/sql_text.h"
#include "jobs/change_tally.h"
#include "jobs/cleanse_changes.h"
#include "jobs/cleanse_notes.h"
#include "jobs/cleanse_results.h"
#include "jobs/corrections.h"
#include "jobs/dataset_input.h"
#include "jobs/flow_rows.h"
#include "jobs/job_books.h"
#include "jobs/reject_limit.h"
#include "jobs/step.h"

namespace tallymill {
namespace {

constexpr std::int64_t kMaxRuleErrors = 100;
constexpr const char* kChanges = "counts";  ///< what is kept of changes by default
constexpr const char* kReasonColumns[] = {"_reason", "_reasons", "_rule", "_message"};
constexpr const char* kSurvivorColumn = "_survivor";  ///< of merged rows, beside those
constexpr const char* kLeft = "tm_left";              ///< view of the rows that leave

/// One entry of `steps:`; `type` is null where there is no such step.
struct StepEntry {
  const StepType* type = nullptr;
  std::string name;
  YamlNode value;
  SourcePosition where;

  Options options() const {
    return type->main.empty() ? Options(value) : Options(value, type->main);
  }
};

std::vector<StepEntry> entries_of(const Options& options) {
  std::vector<StepEntry> entries;
  for (const YamlNode& node : options.list("steps")) {
    if (!node.is_mapping() || node.size() != 1) continue;  // reported with the options
    const std::string name(node.key(0).text());
    entries.push_back({step_types().find(name), name, node[0], node.key(0).position()});
  }
  return entries;
}

Schema evidence_schema(const Schema& schema, Leaving leaving) {
  Schema evidence = schema;
  evidence.key.clear();
  for (Column& column : evidence.columns) column.required = false;
  for (const char* name : kReasonColumns)
    evidence.columns.push_back({.name = name, .type = Type::text()});
  if (leaving == Leaving::merged)
    evidence.columns.push_back({.name = kSurvivorColumn, .type = Type::text()});
  return evidence;
}

/// Whether a flow or its evidence has a column of that name; SQL knows no case.
bool is_own_column(const std::string& name) {
  const std::string lower = sql_lower(name);
  return lower.starts_with("tm_") || lower == kSurvivorColumn ||
         std::find(std::begin(kReasonColumns), std::end(kReasonColumns), lower) !=
             std::end(kReasonColumns);
}

/// Brings rows into shape, step by step in one pass, and keeps every row that leaves as evidence.
class Cleanse final : public Job {
 public:
  explicit Cleanse(const JobSpec& spec)
      : options_(spec.options),
        from_(input_name(spec.options.node("from"))),
        into_(spec.options.text("into")),
        balance_(spec.options.columns("balance")),
        changes_(spec.options.text("changes", kChanges)),
        job_(spec.name) {}

  std::map<std::string, Schema> plan(JobContext& context) override;
  void run(JobContext& context) override;

 private:
  void make_tables(JobContext& context) const;
  std::vector<std::string> key_of(JobContext& context, const Schema& schema) const;
  std::string evidence_name(Leaving leaving) const;
  CleanseOutputs stage_all(JobContext& context) const;
  std::optional<RowSieve> leaving_rows(JobContext& context) const;
  std::vector<std::int64_t> stage_staying(JobContext& context,
                                          const std::optional<RowSieve>& leaving) const;
  void refuse_rule_errors(JobContext& context, const CleanseOutputs& outputs) const;

  Options options_;
  std::string from_;
  std::string into_;
  std::vector<std::string> balance_;
  std::string changes_;  ///< none, counts or all
  std::string job_;
  std::unique_ptr<CleanseFlow> flow_;
  std::optional<RowCorrections> corrections_;
  Schema schema_;
  std::vector<Leaving> leavings_;
};

std::map<std::string, Schema> Cleanse::plan(JobContext& context) {
  // Who asks what the job would do wants to see it cell by cell.
  if (context.task().mode == TaskMode::query) changes_ = "all";
  make_tables(context);
  const Schema& input = context.schema(from_);
  for (const std::string& name : input.names())
    if (is_own_column(name))
      context.diagnostics().error(options_.position("from"),
                                  "dataset '" + from_ + "' has a column '" + name +
                                      "', a name that a cleanse writes itself",
                                  "rename it or leave it out with a transform first");
  flow_ = std::make_unique<CleanseFlow>(context, input, context.relation(from_), balance_,
                                        changes_ == "all"    ? CleanseFlow::Changes::all
                                        : changes_ == "none" ? CleanseFlow::Changes::none
                                                             : CleanseFlow::Changes::counts);
  corrections_.emplace(context, input, context.relation(from_));
  corrections_->apply(*flow_);
  leavings_ = {Leaving::rejected};
  int number = 0;
  for (const StepEntry& entry : entries_of(options_)) {
    ++number;
    if (entry.type == nullptr) continue;  // reported by shape()
    flow_->begin_step("step " + std::to_string(number) + ": " + entry.name);
    entry.type->make(entry.options())->apply(*flow_);
    if (entry.type->evidence == "merged") leavings_.push_back(Leaving::merged);
    if (entry.type->evidence == "filtered") leavings_.push_back(Leaving::filtered);
  }
  std::sort(leavings_.begin(), leavings_.end());
  leavings_.erase(std::unique(leavings_.begin(), leavings_.end()), leavings_.end());
  schema_ = flow_->schema();
  schema_.key = key_of(context, schema_);
  check_balanced_columns(balance_, schema_, options_.position("balance"), context.diagnostics());
  std::map<std::string, Schema> made{{into_, schema_}};
  for (const Leaving leaving : leavings_)
    made[evidence_name(leaving)] = evidence_schema(schema_, leaving);
  for (auto& [name, schema] : note_schemas(*flow_, schema_)) made[job_ + "." + name] = schema;
  if (changes_ == "all") made[job_ + ".changes"] = change_log_schema(schema_);
  if (!corrections_->empty()) made[corrections_dataset(job_)] = corrections_->evidence_schema();
  return made;
}

/// Expressions name tables as they are called in YAML.
void Cleanse::make_tables(JobContext& context) const {
  for (const YamlNode& node : options_.list("tables")) {
    const std::string name(node.text());
    const std::string relation = context.table(name, nullptr);
    if (!relation.empty() && relation != quote_identifier(name))
      context.engine().execute("CREATE OR REPLACE TEMP VIEW " + quote_identifier(name) +
                               " AS SELECT * FROM " + relation);
  }
}

/// As declared, else the input's own: rows keep what they are known by.
std::vector<std::string> Cleanse::key_of(JobContext& context, const Schema& schema) const {
  const auto exists = [&](const std::string& name) {
    return schema.find(name) != nullptr || (schema.has_provenance && is_provenance(name));
  };
  if (!options_.has("key")) {
    const bool is_whole = std::all_of(schema.key.begin(), schema.key.end(), exists);
    return is_whole ? schema.key : std::vector<std::string>();
  }
  std::vector<std::string> key = options_.columns("key");
  for (const std::string& name : key)
    if (!exists(name))
      context.diagnostics().error(options_.position("key"), "there is no column '" + name + "'",
                                  did_you_mean(name, schema.names()));
  return key;
}

std::string Cleanse::evidence_name(Leaving leaving) const {
  switch (leaving) {
    case Leaving::merged:
      return job_ + ".merged";
    case Leaving::filtered:
      return job_ + ".filtered";
    case Leaving::rejected:
      break;
  }
  return rejects_dataset(job_);
}

void Cleanse::run(JobContext& context) {
  const CleanseOutputs outputs = stage_all(context);
  corrections_->stage(context);
  const CleanseTotals totals(context, *flow_, outputs);
  report_cleanse(context, *flow_, outputs, totals);
  close_cleanse_books(context, *flow_, outputs, totals);
  refuse_rule_errors(context, outputs);
  require_few_rejects(options_, {context.result().rows_rejected, context.result().rows_in,
                                 "rows of '" + from_ + "'", evidence_name(Leaving::rejected)});
}

/// A flow of projections streams: while the rows that stay are written, those that leave are taken
/// out. What ranks rows or calls rules is stored before, or set aside meanwhile.
CleanseOutputs Cleanse::stage_all(JobContext& context) const {
  const std::string input = context.relation(from_);
  const std::int64_t rows_in = count_of(context, input);
  flow_->prepare(rows_in);
  CleanseOutputs outputs{.input = input,
                         .rows_in = rows_in,
                         .rows = "(" + flow_->select() + ")",
                         .into = into_,
                         .schema = schema_,
                         .evidence = {},
                         .changed = {}};
  const std::optional<RowSieve> sieve = leaving_rows(context);
  outputs.changed = stage_staying(context, sieve);
  if (sieve && sieve->seen() != rows_in)
    throw Error(ErrorClass::bug, group_digits(sieve->seen()) + " rows stayed or left, and " +
                                     group_digits(rows_in) + " came");
  const std::string left = sieve ? kLeft : outputs.rows;
  for (const Leaving leaving : leavings_) {
    const Schema evidence = evidence_schema(schema_, leaving);
    outputs.evidence.emplace_back(leaving, evidence_name(leaving));
    context.stage({.dataset = evidence_name(leaving),
                   .select = "SELECT " + join(quoted(evidence.stored_names()), ", ") + " FROM " +
                             left + " WHERE tm_leaving = " + quote_literal(to_string(leaving)),
                   .schema = evidence,
                   .evidence = true});
  }
  for (const auto& [name, schema] : note_schemas(*flow_, schema_))
    context.stage({.dataset = job_ + "." + name,
                   .select = note_select(*flow_, name, schema_, outputs.rows),
                   .schema = schema,
                   .evidence = true});
  if (changes_ == "all")
    context.stage({.dataset = job_ + ".changes",
                   .select = change_log_select(*flow_, schema_, outputs.rows),
                   .schema = change_log_schema(schema_),
                   .evidence = true});
  return outputs;
}

/// The view kLeft, if any row can leave.
std::optional<RowSieve> Cleanse::leaving_rows(JobContext& context) const {
  if (!flow_->has_marks()) return std::nullopt;
  std::vector<Column> columns = evidence_schema(schema_, Leaving::merged).stored_columns();
  columns.push_back({.name = "tm_leaving", .type = Type::text()});
  for (Column& column : columns) column.name = quote_identifier(column.name);
  return make_sieve(context, kLeft, std::move(columns));
}

/// Gives the changed cells of the rows that stay, by CleanseFlow::changes().
std::vector<std::int64_t> Cleanse::stage_staying(JobContext& context,
                                                 const std::optional<RowSieve>& leaving) const {
  std::vector<std::string> flags;
  for (const CleanseFlow::CellStage& cell : flow_->changes()) flags.push_back(cell.changed);
  std::optional<ChangeTally> tally;
  if (!flags.empty()) tally.emplace(context.engine(), std::move(flags));
  std::vector<std::string> columns = quoted(schema_.stored_names());
  if (tally) columns.front() = tally->counting(columns.front()) + " AS " + columns.front();
  const auto staying = [&](const std::string& rows) {
    const std::string from = "FROM (" + rows + ")";
    return "SELECT " + join(columns, ", ") + " " +
           (leaving ? "FROM (SELECT * " + leaving->passing(from, "NOT tm_stays") + ")" : from);
  };
  StageRequest request{.dataset = into_, .schema = schema_};
  if (flow_->sets_aside()) {
    request.select = staying(flow_->select_passing());
    request.more = [&] { return staying(flow_->select_set_aside()); };
  } else {
    request.select = staying(flow_->select());
  }
  context.stage(request);
  if (!tally) return {};
  if (tally->rows() != staged(context, into_).rows)
    throw Error(ErrorClass::bug, "changes were counted in " + group_digits(tally->rows()) +
                                     " rows, and " + group_digits(staged(context, into_).rows) +
                                     " were written");
  return tally->changed();
}

/// Some rows a rule cannot handle are findings; a rule that fails everywhere is broken.
void Cleanse::refuse_rule_errors(JobContext& context, const CleanseOutputs& outputs) const {
  const std::int64_t limit = options_.integer("max_rule_errors", kMaxRuleErrors);
  const Rows rows = context.engine().query(
      "SELECT count(*), min(_message) FROM " + left_relation(context, outputs) +
      " WHERE list_contains(string_split(_reasons, ';'), 'rule_error')");
  if (rows.integer(0, 0) <= limit) return;
  throw Error(ErrorClass::config, "rules raised on " + group_digits(rows.integer(0, 0)) +
                                      " rows, more than max_rule_errors " + group_digits(limit) +
                                      "; the first: " + rows.text(0, 1));
}

void add_evidence(const std::string& dataset, const SourcePosition& where, JobShape& shape) {
  const bool is_known = std::any_of(shape.evidence.begin(), shape.evidence.end(),
                                    [&](const DatasetUse& use) { return use.dataset == dataset; });
  if (!is_known) shape.evidence.push_back({dataset, where});
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  check_reject_limits(options, diagnostics);
  add_input(read_input(options.node("from"), diagnostics), shape, diagnostics);
  shape.outputs.push_back({options.text("into"), options.position("into")});
  shape.evidence.push_back({rejects_dataset(spec.name), spec.where});
  shape.evidence.push_back({corrections_dataset(spec.name), spec.where});
  if (options.text("changes", kChanges) == "all")
    shape.evidence.push_back({spec.name + ".changes", options.position("changes")});
  for (const YamlNode& node : options.list("tables"))
    shape.files.push_back({"tables/" + std::string(node.text()) + ".csv", node.position()});
  const std::vector<std::string> known = step_types().names();
  for (const StepEntry& entry : entries_of(options)) {
    if (entry.type == nullptr) {
      std::string hint = did_you_mean(entry.name, known);
      if (hint.empty()) hint = "the steps are " + join(known, ", ");
      diagnostics.error(entry.where, "unknown step '" + entry.name + "'", std::move(hint));
      continue;
    }
    Diagnostics found;
    validate_step(*entry.type, entry.value, found);
    diagnostics.add_all(found);
    if (!found.has_errors() && entry.type->files)
      for (FileUse& file : entry.type->files(entry.options()))
        shape.files.push_back(std::move(file));
    std::vector<std::string> evidence;
    if (!entry.type->evidence.empty()) evidence.push_back(entry.type->evidence);
    if (!found.has_errors() && entry.type->notes)
      for (std::string& name : entry.type->notes(entry.options()))
        evidence.push_back(std::move(name));
    for (const std::string& name : evidence)
      add_evidence(spec.name + "." + name, entry.where, shape);
  }
}

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> options{
      input_option("from", "Dataset to cleanse.", true),
      into_option("Dataset of the rows that stay."),
      {.name = "key",
       .kind = OptionKind::columns,
       .summary = "Columns that make a row unique.",
       .default_text = "the input's key"},
      {.name = "steps",
       .kind = OptionKind::list,
       .summary = "What happens to the rows, in order; see docs/steps.",
       .required = true,
       .fields = {{.name = "step", .kind = OptionKind::unit, .units = "step"}}},
      {.name = "balance",
       .kind = OptionKind::columns,
       .summary = "Amounts that the ledger must account for, to the last unit."},
      {.name = "changes",
       .kind = OptionKind::choice,
       .summary = "What is kept of changed cells: nothing, how many, or each in <job>.changes.",
       .default_text = kChanges,
       .choices = {"none", "counts", "all"}},
      {.name = "tables",
       .kind = OptionKind::list,
       .summary = "tables/<name>.csv that expressions of steps select from.",
       .fields = {{.name = "table", .kind = OptionKind::name}}},
      {.name = "max_rule_errors",
       .kind = OptionKind::integer,
       .summary = "Rows that rules may raise on before the job fails.",
       .default_text = "100"}};
  for (OptionSpec& limit : reject_limit_options()) options.push_back(std::move(limit));
  return options;
}

}  // namespace

void register_cleanse(Registry<JobType>& jobs) {
  jobs.add({
      .name = "cleanse",
      .summary = "Brings rows into shape by steps; rows that leave are kept with all reasons.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<Cleanse>(spec);
      },
  });
}

}  // namespace tallymill
