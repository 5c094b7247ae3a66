#include <algorithm>

#include "connectors/connector.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/connector_options.h"
#include "jobs/dataset_input.h"
#include "jobs/export/row_text.h"
#include "jobs/job.h"

namespace tallymill {

namespace {

/// Delivers a dataset to a connector, sorted by its key, and reads back what arrived.
class Export final : public Job {
 public:
  explicit Export(const JobSpec& job) : job_(job), from_(input_name(job.options.node("from"))) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    check_connector_options(to().node(), connector(), ConnectorSide::to, {}, context);
    columns_ = choose_columns(context.schema(from_), context.diagnostics());
    return {};
  }

  void run(JobContext& context) override {
    const NamedConnector target =
        open_connector(connector_types(), context.task(), connector(), to().position("connector"));
    const std::unique_ptr<RecordWriter> writer = target.connector->open_writer(request(context));
    Ledger ledger(scales());
    count_rows(context, ledger.debit("dataset"));
    write_rows(context, *writer, ledger.debit("dataset").rows);
    const WriteReceipt receipt = writer->read_back();
    Ledger::Entry& delivered = ledger.credit("target");
    delivered.rows = receipt.rows;
    delivered.amounts = receipt.amounts;
    report(context, ledger, receipt);
    ledger.require_balance(job_.name);
    writer->commit();
    context.result().outcome = TaskOutcome::succeeded;
  }

 private:
  Options to() const { return job_.options.object("to"); }
  std::string connector() const { return to().text("connector"); }

  /// The declared columns, or all business columns; provenance only if it is named.
  std::vector<Column> choose_columns(const Schema& schema, Diagnostics& diagnostics) const {
    if (!job_.options.has("columns")) return schema.columns;
    std::vector<Column> known = schema.columns;
    if (schema.has_provenance) {
      known.push_back({.name = std::string(kSourceColumn), .type = Type::text()});
      known.push_back({.name = std::string(kLineColumn), .type = Type::integer()});
    }
    std::vector<std::string> names;
    for (const Column& column : known) names.push_back(column.name);
    std::vector<Column> chosen;
    for (const std::string& name : job_.options.columns("columns")) {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end())
        diagnostics.error(job_.options.position("columns"),
                          "dataset '" + from_ + "' has no column '" + name + "'",
                          did_you_mean(name, names));
      else
        chosen.push_back(known[static_cast<std::size_t>(found - names.begin())]);
    }
    return chosen;
  }

  bool is_delivered(const std::string& name) const {
    return std::any_of(columns_.begin(), columns_.end(),
                       [&](const Column& column) { return column.name == name; });
  }

  WriteRequest request(JobContext& context) const {
    const Task& task = context.task();
    WriteRequest request{.to = to(), .columns = columns_, .key = {}, .publication = {}};
    const std::vector<std::string>& key = context.schema(from_).key;
    if (std::all_of(key.begin(), key.end(),
                    [&](const std::string& name) { return is_delivered(name); }))
      request.key = key;
    std::vector<std::string> digests;
    for (const InputVersion& version : task.inputs.at(from_)) digests.push_back(version.digest);
    request.publication = {task.graph,     task.job,   task.period,
                           task.partition, task.epoch, join(digests, ",")};
    request.expand = [&context](const std::string& text, const SourcePosition& where) {
      return context.expand(text, where);
    };
    return request;
  }

  std::map<std::string, int> scales() const {
    std::map<std::string, int> scales;
    for (const Column& column : columns_)
      if (column.type.is_summable()) scales[column.name] = column.type.scale;
    return scales;
  }

  /// What the dataset holds, by a query of its own: not what the loop below believes to write.
  void count_rows(JobContext& context, Ledger::Entry& entry) const {
    std::string sql = "select count(*)";
    std::vector<const Column*> summed;
    for (const Column& column : columns_) {
      if (!column.type.is_summable()) continue;
      summed.push_back(&column);
      sql += ", sum(" + quote_identifier(column.name) + ")";
    }
    const Rows rows = context.engine().query(sql + " from " + context.relation(from_));
    entry.rows = rows.integer(0, 0);
    for (std::size_t i = 0; i < summed.size(); ++i)
      entry.amounts[summed[i]->name] =
          rows.cells[0][i + 1]
              ? parse_decimal(*rows.cells[0][i + 1], 38, summed[i]->type.scale).value
              : Int128{0};
  }

  void write_rows(JobContext& context, RecordWriter& writer, std::int64_t total) const {
    std::vector<std::string> names;
    std::vector<Type> types;
    for (const Column& column : columns_) {
      names.push_back(quote_identifier(column.name));
      types.push_back(column.type);
    }
    // Behind the key all columns, so that rows of a dataset without one have an order, too.
    std::vector<std::string> order;
    for (const std::string& name : context.schema(from_).key)
      order.push_back(quote_identifier(name));
    order.insert(order.end(), names.begin(), names.end());
    RowText text(types);
    std::int64_t written = 0;
    context.engine().read("select " + join(names, ", ") + " from " + context.relation(from_) +
                              " order by " + join(order, ", "),
                          types, [&](std::span<const ColumnView> columns, std::size_t rows) {
                            for (std::size_t row = 0; row < rows; ++row)
                              writer.write(text.row(columns, row));
                            written += static_cast<std::int64_t>(rows);
                            context.progress("rows written", written, total);
                          });
  }

  void report(JobContext& context, const Ledger& ledger, const WriteReceipt& receipt) const {
    TaskResult& result = context.result();
    result.ledger = ledger.to_json();
    result.rows_in = receipt.rows;
    result.rows_out = receipt.rows;
    json::object amounts;
    for (const auto& [column, scale] : scales())
      amounts[column] = format_decimal(receipt.amounts.at(column), scale);
    result.report["target"] = receipt.where;
    result.report["rows"] = receipt.rows;
    result.report["amounts"] = amounts;
  }

  JobSpec job_;
  std::string from_;
  std::vector<Column> columns_;
};

void shape(const JobSpec& job, JobShape& shape, Diagnostics& diagnostics) {
  add_input(read_input(job.options.node("from"), diagnostics), shape, diagnostics);
  shape.has_outside_effect = true;
  const YamlNode to = job.options.node("to");
  shape_connector(to, ConnectorSide::to, {}, shape, diagnostics);
  if (!to.find("connector")) diagnostics.error(to.position(), "'to' lacks the option 'connector'");
}

std::vector<OptionSpec> options() {
  OptionSpec to{.name = "to",
                .kind = OptionKind::map,
                .summary = "The connector and where to write; the other keys are the connector's.",
                .required = true};
  to.fields = {{.name = "", .kind = OptionKind::any}};
  return {input_option("from", "The dataset to deliver.", true),
          to,
          {.name = "columns",
           .kind = OptionKind::columns,
           .summary = "The columns to deliver, in this order; _source and _line may be named.",
           .default_text = "all business columns"}};
}

}  // namespace

void register_export(Registry<JobType>& jobs) {
  jobs.add({
      .name = "export",
      .summary = "Delivers a dataset to a connector and reads back what arrived.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& job) -> std::unique_ptr<Job> {
        return std::make_unique<Export>(job);
      },
  });
}

}  // namespace tallymill
