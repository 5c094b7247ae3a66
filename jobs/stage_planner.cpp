#include "jobs/stage_planner.h"

#include <algorithm>
#include <optional>

#include "core/text.h"
#include "jobs/compared_columns.h"
#include "jobs/match_planner.h"
#include "jobs/reconcile_currency.h"
#include "jobs/scaled_amount.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

using books::CascadeStage;
using books::StageSide;
using Kind = CascadeStage::Kind;

constexpr std::int64_t kRatioUnit = 1'000'000'000;

struct KindName {
  const char* name;
  Kind kind;
  const char* summary;
};
constexpr KindName kKinds[] = {
    {"exact", Kind::exact,
     "One row with one: equal columns, amount and, where both have one, date."},
    {"tolerance", Kind::tolerance, "One row with one, amounts and dates as near as they must be."},
    {"one_to_many", Kind::one_to_many, "A left row with all right rows of the same columns: sums."},
    {"many_to_one", Kind::many_to_one, "All left rows of the same columns with a right one."},
    {"many_to_many", Kind::many_to_many, "All rows of the same columns on both sides."},
    {"subset_sum", Kind::subset_sum, "A row with the fewest rows of the other side that add up."},
    {"fuzzy", Kind::fuzzy, "One row with one whose text is alike."},
};

bool is_grouping(Kind kind) {
  return kind == Kind::one_to_many || kind == Kind::many_to_one || kind == Kind::many_to_many;
}

class StagePlanner {
 public:
  StagePlanner(JobContext& context, const Options& options, std::string job)
      : context_(context), options_(options), job_(std::move(job)) {}

  PlannedStages plan() {
    refuse_keyed_options();
    tells_currencies_ = plan_currencies(context_, options_);
    plan_side("left", plan_.left);
    plan_side("right", plan_.right);
    if (tells_currencies_ && !plan_.key.empty()) {
      plan_.currency = plan_.key.size() - 1;
      plan_.key.back().name = kCurrencyColumn;
      plan_.minor_units = read_minor_units(context_, options_, plan_.amount.scale);
    }
    plan_.missing_key = options_.text("missing_key", "match") == "match" ? books::MissingKey::match
                                                                         : books::MissingKey::open;
    for (const YamlNode& node : options_.list("stages")) plan_stage(Options(node));
    plan_values();
    if (const std::int64_t memory = context_.task().memory_bytes; memory > 0) {
      plan_.key_memory = memory / 10;
      plan_.join_memory = memory * 3 / 10;
    }
    plan_.id_prefix = id_prefix_of(context_, job_);
    return {plan_, break_schema(), match_schema()};
  }

 private:
  void report(const SourcePosition& where, const std::string& what, const std::string& hint = {}) {
    context_.diagnostics().error(where, what, hint);
  }

  void refuse_keyed_options() {
    for (const char* option : {"compare", "tolerance", "duplicates"})
      if (options_.has(option))
        report(
            options_.position(option),
            "'" + std::string(option) + "' is for rows that meet by key; a stage says it itself");
    for (const char* side : {"left", "right"})
      if (options_.object(side).has("aggregate"))
        report(options_.object(side).position("aggregate"),
               "rows that are added up have no stages");
    if (options_.text("missing_key") == "fail")
      report(options_.position("missing_key"), "with stages it is match or break");
  }

  /// The column of every dataset of a side; reports where it is not there.
  const Column* find(const SideOptions& side, const std::string& name,
                     const SourcePosition& where) {
    const Column* found = nullptr;
    for (const std::string& dataset : side.datasets()) {
      const Schema& schema = context_.schema(dataset);
      const Column* column = schema.find(name);
      if (column == nullptr)
        report(where, "dataset '" + dataset + "' has no column '" + name + "'",
               did_you_mean(name, schema.names()));
      if (found == nullptr) found = column;
    }
    return found;
  }

