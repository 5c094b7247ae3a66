#include <algorithm>
#include <chrono>

#include "connectors/connector.h"
#include "core/error.h"
#include "core/text.h"
#include "datasets/sql_text.h"
#include "jobs/connector_options.h"
#include "jobs/extract/control_totals.h"
#include "jobs/extract/duplicates.h"
#include "jobs/extract/extract_spec.h"
#include "jobs/extract/open_source.h"
#include "jobs/extract/record_corrections.h"
#include "jobs/extract/record_table.h"
#include "jobs/job.h"
#include "jobs/reject_limit.h"

namespace tallymill {

namespace {

const std::string kSource = "extract_source";
const std::string kRejectRows = "extract_rejects";

/// Reads records from outside into a dataset; what does not fit goes to `<job>.rejects`.
class Extract final : public Job {
 public:
  explicit Extract(const JobSpec& job) : job_(job) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    spec_ = ExtractSpec::read(job_.options, context.task().currency_scale, context.diagnostics());
    check_connector_options(spec_.from.node(), spec_.connector, ConnectorSide::from, {}, context);
    if (spec_.has_control)
      check_connector_options(spec_.control.from.node(), spec_.control.connector,
                              ConnectorSide::from, control_keys(), context);
    std::map<std::string, Schema> made{{spec_.into, spec_.schema()},
                                       {rejects_name(), spec_.rejects_schema()}};
    said_ = corrections_of(context);
    if (!said_.empty())
      made[corrections_dataset(job_.name)] = corrections_schema(
          {std::string(kSourceColumn), std::string(kLineColumn)}, spec_.has_sensitive_columns());
    return made;
  }

  void run(JobContext& context) override {
    OpenSource source = open_source(context, spec_.connector, spec_.from, spec_.wanted());
    OpenSource control;
    if (spec_.has_control)
      control = open_source(context, spec_.control.connector, spec_.control.from,
                            control_columns(spec_.control));
    spec_.refuse_extra_columns(*source.reader);
    find_hidden_columns(context.task().hidden_columns, *source.reader);
    if (is_unchanged(context, *source.reader, control.reader.get())) return;

    RejectLog rejects(context.task().folder / "tmp" / "rejects.bin");
    RecordCorrections corrections(said_, spec_.columns, source.reader->sources());
    RecordTable table(*source.reader, spec_.columns, corrections, rejects,
                      [&](std::int64_t records) { context.progress("records read", records, 0); });
    const auto start = std::chrono::steady_clock::now();
    const Duplicates duplicates = stage_rows(context, source, table, rejects);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    stage_rejects(context, *source.reader, rejects);
    corrections.stage(context, spec_.has_sensitive_columns());
    context.result().metrics["read_and_write_seconds"] = took.count();
    report(context, *source.reader, rejects, table);
    close_books(context, *source.reader, table, duplicates, rejects.count());
    compare_with_control(context, *source.reader, control.reader.get(), table);
    require_few_rejects(job_.options, {rejects.count(), source.reader->records_read(),
                                       "records read", rejects_name()});
    context.result().source_state = state(*source.reader, control.reader.get());
    context.result().outcome = TaskOutcome::succeeded;
  }

 private:
  std::string rejects_name() const { return rejects_dataset(job_.name); }

  std::vector<std::string> control_keys() const {
    std::vector<std::string> keys{"rows"};
    for (const auto& [column, source] : spec_.control.amounts) keys.push_back(column);
    return keys;
  }

  void find_hidden_columns(const std::vector<std::string>& hidden, const RecordReader& reader) {
    for (const auto& [source, column] : reader.ignored_columns())
      if (std::find(hidden.begin(), hidden.end(), column) != hidden.end())
        spec_.shows_hidden_columns = true;
  }

  /// True if neither source nor control totals changed since the visible version was made of them.
  static bool is_unchanged(JobContext& context, RecordReader& source, RecordReader* control) {
    const json::value& previous = context.task().previous;
    if (!previous.is_object()) return false;
    const json::value* known = previous.as_object().if_contains("source_state");
    if (known == nullptr || !known->is_object()) return false;
    const json::object& states = known->as_object();
    if (!states.contains("source") || states.contains("control") != (control != nullptr))
      return false;
    if (!source.is_unchanged(states.at("source"))) return false;
    if (control != nullptr && !control->is_unchanged(states.at("control"))) return false;
    context.result().source_state = state(source, control);
    context.result().outcome = TaskOutcome::unchanged;
    return true;
  }

  static SourceState state(const RecordReader& source, const RecordReader* control) {
    json::object states{{"source", source.state()}};
    if (control != nullptr) states["control"] = control->state();
    return states;
  }

  /// `_source` of a row as text, from its index.
  static std::string source_text(const RecordReader& reader) {
    const std::vector<std::string>& sources = reader.sources();
    std::vector<std::string> quoted;
    for (const std::string& source : sources) quoted.push_back(quote_literal(source));
    if (sources.size() == 1) return quoted[0] + "::varchar";
    return "([" + join(quoted, ", ") + "]::varchar[])[" + std::string(kSourceColumn) + " + 1]";
  }

