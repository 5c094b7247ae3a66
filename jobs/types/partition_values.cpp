#include "core/error.h"
#include "core/text.h"
#include "datasets/sql_rules.h"
#include "jobs/job.h"

namespace tallymill {
namespace {

/// A run with more job runs than this was not meant.
constexpr std::int64_t kMostValues = 10'000;
constexpr std::size_t kLongestEncoded = 180;  ///< a folder's name holds 255 bytes

/// Lists the partitions of an axis: the distinct texts of a column, or what a query gives. Made by
/// the graph loader from `partition:`.
class PartitionValues final : public Job {
 public:
  explicit PartitionValues(const JobSpec& spec)
      : options_(spec.options),
        input_(options_.text(options_.has("dataset") ? "dataset" : "from")) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    const std::string relation = context.relation(input_);
    if (options_.has("sql"))
      plan_query(context);
    else
      plan_column(context, relation);
    return {};
  }

  void run(JobContext& context) override {
    const Rows rows =
        context.engine().query("select distinct value from (" + select_ + ") order by value");
    refuse(rows);
    json::array values;
    for (std::size_t row = 0; row < rows.cells.size(); ++row)
      values.emplace_back(rows.text(row, 0));
    TaskResult& result = context.result();
    result.rows_in =
        context.engine().query("select count(*) from " + context.relation(input_)).integer(0, 0);
    result.report["values"] = values;
    result.answer = std::move(values);
    result.outcome = TaskOutcome::succeeded;
  }

 private:
  void plan_column(JobContext& context, const std::string& relation) {
    const std::string column = options_.text("column");
    const Schema& schema = context.schema(input_);
    if (schema.find(column) == nullptr)
      context.diagnostics().error(options_.position("column"),
                                  "dataset '" + input_ + "' has no column '" + column + "'",
                                  did_you_mean(column, schema.names()));
    select_ = "select cast(" + quote_identifier(column) + " as varchar) as value from " + relation;
  }

  void plan_query(JobContext& context) {
    const SourcePosition where = options_.position("sql");
    const std::string sql = context.bind_parameters(options_.text("sql"), where);
    const auto columns = bind_user_sql(context.engine(), sql, where, context.diagnostics());
    if (!columns) return;
    if (columns->size() != 1)
      context.diagnostics().error(
          where, "the query gives " + std::to_string(columns->size()) + " columns, not one",
          "select the values of the partitions only");
    else
      select_ = "select cast(" + quote_identifier(columns->front().name) +
                " as varchar) as value from (" + sql + "\n)";
  }

  /// What cannot be a folder, or would be a run nobody meant.
  void refuse(const Rows& rows) const {
    if (static_cast<std::int64_t>(rows.cells.size()) > kMostValues)
      throw Error(ErrorClass::data, group_digits(static_cast<std::int64_t>(rows.cells.size())) +
                                        " partitions; at most " + group_digits(kMostValues) +
                                        " can be run");
    for (std::size_t row = 0; row < rows.cells.size(); ++row) {
      const bool is_null = !rows.cells[row][0].has_value();
      const std::string value = is_null ? std::string() : rows.text(row, 0);
      if (trim(value).empty() || trim(value) != value)
        throw Error(ErrorClass::data, "a partition has no name, or blanks around it: '" + value +
                                          "'; leave such rows out before");
      if (percent_encode(value).size() > kLongestEncoded)
        throw Error(ErrorClass::data, "partition '" + value + "' is too long for a folder's name");
    }
  }

  Options options_;
  std::string input_;
  std::string select_;
};

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  const char* key = options.has("dataset") ? "dataset" : "from";
  if (options.has("dataset") == options.has("from"))
    diagnostics.error(spec.where, "a list of partitions needs either 'dataset' or 'from'");
  if (options.has("dataset") != options.has("column") || options.has("from") != options.has("sql"))
    diagnostics.error(options.node().position(),
                      "give 'dataset' with 'column', or 'from' with 'sql'");
  shape.inputs.push_back({options.text(key), options.position(key)});
}

}  // namespace

void register_partition_values(Registry<JobType>& jobs) {
  jobs.add({
      .name = "partition_values",
      .summary = "Lists the partitions of an axis; made from `partition:`, not written by hand.",
      .options = {{.name = "dataset",
                   .kind = OptionKind::name,
                   .summary = "The dataset one of whose columns holds the values."},
                  {.name = "column", .kind = OptionKind::column, .summary = "That column."},
                  {.name = "from", .kind = OptionKind::name, .summary = "The dataset of a query."},
                  {.name = "sql",
                   .kind = OptionKind::sql,
                   .summary = "A SELECT of one column: the values."}},
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<PartitionValues>(spec);
      },
  });
}

}  // namespace tallymill