  void plan_side(const std::string& which, StageSide& planned) {
    const SideOptions side{options_.object(which)};
    planned.name = which + " side (" + join(side.datasets(), ", ") + ")";
    for (const std::string& dataset : side.datasets())
      planned.relations.push_back(side_relation(context_, side, dataset));
    plan_key(which, side, planned);
    plan_id(side, planned);
    if (!side.options.has("amount"))
      return report(side.options.node().position(), "the " + which + " side has no 'amount'");
    if (const Column* amount =
            find(side, side.options.text("amount"), side.options.position("amount"))) {
      if (!amount->type.is_summable())
        report(side.options.position("amount"), "column '" + amount->name + "' is " +
                                                    amount->type.name() +
                                                    "; an amount is money, integer or decimal");
      const ScaledAmount scaled =
          scale_amount(context_, side.options, quote_identifier(amount->name), amount->type);
      planned.amount = scaled.sql;
      plan_.amount = which == "left" ? scaled.type : common_amount(plan_.amount, scaled.type);
    }
    plan_date(which, side, planned);
    if (side.options.has("text") &&
        find(side, side.options.text("text"), side.options.position("text")) != nullptr)
      planned.text = quote_identifier(side.options.text("text"));
    if (which == "left") plan_.text_name = side.options.text("text", "text");
  }

  void plan_key(const std::string& which, const SideOptions& side, StageSide& planned) {
    const SourcePosition where = side.options.position("key");
    std::vector<Column> key;
    for (const std::string& name : side.options.columns("key")) {
      const Column* column = find(side, name, where);
      planned.key.push_back(quote_identifier(name));
      if (column != nullptr) key.push_back(*column);
    }
    if (tells_currencies_ && side.options.has("currency")) {
      const std::string name = side.options.text("currency");
      planned.key.push_back(quote_identifier(name));
      // plan_currencies() has looked for it.
      const Column* column = context_.schema(side.datasets().front()).find(name);
      if (column != nullptr) key.push_back({.name = name, .type = Type::text()});
    }
    if (which == "left") {
      plan_.key = key;
      return;
    }
    const std::size_t left_size = options_.object("left").columns("key").size();
    const std::size_t right_size = side.options.columns("key").size();
    if (left_size != right_size)
      return report(where,
                    "the left key has " + std::to_string(left_size) +
                        " columns and the right one " + std::to_string(right_size),
                    "keys are compared column by column, in order");
    for (std::size_t i = 0; i < std::min(key.size(), plan_.key.size()); ++i) {
      if (key[i].sensitive) plan_.key[i].sensitive = true;
      if (key[i].type.sql() != plan_.key[i].type.sql())
        report(where, "key '" + plan_.key[i].name + "' is " + plan_.key[i].type.name() +
                          " on the left and '" + key[i].name + "' " + key[i].type.name() +
                          " on the right");
    }
  }

  /// What tells rows apart: what the side says, or the key of its only dataset.
  void plan_id(const SideOptions& side, StageSide& planned) {
    std::vector<std::string> names = side.options.columns("id");
    const std::vector<std::string> datasets = side.datasets();
    if (!side.options.has("id") && datasets.size() == 1) names = context_.schema(datasets[0]).key;
    for (const std::string& name : names) {
      planned.id.push_back(quote_identifier(name));
      if (is_provenance(name)) continue;
      const Column* column =
          find(side, name, side.options.has("id") ? side.options.position("id") : side.where());
      if (column != nullptr && column->sensitive) id_is_sensitive_ = true;
    }
  }

  void plan_date(const std::string& which, const SideOptions& side, StageSide& planned) {
    if (!side.options.has("date")) return;
    const SourcePosition where = side.options.position("date");
    const Column* column = find(side, side.options.text("date"), where);
    if (column == nullptr) return;
    if (column->type.kind != TypeKind::date && column->type.kind != TypeKind::timestamp)
      report(where, "column '" + column->name + "' is " + column->type.name() + ", no date");
    planned.day = quote_identifier(column->name);
    if (which == "left") plan_.day_name = column->name;
  }

