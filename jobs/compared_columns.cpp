#include "jobs/compared_columns.h"

#include <algorithm>
#include <map>

#include "core/text.h"
#include "core/time/calendar_file.h"
#include "jobs/scaled_amount.h"
#include "jobs/step_values.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

using books::ComparedColumn;
using books::Tolerance;

constexpr int kRatioScale = 9;
constexpr std::int64_t kWhole = 1'000'000'000;

class ToleranceReader {
 public:
  ToleranceReader(JobContext& context, int scale) : context_(context), scale_(scale) {}

  Tolerance read(const Options& options) {
    Tolerance tolerance{.abs = number(options, "abs", scale_), .rel = share(options)};
    if (!options.has("bands")) return tolerance;
    for (const YamlNode& node : options.list("bands")) {
      const Options band(node);
      tolerance.bands.push_back({.up_to = number(band, "up_to", scale_).value_or(0),
                                 .abs = number(band, "abs", scale_),
                                 .rel = share(band)});
      const auto& bands = tolerance.bands;
      if (bands.size() > 1 && bands[bands.size() - 2].up_to >= bands.back().up_to)
        context_.diagnostics().error(band.position("up_to"),
                                     "bands go from small amounts to large ones");
    }
    return tolerance;
  }

 private:
  std::optional<Int128> number(const Options& options, const char* key, int scale) {
    if (!options.has(key)) return std::nullopt;
    const SourcePosition where = options.position(key);
    const auto text = value_text(context_, options.text(key), where);
    if (!text) return std::nullopt;
    const Parsed<Int128> value = parse_decimal(*text, 38, scale, true);
    if (value && value.value >= 0) return value.value;
    context_.diagnostics().error(where, "tolerance '" + *text +
                                            "' is no number of at least 0 with up to " +
                                            std::to_string(scale) + " fraction digits");
    return std::nullopt;
  }

  std::optional<std::int64_t> share(const Options& options) {
    const auto rel = number(options, "rel", kRatioScale);
    if (!rel) return std::nullopt;
    if (*rel > kWhole) {
      context_.diagnostics().error(options.position("rel"),
                                   "a relative tolerance is a share from 0 to 1",
                                   "write 0.01 for one per cent");
      return std::nullopt;
    }
    return static_cast<std::int64_t>(*rel);
  }

  JobContext& context_;
  int scale_;
};

/// Registers what the table `name` says of left values; an unknown value stays as it is.
std::string mapped_sql(JobContext& context, const Options& entry, const std::string& value) {
  const std::string name = entry.text("map");
  const SourcePosition where = entry.position("map");
  std::vector<std::string> columns;
  const std::string relation = context.table(name, &columns);
  for (const char* column : {"left", "right"})
    if (!table_has(name, columns, column, where, context.diagnostics())) return value;
  const Rows rows = context.engine().query("SELECT \"left\", \"right\" FROM " + relation +
                                           " WHERE \"left\" IS NOT NULL ORDER BY ALL");
  auto values = std::make_shared<std::map<std::string, std::string, std::less<>>>();
  for (std::size_t i = 0; i < rows.cells.size(); ++i) {
    const auto [at, is_new] = values->emplace(rows.text(i, 0), rows.cells[i][1].value_or(""));
    if (!is_new && at->second != rows.cells[i][1].value_or(""))
      context.diagnostics().error(where, "table '" + name + "' says of '" + at->first +
                                             "' that it is both '" + at->second + "' and '" +
                                             rows.cells[i][1].value_or("") + "'");
  }
  const std::string function = "tm_map_" + std::to_string(context.engine().next_name());
  context.engine().add_function(
      {.name = function,
       .parameters = {Type::text()},
       .result = {{.name = "value", .type = Type::text()}},
       .evaluate = [values](std::span<const ColumnView> arguments, std::size_t count,
                            ColumnWriter& result) {
         for (std::size_t row = 0; row < count; ++row) {
           if (arguments[0].is_null(row)) {
             result.set_null(row);
             continue;
           }
           const std::string_view text = arguments[0].as<StringRef>()[row].view();
           const auto found = values->find(text);
           result.set_text(row, found == values->end() ? text : std::string_view(found->second));
         }
       }});
  return function + "(" + value + ")";
}

class PairReader {
 public:
  PairReader(JobContext& context, const Options& job) : context_(context), job_(job) {}

  std::optional<ComparedPair> read(const Options& entry, const std::string& left_dataset,
                                   const std::string& right_dataset) {
    const std::string name = entry.text("column");
    const Column* left = find(left_dataset, name, entry.position("column"));
    const Column* right = find(right_dataset, entry.text("right", name),
                               entry.position(entry.has("right") ? "right" : "column"));
    if (left == nullptr || right == nullptr) return std::nullopt;
    const SourcePosition where = entry.position("column");
    if (!are_comparable(left->type, right->type)) {
      context_.diagnostics().error(where, "'" + left->name + "' is " + left->type.name() +
                                              " on the left and '" + right->name + "' " +
                                              right->type.name() + " on the right");
      return std::nullopt;
    }
    ComparedPair pair{.column = {.name = name, .type = left->type},
                      .left = quote_identifier(left->name),
                      .right = quote_identifier(right->name)};
    pair.column.is_sensitive = left->sensitive || right->sensitive;
    if (pair.column.kind() == ComparedColumn::Kind::number) {
      const ScaledAmount scaled = scale_amount(context_, entry, pair.right, right->type);
      pair.right = scaled.sql;
      pair.column.type = common_amount(left->type, scaled.type);
    }
    refuse_misfits(entry, pair.column);
    if (entry.has("map") && left->type.kind != TypeKind::date)
      pair.left = mapped_sql(context_, entry, pair.left);
    if (entry.has("tolerance"))
      pair.column.tolerance =
          ToleranceReader(context_, pair.column.type.scale).read(entry.object("tolerance"));
    read_window(entry, pair.column);
    return pair;
  }

