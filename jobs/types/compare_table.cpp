#include <algorithm>
#include <map>

#include "connectors/table_comparison.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/compared_dataset.h"
#include "jobs/connector_options.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"

namespace tallymill {
namespace {

constexpr std::int64_t kMost = 1000;
constexpr std::int64_t kMostAllowed = 100'000;
/// So many rows a segment has, about: what is fetched for one row that differs.
constexpr std::int64_t kSegmentRows = 1000;
constexpr int kMostBits = 16;

using Fields = std::vector<std::optional<std::string>>;

/// The rows of one key on both sides that the other side does not have.
struct Difference {
  std::vector<Fields> left;
  std::vector<Fields> right;
};

/// Compares a dataset with a table of another system, row by row, without moving the table.
class CompareTable final : public Job {
 public:
  explicit CompareTable(const JobSpec& spec)
      : options_(spec.options),
        of_(input_name(spec.options.node("of"))),
        breaks_(spec.name + ".breaks"),
        job_(spec.name) {}

  std::map<std::string, Schema> plan(JobContext& context) override;
  void run(JobContext& context) override;

 private:
  Options table() const { return options_.object("table"); }
  CompareRequest request(JobContext& context) const;
  std::unique_ptr<ComparedTable> open(JobContext& context);
  std::vector<Column> plan_columns(JobContext& context, const char* option,
                                   const std::vector<std::string>& names);
  std::vector<std::int64_t> compare_segments(JobContext& context, const ComparedDataset& left,
                                             ComparedTable& right);
  void compare_hashes(JobContext& context, const ComparedDataset& left, ComparedTable& right,
                      const std::vector<std::int64_t>& segments);
  void list_breaks(JobContext& context, const ComparedDataset& left, ComparedTable& right);
  std::string break_select(JobContext& context) const;
  Fields line(const std::string& key, Difference& difference) const;
  std::optional<std::string> shown(const Fields& fields, const Fields& other) const;
  void judge(JobContext& context);

  Options options_;
  std::string of_;
  std::string breaks_;
  std::string job_;
  std::vector<Column> key_;
  std::vector<Column> columns_;
  Schema schema_;
  NamedConnector connector_;