  void plan_stage(const Options& entry) {
    const KindName* kind = nullptr;
    for (const KindName& each : kKinds) {
      if (!entry.has(each.name)) continue;
      if (kind != nullptr)
        report(entry.position(each.name),
               "a stage is of one kind, this is '" + std::string(kind->name) + "' already");
      kind = &each;
    }
    if (kind == nullptr)
      return report(entry.node().position(), "a stage needs its kind", "such as 'exact: {}'");
    const Options options = entry.object(kind->name);
    CascadeStage stage{.kind = kind->kind, .name = entry.text("name", kind->name)};
    for (const CascadeStage& each : plan_.stages)
      if (each.name == stage.name)
        report(entry.node().position(), "there are two stages '" + stage.name + "'",
               "give one of them a 'name'");
    for (const std::string& name : options.columns("by")) {
      auto at = std::ranges::find(plan_.values, name);
      if (at == plan_.values.end()) {
        plan_.values.push_back(name);
        by_where_.push_back(options.position("by"));
        at = std::prev(plan_.values.end());
      }
      stage.by.push_back(static_cast<std::size_t>(at - plan_.values.begin()));
    }
    stage.tolerance = read_tolerance(context_, options, plan_.amount.scale);
    stage.window = window_of(options, stage);
    plan_search(options, stage);
    plan_.stages.push_back(std::move(stage));
  }

  std::optional<books::DayWindow> window_of(const Options& options, const CascadeStage& stage) {
    if (stage.kind == Kind::exact && plan_.has_days()) return books::DayWindow{};
    const char* option = options.has("working_days") ? "working_days" : "days";
    if (!options.has(option)) return std::nullopt;
    const SourcePosition where = options.position(option);
    if (!plan_.has_days()) report(where, "days need a 'date' on both sides");
    if (options.has("days") && options.has("working_days"))
      report(where, "'days' and 'working_days' exclude each other");
    books::DayWindow window{.days = options.integer(option)};
    if (options.has("working_days")) {
      window.calendar = read_job_calendar(context_, options_);
      if (!options_.has("calendar"))
        report(where, "working days need a calendar", "add 'calendar: <name>' to the job");
    }
    return window;
  }

  void plan_search(const Options& options, CascadeStage& stage) {
    stage.fuel = options.integer("fuel", stage.fuel);
    stage.at_most = static_cast<std::size_t>(
        options.integer("at_most", static_cast<std::int64_t>(stage.at_most)));
    if (options.has("fuel") && stage.fuel < 1)
      report(options.position("fuel"), "fuel is a number of steps of at least 1");
    if (options.has("at_most") && options.integer("at_most") < 2)
      report(options.position("at_most"), "at least two rows add up");
    if (is_grouping(stage.kind) && stage.by.empty())
      report(options.node().position(), "a group needs the columns its rows share",
             "name them in 'by'");
    if (stage.kind != Kind::fuzzy) return;
    const Parsed<Int128> at_least = parse_decimal(options.text("at_least", "0.85"), 18, 9, true);
    stage.at_least = static_cast<std::int64_t>(at_least.value);
    if (!at_least || at_least.value > kRatioUnit)
      report(options.position("at_least"), "a likeness is from 0 to 1");
    if (plan_.left.text.empty() || plan_.right.text.empty())
      report(options.node().position(), "a fuzzy stage needs a 'text' on both sides");
  }

  /// The columns that stages compare, on each side under the name it has there.
  void plan_values() {
    for (const auto& [which, planned] : {std::pair{"left", &plan_.left}, {"right", &plan_.right}}) {
      const SideOptions side{options_.object(which)};
      const Options names = side.options.object("columns");
      for (std::size_t i = 0; i < plan_.values.size(); ++i) {
        const std::string name = names.text(plan_.values[i], plan_.values[i]);
        find(side, name,
             names.has(plan_.values[i]) ? names.position(plan_.values[i]) : by_where_[i]);
        planned->values.push_back(quote_identifier(name));
      }
    }
  }

  void report_key_name(const std::string& name) {
    report(options_.object("left").position("key"),
           "a key cannot be named '" + name + "', results have a column of that name");
  }

  void add_key(Schema& schema) {
    for (Column column : plan_.key) {
      column.required = false;
      if (schema.find(column.name) != nullptr) report_key_name(column.name);
      schema.columns.push_back(std::move(column));
    }
  }