 private:
  const Column* find(const std::string& dataset, const std::string& name,
                     const SourcePosition& where) {
    const Schema& schema = context_.schema(dataset);
    if (const Column* column = schema.find(name)) return column;
    context_.diagnostics().error(where, "dataset '" + dataset + "' has no column '" + name + "'",
                                 did_you_mean(name, schema.names()));
    return nullptr;
  }

  void refuse_misfits(const Options& entry, const ComparedColumn& column) {
    const auto only = [&](std::initializer_list<const char*> options, ComparedColumn::Kind kind,
                          const char* what) {
      for (const char* option : options)
        if (entry.has(option) && column.kind() != kind)
          context_.diagnostics().error(entry.position(option),
                                       "'" + std::string(option) + "' is for " + what + ", '" +
                                           column.name + "' is " + column.type.name());
    };
    only({"tolerance", "factor", "negate"}, ComparedColumn::Kind::number, "numbers");
    only({"days", "working_days"}, ComparedColumn::Kind::day, "dates");
    only({"map"}, ComparedColumn::Kind::other, "texts");
    if (entry.has("days") && entry.has("working_days"))
      context_.diagnostics().error(entry.position("working_days"),
                                   "'days' and 'working_days' exclude each other");
  }

  void read_window(const Options& entry, ComparedColumn& column) {
    if (entry.has("days")) column.window = {.days = entry.integer("days")};
    if (!entry.has("working_days")) return;
    column.window = {.days = entry.integer("working_days"),
                     .calendar = read_job_calendar(context_, job_)};
    if (!job_.has("calendar"))
      context_.diagnostics().error(entry.position("working_days"), "working days need a calendar",
                                   "add 'calendar: <name>' to the job");
  }

  JobContext& context_;
  const Options& job_;
};

}  // namespace

std::vector<OptionSpec> tolerance_options() {
  const auto abs = [] {
    return OptionSpec{
        .name = "abs", .kind = OptionKind::text, .summary = "An amount, or param(name)."};
  };
  const auto rel = [] {
    return OptionSpec{.name = "rel",
                      .kind = OptionKind::text,
                      .summary = "A share of the larger side from 0 to 1, or param(name)."};
  };
  return {abs(),
          rel(),
          {.name = "bands",
           .kind = OptionKind::list,
           .summary = "Other tolerances for small amounts: the first band that holds the larger "
                      "side counts.",
           .fields = {{.name = "band",
                       .kind = OptionKind::object,
                       .fields = {{.name = "up_to",
                                   .kind = OptionKind::text,
                                   .summary = "The largest amount of the band.",
                                   .required = true},
                                  abs(),
                                  rel()}}}}};
}

Tolerance read_tolerance(JobContext& context, const Options& options, int scale) {
  return ToleranceReader(context, scale).read(options);
}

OptionSpec compared_column_option() {
  std::vector<OptionSpec> fields{
      {.name = "column",
       .kind = OptionKind::column,
       .summary = "Column of the left side, and what results call it.",
       .required = true},
      {.name = "right",
       .kind = OptionKind::column,
       .summary = "Column of the right side.",
       .default_text = "of the same name"},
      {.name = "map",
       .kind = OptionKind::name,
       .summary = "tables/<name>.csv with columns left and right: which left value means which "
                  "right one; others mean themselves."},
      {.name = "tolerance",
       .kind = OptionKind::object,
       .summary = "How far numbers may differ.",
       .fields = tolerance_options()},
      {.name = "days", .kind = OptionKind::integer, .summary = "So many days dates may differ."},
      {.name = "working_days",
       .kind = OptionKind::integer,
       .summary = "So many work days of the job's calendar they may differ."}};
  for (OptionSpec& option : scale_options("the right side's numbers")) fields.push_back(option);
  return {.name = "pair", .kind = OptionKind::object, .fields = std::move(fields)};
}

std::vector<FileUse> compared_column_files(const Options& job) {
  std::vector<FileUse> files;
  if (job.has("compare"))
    for (const YamlNode& node : job.list("compare")) {
      const Options entry(node);
      if (entry.has("map"))
        files.push_back({"tables/" + entry.text("map") + ".csv", entry.position("map")});
    }
  if (job.has("calendar"))
    files.push_back({"calendars/" + job.text("calendar") + ".yaml", job.position("calendar")});
  return files;
}

std::shared_ptr<const Calendar> read_job_calendar(JobContext& context, const Options& job) {
  if (!job.has("calendar")) return nullptr;
  const std::string name = job.text("calendar");
  const std::string file = "calendars/" + name + ".yaml";
  const std::optional<std::string> text = context.pinned_text(file);
  if (!text) return nullptr;
  const std::vector<CalendarText> files{{file, *text}};
  return read_calendar(name, files, context.diagnostics());
}

std::vector<ComparedPair> read_compared_columns(JobContext& context, const Options& job,
                                                const std::string& left_dataset,
                                                const std::string& right_dataset) {
  std::vector<ComparedPair> pairs;
  if (!job.has("compare")) return pairs;
  PairReader reader(context, job);
  for (const YamlNode& node : job.list("compare"))
    if (auto pair = reader.read(Options(node), left_dataset, right_dataset))
      pairs.push_back(std::move(*pair));
  return pairs;
}

}  // namespace tallymill