  int bits_ = 0;
  std::int64_t left_rows_ = 0;
  std::int64_t right_rows_ = 0;
};

std::map<std::string, Schema> CompareTable::plan(JobContext& context) {
  const Schema& schema = context.schema(of_);
  std::vector<std::string> key = options_.columns("key");
  if (key.empty()) key = schema.key;
  if (key.empty())
    context.diagnostics().error(options_.position("of"), "dataset '" + of_ + "' has no key",
                                "name columns that tell its rows apart: key: [...]");
  key_ = plan_columns(context, "key", key);
  std::vector<std::string> others = options_.columns("columns");
  if (others.empty()) others = schema.names();
  std::erase_if(others, [&](const std::string& name) {
    return std::find(key.begin(), key.end(), name) != key.end();
  });
  columns_ = plan_columns(context, "columns", others);
  const YamlNode names = options_.node("names");
  for (std::size_t i = 0; names.is_mapping() && i < names.size(); ++i)
    if (const std::string name(names.key(i).text()); schema.find(name) == nullptr)
      context.diagnostics().error(names.key(i).position(),
                                  "dataset '" + of_ + "' has no column '" + name + "'",
                                  did_you_mean(name, schema.names()));
  check_connector_options(table().node(), table().text("connector"), ConnectorSide::compare, {},
                          context);
  schema_.columns = {{.name = "break_id", .type = Type::text()}};
  for (const Column& column : key_)
    schema_.columns.push_back(
        {.name = column.name, .type = Type::text(), .sensitive = column.sensitive});
  schema_.columns.push_back({.name = "class", .type = Type::text()});
  schema_.columns.push_back({.name = "left_rows", .type = Type::integer()});
  schema_.columns.push_back({.name = "right_rows", .type = Type::integer()});
  for (const char* name : {"differs", "left_values", "right_values"})
    schema_.columns.push_back({.name = name, .type = Type::text()});
  schema_.key = {"break_id"};
  return {{breaks_, schema_}};
}

std::vector<Column> CompareTable::plan_columns(JobContext& context, const char* option,
                                               const std::vector<std::string>& names) {
  const Schema& schema = context.schema(of_);
  std::vector<Column> columns;
  for (const std::string& name : names) {
    if (const Column* column = schema.find(name))
      columns.push_back(*column);
    else
      context.diagnostics().error(options_.position(option),
                                  "dataset '" + of_ + "' has no column '" + name + "'",
                                  did_you_mean(name, schema.names()));
  }
  return columns;
}

CompareRequest CompareTable::request(JobContext& context) const {
  const Options names = options_.object("names");
  CompareRequest request{.table = table()};
  const auto add = [&](const std::vector<Column>& from, const char* option,
                       std::vector<ComparedColumn>& to) {
    for (const Column& column : from)
      to.push_back({names.text(column.name, column.name), column.type,
                    names.has(column.name) ? names.position(column.name)
                    : options_.has(option) ? options_.position(option)
                                           : options_.position("of")});
  };
  add(key_, "key", request.key);
  add(columns_, "columns", request.columns);
  request.parameters = source_parameters(context.task());
  request.salt = context.task().epoch.store_id;
  request.expand = [&context](const std::string& text, const SourcePosition& where) {
    return context.expand(text, where);
  };
  return request;
}

std::unique_ptr<ComparedTable> CompareTable::open(JobContext& context) {
  const std::string name = table().text("connector");
  connector_ =
      open_connector(connector_types(), context.task(), name, table().position("connector"));
  try {
    Connector& connector = *connector_.connector;
    return connector.can(Capability::compare) ? connector.open_comparison(request(context))
                                              : compare_by_reading(connector, request(context));
  } catch (Error& error) {
    error.add_context("opening connector '" + name + "'");
    throw;
  }
}

void CompareTable::run(JobContext& context) {
  const std::unique_ptr<ComparedTable> right = open(context);
  const ComparedDataset left(context.engine(), context.relation(of_), key_, columns_,
                             context.task().epoch.store_id);
  left_rows_ = left.rows();
  while (bits_ < kMostBits && left_rows_ >> bits_ > kSegmentRows) ++bits_;
  compare_hashes(context, left, *right, compare_segments(context, left, *right));
  list_breaks(context, left, *right);
  judge(context);
}

/// The segments whose sums are not those of the other side.
std::vector<std::int64_t> CompareTable::compare_segments(JobContext& context,
                                                         const ComparedDataset& left,
                                                         ComparedTable& right) {
  std::map<std::int64_t, std::pair<SegmentSum, SegmentSum>> segments;
  for (SegmentSum& sum : left.segments(bits_)) segments[sum.segment].first = std::move(sum);
  for (SegmentSum& sum : right.segments(bits_)) {
    right_rows_ += sum.rows;
    segments[sum.segment].second = std::move(sum);
  }
  std::vector<std::int64_t> differing;
  for (const auto& [number, sums] : segments)
    if (!(sums.first == sums.second)) differing.push_back(number);
  context.result().report["segments"] = {
      {"compared", static_cast<std::int64_t>(segments.size())},
      {"differing", static_cast<std::int64_t>(differing.size())}};
  return differing;
}

/// tm_differing: of each key whose rows are not the same, how many each side has.
void CompareTable::compare_hashes(JobContext& context, const ComparedDataset& left,
                                  ComparedTable& right, const std::vector<std::int64_t>& segments) {
  std::vector<Fields> hashes;
  if (!segments.empty())
    right.hashes(bits_, segments, [&](std::string_view key, std::string_view row) {
      hashes.push_back({std::string(key), std::string(row)});
    });
  context.result().report["segments"].as_object()["hashes_fetched"] =
      static_cast<std::int64_t>(hashes.size());
  add_text_table(context.engine(), "tm_right", {"key_hash", "row_hash"}, std::move(hashes));
  context.engine().execute(
      "CREATE OR REPLACE TEMP TABLE tm_differing AS SELECT *, CASE WHEN right_rows = 0 THEN "
      "'left_only' WHEN left_rows = 0 THEN 'right_only' WHEN left_rows <> right_rows THEN "
      "'duplicate' ELSE 'changed' END AS class FROM (SELECT key_hash, CAST(sum(l) AS BIGINT) AS "
      "left_rows, CAST(sum(r) AS BIGINT) AS right_rows FROM (SELECT key_hash, row_hash, sum(l) AS "
      "l, sum(r) AS r FROM (SELECT *, 1 AS l, 0 AS r FROM " +
      left.hashes(bits_, segments) +
      " UNION ALL SELECT *, 0, 1 FROM tm_right) GROUP BY ALL) GROUP BY key_hash HAVING bool_or(l "
      "<> r))");
}

/// "amount=12.3; note=-": what is not as in the other row; values of sensitive columns hidden.
std::optional<std::string> CompareTable::shown(const Fields& fields, const Fields& other) const {
  if (fields.empty()) return std::nullopt;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t at = key_.size() + i;
    if (!other.empty() && fields[at] == other[at]) continue;
    parts.push_back(columns_[i].name + "=" +
                    (columns_[i].sensitive ? std::string(kMaskedValue) : fields[at].value_or("-")));
  }
  return join(parts, "; ");
}

/// Key hash, key, which columns differ, and how, of the first rows that the other side lacks.
Fields CompareTable::line(const std::string& key, Difference& difference) const {
  const auto first_without = [](std::vector<Fields>& rows, std::vector<Fields>& others) {
    std::sort(rows.begin(), rows.end());
    std::sort(others.begin(), others.end());
    std::vector<Fields> only;
    std::set_difference(rows.begin(), rows.end(), others.begin(), others.end(),
                        std::back_inserter(only));
    return only.empty() ? Fields() : only.front();
  };
  const Fields left = first_without(difference.left, difference.right);
  const Fields right = first_without(difference.right, difference.left);
  const Fields& named = left.empty() ? right : left;
  Fields line{key};
  line.insert(line.end(), named.begin(), named.begin() + static_cast<std::ptrdiff_t>(key_.size()));
  std::vector<std::string> differs;
  for (std::size_t i = 0; !left.empty() && !right.empty() && i < columns_.size(); ++i)
    if (left[key_.size() + i] != right[key_.size() + i]) differs.push_back(columns_[i].name);
  line.push_back(differs.empty() ? std::nullopt : std::optional(join(differs, ", ")));
  line.push_back(shown(left, right));
  line.push_back(shown(right, left));
  return line;
}

/// The first of the differing keys with their values, as table tm_listed.
void CompareTable::list_breaks(JobContext& context, const ComparedDataset& left,
                               ComparedTable& right) {
  Engine& engine = context.engine();
  const std::int64_t most =
      std::clamp<std::int64_t>(options_.integer("most", kMost), 0, kMostAllowed);
  const Rows rows = engine.query("SELECT key_hash FROM tm_differing ORDER BY key_hash LIMIT " +
                                 std::to_string(most));
  std::vector<std::string> keys;
  for (std::size_t row = 0; row < rows.cells.size(); ++row) keys.push_back(rows.text(row, 0));
  std::map<std::string, Difference> differences;
  const auto take_into = [&](std::vector<Fields> Difference::*side) {
    return [&differences, side](std::string_view key,
                                std::span<const std::optional<std::string>> fields) {
      (differences[std::string(key)].*side).emplace_back(fields.begin(), fields.end());
    };
  };
  if (!keys.empty()) {
    left.rows(keys, take_into(&Difference::left));
    right.rows(keys, take_into(&Difference::right));
  }
  std::vector<Fields> listed;
  std::int64_t fetched = 0;
  for (auto& [key, difference] : differences) {
    fetched += static_cast<std::int64_t>(difference.right.size());
    listed.push_back(line(key, difference));
  }
  context.result().report["segments"].as_object()["rows_fetched"] = fetched;
  std::vector<std::string> names{"key_hash"};
  for (const Column& column : key_) names.push_back(column.name);
  for (const char* name : {"differs", "left_values", "right_values"}) names.emplace_back(name);
  add_text_table(engine, "tm_listed", names, std::move(listed));
  context.stage(
      {.dataset = breaks_, .select = break_select(context), .schema = schema_, .evidence = true});
}

std::string CompareTable::break_select(JobContext& context) const {
  std::string id = quote_literal(context.task().graph + "/" + job_);
  std::string keys;
  for (const Column& column : key_) {
    const std::string name = "t." + quote_identifier(column.name);
    id += " || coalesce('|' || strlen(" + name + ") || ':' || " + name + ", '|-')";
    keys += name + ", ";
  }
  return "SELECT left(sha256(" + id + "), 32) AS break_id, " + keys +
         "d.class, d.left_rows, d.right_rows, t.differs, t.left_values, t.right_values FROM "
         "tm_listed t JOIN tm_differing d ON d.key_hash = t.key_hash";
}

/// Counts are of all differing keys, listed or not.
void CompareTable::judge(JobContext& context) {
  TaskResult& result = context.result();
  const Rows rows = context.engine().query(
      "SELECT class, count(*), CAST(sum(left_rows) AS BIGINT), CAST(sum(right_rows) AS BIGINT) "
      "FROM "
      "tm_differing GROUP BY class ORDER BY class");
  std::int64_t found = 0;
  Ledger ledger(std::map<std::string, int>{});
  ledger.debit("left").rows = left_rows_;
  ledger.debit("right").rows = right_rows_;
  std::int64_t matched = left_rows_ + right_rows_;
  json::array classes;
  for (std::size_t row = 0; row < rows.cells.size(); ++row) {
    found += rows.integer(row, 1);
    const std::int64_t both = rows.integer(row, 2) + rows.integer(row, 3);
    ledger.credit(rows.text(row, 0)).rows = both;
    matched -= both;
    classes.push_back(json::object{{"class", rows.text(row, 0)},
                                   {"keys", rows.integer(row, 1)},
                                   {"left_rows", rows.integer(row, 2)},
                                   {"right_rows", rows.integer(row, 3)}});
  }
  ledger.credit("matched").rows = matched;
  result.rows_in = left_rows_ + right_rows_;
  result.rows_out = found;
  result.report["rows"] = {{"left", left_rows_}, {"right", right_rows_}};
  result.report["classes"] = std::move(classes);
  result.report["breaks"] = {{"found", found}, {"listed", staged(context, breaks_).rows}};
  const bool is_empty = left_rows_ + right_rows_ == 0;
  result.report["verdict"] = is_empty ? "not_applicable" : found == 0 ? "pass" : "fail";
  const bool only_warns = is_empty || options_.text("severity", "error") == "warn";
  (only_warns ? result.findings_warn : result.findings_error) = is_empty ? 1 : found;
  close_books(context, ledger);
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  add_input(read_input(spec.options.node("of"), diagnostics), shape, diagnostics);
  shape.evidence.push_back({spec.name + ".breaks", spec.where});
  shape.reads_source = true;
  shape_connector(spec.options.node("table"), ConnectorSide::compare, {}, shape, diagnostics);
  if (!spec.options.object("table").has("connector"))
    diagnostics.error(spec.options.position("table"), "'table' lacks the option 'connector'");
}

std::vector<OptionSpec> options() {
  return {input_option("of", "The dataset, the left side.", true),
          {.name = "table",
           .kind = OptionKind::map,
           .summary = "The right side: `connector:` and what names the table; the other keys are "
                      "the connector's.",
           .required = true,
           .fields = {{.name = "", .kind = OptionKind::any}}},
          {.name = "key",
           .kind = OptionKind::columns,
           .summary = "Columns that tell rows apart.",
           .default_text = "the dataset's key"},
          {.name = "columns",
           .kind = OptionKind::columns,
           .summary = "Columns to compare beside the key.",
           .default_text = "all"},
          {.name = "names",
           .kind = OptionKind::map,
           .summary = "What the table calls a column of the dataset.",
           .default_text = "the same",
           .fields = {{.name = "column", .kind = OptionKind::text}}},
          {.name = "most",
           .kind = OptionKind::integer,
           .summary = "So many breaks are listed, 100,000 at most; all are counted.",
           .default_text = "1000"},
          {.name = "severity",
           .kind = OptionKind::choice,
           .summary = "Whether breaks are findings of severity error or warn.",
           .default_text = "error",
           .choices = {"error", "warn"}}};
}

}  // namespace

void register_compare_table(Registry<JobType>& jobs) {
  jobs.add({
      .name = "compare_table",
      .summary = "Compares a dataset with a table of another system by checksums.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<CompareTable>(spec);
      },
  });
}

}  // namespace tallymill