  Schema break_schema() {
    Schema schema = begin_breaks(plan_.key, plan_.amount,
                                 [&](const std::string& name) { report_key_name(name); });
    const auto add = [&](const char* name, const Type& type) {
      if (schema.find(name) != nullptr) report_key_name(name);
      schema.columns.push_back({.name = name, .type = type});
    };
    for (const char* name : {"row", "nearest_candidate"}) {
      add(name, Type::text());
      schema.columns.back().sensitive = id_is_sensitive_;
    }
    for (const char* name : {"failed_predicate", "distance"}) add(name, Type::text());
    return schema;
  }

  Schema match_schema() {
    Schema schema;
    const auto add = [&](const std::string& name, const Type& type) {
      // What breaks have as well is reported there.
      if (schema.find(name) != nullptr && name != "row" && name != "tolerance")
        report_key_name(name);
      schema.columns.push_back({.name = name, .type = type});
    };
    for (const char* name : {"match_group_id", "stage", "cardinality", "side"})
      add(name, Type::text());
    add_key(schema);
    add("row", Type::text());
    schema.columns.back().sensitive = id_is_sensitive_;
    for (const char* name : {"amount", "drift", "tolerance"}) add(name, plan_.amount);
    add("ambiguous", Type::integer());
    return schema;
  }

  JobContext& context_;
  Options options_;
  std::string job_;
  books::StagePlan plan_;
  std::vector<SourcePosition> by_where_;  ///< of plan_.values
  bool id_is_sensitive_ = false;
  bool tells_currencies_ = false;
};

OptionSpec stage_option(const KindName& kind) {
  OptionSpec spec{.name = kind.name, .kind = OptionKind::object, .summary = kind.summary};
  spec.fields.push_back({.name = "by",
                         .kind = OptionKind::columns,
                         .summary = "Columns that must be equal, and there."});
  if (kind.kind == Kind::exact) return spec;
  for (OptionSpec& option : tolerance_options()) spec.fields.push_back(std::move(option));
  spec.fields.push_back(
      {.name = "days", .kind = OptionKind::integer, .summary = "So many days dates may differ."});
  spec.fields.push_back({.name = "working_days",
                         .kind = OptionKind::integer,
                         .summary = "So many work days of the job's calendar they may differ."});
  if (kind.kind == Kind::fuzzy)
    spec.fields.push_back({.name = "at_least",
                           .kind = OptionKind::ratio,
                           .summary = "How alike texts must be (Jaro-Winkler).",
                           .default_text = "0.85"});
  if (kind.kind == Kind::subset_sum)
    spec.fields.push_back({.name = "at_most",
                           .kind = OptionKind::integer,
                           .summary = "So many rows may add up.",
                           .default_text = "5"});
  if (!is_grouping(kind.kind))
    spec.fields.push_back({.name = "fuel",
                           .kind = OptionKind::integer,
                           .summary = "Steps of search, for each set of rows that might match.",
                           .default_text = "1000000"});
  return spec;
}

}  // namespace

OptionSpec stages_option() {
  OptionSpec stage{.name = "stage", .kind = OptionKind::object};
  for (const KindName& kind : kKinds) stage.fields.push_back(stage_option(kind));
  stage.fields.push_back({.name = "name",
                          .kind = OptionKind::text,
                          .summary = "What results call the stage.",
                          .default_text = "its kind"});
  return {.name = "stages",
          .kind = OptionKind::list,
          .summary =
              "Matches single rows, stage by stage, each on what the ones before left; the key "
              "is what rows must share for any match.",
          .fields = {std::move(stage)}};
}

std::vector<OptionSpec> staged_side_options() {
  return {
      {.name = "id",
       .kind = OptionKind::columns,
       .summary = "With stages: what tells rows apart.",
       .default_text = "the dataset's key"},
      {.name = "date", .kind = OptionKind::column, .summary = "With stages: the row's day."},
      {.name = "text", .kind = OptionKind::column, .summary = "With stages: what fuzzy compares."},
      {.name = "columns",
       .kind = OptionKind::map,
       .summary = "With stages: what this side calls columns named in 'by'.",
       .default_text = "the same",
       .fields = {{.name = "column", .kind = OptionKind::column}}}};
}

PlannedStages plan_stages(JobContext& context, const Options& options, const std::string& job) {
  return StagePlanner(context, options, job).plan();
}

}  // namespace tallymill