  /// Stages the dataset straight from the source. Only all rows together tell which are
  /// duplicates of a declared key; where there are any, what was written is written anew.
  Duplicates stage_rows(JobContext& context, OpenSource& source, RecordTable& table,
                        RejectLog& rejects) {
    Engine& engine = context.engine();
    // DuckDB keeps table functions for good; this one is only ever used within this call.
    engine.add_source(kSource, table.table_columns(),
                      std::shared_ptr<TableSource>(&table, [](TableSource*) {}));
    Schema schema = spec_.schema();
    const std::vector<std::string> names = quoted(schema.names());
    Duplicates duplicates;
    const auto without = [&](const std::string& rows) {
      duplicates = find_duplicates(engine, rows, spec_, source.reader->sources());
      return without_duplicates(rows);
    };
    context.stage({.dataset = spec_.into,
                   .select = "select " + join(names, ", ") + ", " + source_text(*source.reader) +
                             " as _source, _line from " + kSource + "()",
                   .schema = std::move(schema),
                   .has_unique_key = !spec_.has_business_key(),
                   .without_duplicates = without});
    source.reader->finish();
    if (duplicates.rows > 0) {
      OpenSource again = open_source(context, spec_.connector, spec_.from, spec_.wanted());
      reject_duplicates(engine, duplicates, spec_, *again.reader, rejects);
    }
    return duplicates;
  }

  void stage_rejects(JobContext& context, const RecordReader& reader, RejectLog& rejects) {
    const Schema schema = spec_.rejects_schema();
    context.engine().add_source(kRejectRows, schema.columns, rejects.rows(reader.sources()));
    context.stage({.dataset = rejects_name(),
                   .select = "select * from " + kRejectRows + "()",
                   .schema = schema,
                   .evidence = true});
  }

  static void report(JobContext& context, const RecordReader& reader, const RejectLog& rejects,
                     const RecordTable& table) {
    json::object& report = context.result().report;
    report["source"] = reader.report();
    json::object reasons;
    for (const auto& [reason, count] : rejects.counts_by_reason()) reasons[reason] = count;
    report["rejects"] = reasons;
    json::object unparsable;
    for (const auto& [column, sums] : table.sums())
      if (sums.unparsable > 0) unparsable[column] = sums.unparsable;
    if (!unparsable.empty()) report["unparsable_amounts"] = unparsable;
  }

  /// read = out + rejected, in rows and in every money column and controlled total.
  void close_books(JobContext& context, const RecordReader& reader, const RecordTable& table,
                   const Duplicates& duplicates, std::int64_t rejected) {
    TaskResult& result = context.result();
    const TaskOutput& out = output(result);
    std::map<std::string, int> scales;
    for (const ExtractColumn& column : spec_.columns)
      if (column.column.type.kind == TypeKind::money ||
          spec_.control.amounts.contains(column.column.name))
        scales[column.column.name] = column.column.type.scale;
    Ledger ledger(scales);
    Ledger::Entry& in = ledger.debit("read");
    Ledger::Entry& kept = ledger.credit("out");
    Ledger::Entry& left = ledger.credit("rejected");
    in.rows = result.rows_in = reader.records_read();
    kept.rows = result.rows_out = out.rows;
    left.rows = result.rows_rejected = rejected;
    for (const auto& [column, scale] : scales) {
      const RecordTable::Sums& sums = table.sums().at(column);
      in.amounts[column] = sums.read;
      kept.amounts[column] = parse_decimal(out.amounts.at(column), 38, scale).value;
      left.amounts[column] = sums.rejected + duplicates.amount(column);
    }
    result.ledger = ledger.to_json();
    ledger.require_balance(job_.name);
  }

  const TaskOutput& output(const TaskResult& result) const {
    for (const TaskOutput& output : result.outputs)
      if (output.dataset == spec_.into) return output;
    throw Error(ErrorClass::bug, "dataset '" + spec_.into + "' was not staged");
  }

  void compare_with_control(JobContext& context, const RecordReader& reader, RecordReader* control,
                            const RecordTable& table) {
    if (control == nullptr) return;
    const ControlSums said = read_control_sums(spec_.control, spec_, *control);
    std::map<std::string, ReadSum> read;
    for (const auto& [column, sums] : table.sums()) read[column] = {sums.read, sums.unparsable};
    const std::string differences =
        control_differences(spec_.control, spec_, said, reader.records_read(), read);
    context.result().report["control_totals"] = differences.empty() ? "equal" : differences;
    if (!differences.empty())
      throw Error(ErrorClass::data, "control totals differ: " + differences,
                  job_.options.position("control_totals"));
  }

  JobSpec job_;
  ExtractSpec spec_;
  std::vector<Correction> said_;
};

void shape(const JobSpec& job, JobShape& shape, Diagnostics& diagnostics) {
  // Types are checked again with the workspace's currency when the job is planned.
  constexpr int kAnyScale = 2;
  const ExtractSpec spec = ExtractSpec::read(job.options, kAnyScale, diagnostics);
  shape.outputs.push_back({spec.into, job.options.position("into")});
  shape.evidence.push_back({rejects_dataset(job.name), job.where});
  shape.evidence.push_back({corrections_dataset(job.name), job.where});
  shape.reads_source = true;
  check_reject_limits(job.options, diagnostics);
  for (const ExtractColumn& column : spec.columns) {
    shape.source_columns.push_back(column.source.name);
    if (column.column.sensitive) shape.sensitive_columns.push_back(column.source.name);
  }
  shape_connector(spec.from.node(), ConnectorSide::from, {}, shape, diagnostics);
  if (!spec.from.has("connector"))
    diagnostics.error(spec.from.node().position(), "'from' lacks the option 'connector'");
  if (!spec.has_control) return;
  std::vector<std::string> own_keys{"rows"};
  for (const ExtractColumn& column : spec.columns) own_keys.push_back(column.column.name);
  shape_connector(spec.control.from.node(), ConnectorSide::from, own_keys, shape, diagnostics);
}

}  // namespace

void register_extract(Registry<JobType>& jobs) {
  jobs.add({
      .name = "extract",
      .summary = "Reads records from a connector into a dataset; what does not fit is a reject.",
      .options = extract_options(),
      .shape = shape,
      .make = [](const JobSpec& job) -> std::unique_ptr<Job> {
        return std::make_unique<Extract>(job);
      },
  });
}

}  // namespace tallymill
