#include <algorithm>

#include "connectors/connector.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/connector_options.h"
#include "jobs/job.h"

namespace tallymill {

namespace {

constexpr std::string_view kTo = "to";

/// Delivers a dataset to a connector as a whole or not at all, and reads back what arrived.
class Export final : public Job {
 public:
  explicit Export(const JobSpec& job)
      : job_(job), from_(job.options.text("from")), to_(job.options.object(kTo)) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    check_connector_options(to_.node(), to_.text("connector"), ConnectorSide::to, {}, context);
    const Schema& schema = context.schema(from_);
    std::vector<std::string> chosen = job_.options.columns("columns");
    if (chosen.empty()) chosen = schema.names();
    for (const std::string& name : chosen) {
      const Column* column = schema.find(name);
      if (column != nullptr)
        columns_.push_back(*column);
      else
        context.diagnostics().error(job_.options.position("columns"),
                                    "dataset '" + from_ + "' has no column '" + name + "'",
                                    did_you_mean(name, schema.names()));
    }
    key_ = schema.key;
    return {};
  }

  void run(JobContext& context) override {
    const NamedConnector target = open_connector(connector_types(), context.task(),
                                                 to_.text("connector"), to_.position("connector"));
    if (!target.connector->can(Capability::write))
      throw Error(ErrorClass::config,
                  "connector '" + to_.text("connector") + "' (" + target.type->name +
                      ") can only be read from",
                  to_.position("connector"));
    const std::unique_ptr<RecordWriter> writer =
        target.connector->open_writer({to_, columns_, delivered_key(), publication(context.task()),
                                       [&](const std::string& text, const SourcePosition& where) {
                                         return context.expand(text, where);
                                       }});
    write_rows(context, *writer);
    close_books(context, writer->commit());
  }

 private:
  /// The key as far as it is delivered.
  std::vector<std::string> delivered_key() const {
    std::vector<std::string> key;
    for (const std::string& name : key_)
      if (std::any_of(columns_.begin(), columns_.end(),
                      [&](const Column& column) { return column.name == name; }))
        key.push_back(name);
    return key;
  }

  Publication publication(const Task& task) const {
    std::string digest;
    for (const InputVersion& version : task.inputs.at(from_))
      digest += (digest.empty() ? "" : ",") + version.digest;
    return {task.graph, task.job, task.period, task.partition, task.epoch, digest};
  }

  /// In key order, then by all that is delivered, so that equal data gives equal bytes.
  std::string select(JobContext& context) const {
    std::vector<std::string> texts;
    std::vector<std::string> order;
    for (const std::string& name : key_) order.push_back(quote_identifier(name));
    for (const Column& column : columns_) {
      const std::string name = quote_identifier(column.name);
      order.push_back(name);
      texts.push_back(column.type.kind == TypeKind::timestamp
                          ? "replace(" + name + "::VARCHAR, ' ', 'T') || 'Z'"
                          : name + "::VARCHAR");
    }
    return "SELECT " + join(texts, ", ") + " FROM " + context.relation(from_) + " ORDER BY " +
           join(order, ", ");
  }

  void write_rows(JobContext& context, RecordWriter& writer) {
    const std::vector<Type> texts(columns_.size(), Type::text());
    std::vector<SourceField> fields(columns_.size());
    context.engine().read(
        select(context), texts, [&](std::span<const ColumnView> cells, std::size_t rows) {
          for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t i = 0; i < fields.size(); ++i) {
              fields[i].is_null = cells[i].is_null(row);
              fields[i].text =
                  fields[i].is_null ? std::string_view() : cells[i].as<StringRef>()[row].view();
            }
            writer.write(fields);
          }
          rows_ += static_cast<std::int64_t>(rows);
          context.progress("rows written", rows_, 0);
        });
  }

  /// in = delivered, in rows and in every money column, as the target itself says.
  void close_books(JobContext& context, const WriteReceipt& receipt) const {
    std::map<std::string, int> scales;
    std::vector<std::string> sums{"count(*)"};
    for (const Column& column : columns_)
      if (column.type.kind == TypeKind::money) {
        scales[column.name] = column.type.scale;
        sums.push_back("coalesce(sum(" + quote_identifier(column.name) + "), 0)::DECIMAL(38," +
                       std::to_string(column.type.scale) + ")");
      }
    const Rows measured =
        context.engine().query("SELECT " + join(sums, ", ") + " FROM " + context.relation(from_));
    Ledger ledger(scales);
    Ledger::Entry& in = ledger.debit("in");
    Ledger::Entry& delivered = ledger.credit("delivered");
    in.rows = measured.integer(0, 0);
    delivered.rows = receipt.rows;
    std::size_t at = 1;
    for (const Column& column : columns_)
      if (column.type.kind == TypeKind::money) {
        in.amounts[column.name] =
            parse_decimal(measured.text(0, at++), 38, column.type.scale).value;
        const auto found = receipt.amounts.find(column.name);
        delivered.amounts[column.name] = found == receipt.amounts.end() ? 0 : found->second;
      }
    TaskResult& result = context.result();
    result.rows_in = in.rows;
    result.rows_out = delivered.rows;
    result.ledger = ledger.to_json();
    result.report["delivered_to"] = receipt.where;
    ledger.require_balance(job_.name);
    result.outcome = TaskOutcome::succeeded;
  }

  JobSpec job_;
  std::string from_;
  Options to_;
  std::vector<Column> columns_;
  std::vector<std::string> key_;
  std::int64_t rows_ = 0;
};

void shape(const JobSpec& job, JobShape& shape, Diagnostics& diagnostics) {
  shape.inputs.push_back({job.options.text("from"), job.options.position("from")});
  shape.has_outside_effect = true;
  const Options to = job.options.object(kTo);
  shape_connector(to.node(), ConnectorSide::to, {}, shape, diagnostics);
  if (!to.has("connector"))
    diagnostics.error(to.node().position(), "'to' lacks the option 'connector'");
}

}  // namespace

void register_export(Registry<JobType>& jobs) {
  jobs.add({
      .name = "export",
      .summary = "Delivers a dataset to a connector, as a whole or not at all.",
      .options = {{"from", OptionKind::name, "The dataset to deliver.", true},
                  {"to", OptionKind::any,
                   "Where to: `connector:` and that connector's own options.", true},
                  {"columns", OptionKind::columns,
                   "Only these columns, in this order; default: all business columns."}},
      .shape = shape,
      .make = [](const JobSpec& job) -> std::unique_ptr<Job> {
        return std::make_unique<Export>(job);
      },
  });
}

}  // namespace tallymill
