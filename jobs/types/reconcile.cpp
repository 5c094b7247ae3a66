#include <algorithm>

#include "books/matching.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/job_books.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

using books::Aggregate;
using books::MatchClass;
using books::MatchSide;

constexpr int kRatioScale = 9;
constexpr const char* kLeft = "left";
constexpr const char* kRight = "right";

OnFail on_fail_of(const Options& options) {
  // Naming the gated dataset already says that breaks should stop something.
  const std::string word = options.text("on_fail", options.has("gates") ? "block" : "warn");
  if (word == "block") return OnFail::block;
  return word == "fail" ? OnFail::fail : OnFail::warn;
}

/// One side as YAML has it.
struct SideOptions {
  Options options;

  std::vector<std::string> datasets() const {
    return options.has("dataset") ? std::vector{options.text("dataset")}
                                  : options.texts("datasets");
  }
  SourcePosition where() const {
    return options.position(options.has("dataset") ? "dataset" : "datasets");
  }
};

bool are_comparable(const Type& a, const Type& b) {
  const auto kind = [](const Type& type) {
    return type.kind == TypeKind::enumeration ? TypeKind::text : type.kind;
  };
  // Decimals of any scale compare by value.
  return kind(a) == kind(b) || (a.is_decimal() && b.is_decimal());
}

/// Compares two sides key by key and keeps every difference as a break.
class Reconcile final : public Job {
 public:
  explicit Reconcile(const JobSpec& spec) : options_(spec.options), job_(spec.name) {}

  std::map<std::string, Schema> plan(JobContext& context) override;
  void run(JobContext& context) override;

 private:
  MatchSide plan_side(JobContext& context, const std::string& which, std::vector<Column>& key,
                      std::vector<Type>& amounts);
  void plan_dataset(JobContext& context, const SideOptions& side, const std::string& dataset,
                    MatchSide& planned, std::vector<Column>& key, std::vector<Type>& amounts);
  void compare_keys(JobContext& context, const std::vector<Column>& right);
  void plan_amount(const std::vector<Type>& amounts);
  void plan_tolerance(JobContext& context);
  Schema break_schema(JobContext& context) const;
  void report(JobContext& context, const books::Matching& matching,
              const std::vector<MatchClass>& classes);

  Options options_;
  std::string job_;
  books::MatchPlan plan_;
  Schema breaks_;
};

std::map<std::string, Schema> Reconcile::plan(JobContext& context) {
  std::vector<Column> right_key;
  std::vector<Type> amounts;
  plan_.left = plan_side(context, kLeft, plan_.key, amounts);
  plan_.right = plan_side(context, kRight, right_key, amounts);
  compare_keys(context, right_key);
  plan_amount(amounts);
  plan_tolerance(context);
  plan_.id_prefix = context.task().graph + "/" + job_;
  breaks_ = break_schema(context);
  return {{job_ + ".breaks", breaks_}};
}

MatchSide Reconcile::plan_side(JobContext& context, const std::string& which,
                               std::vector<Column>& key, std::vector<Type>& amounts) {
  const SideOptions side{options_.object(which)};
  const std::string aggregate = side.options.text("aggregate");
  MatchSide planned;
  planned.name = which + " side (" + join(side.datasets(), ", ") + ")";
  planned.key = side.options.columns("key");
  planned.amount = side.options.text("amount");
  // A grand total is a sum, whether it says so or not.
  if (aggregate == "sum" || (aggregate.empty() && planned.key.empty()))
    planned.aggregate = Aggregate::sum;
  if (aggregate == "count") {
    planned.aggregate = Aggregate::count;
    amounts.push_back(Type::integer());
  } else if (planned.amount.empty()) {
    context.diagnostics().error(side.options.node().position(),
                                "the " + which + " side has no 'amount'",
                                "name the column to compare, or give aggregate: count");
  }
  for (const std::string& dataset : side.datasets())
    plan_dataset(context, side, dataset, planned, key, amounts);
  return planned;
}

/// Adds one dataset to a side. The first one settles the types of the key, the others must agree.
void Reconcile::plan_dataset(JobContext& context, const SideOptions& side,
                             const std::string& dataset, MatchSide& planned,
                             std::vector<Column>& key, std::vector<Type>& amounts) {
  Diagnostics& diagnostics = context.diagnostics();
  const Schema& schema = context.schema(dataset);
  const auto find = [&](const std::string& name, const SourcePosition& where) {
    const Column* column = schema.find(name);
    if (column == nullptr)
      diagnostics.error(where, "dataset '" + dataset + "' has no column '" + name + "'",
                        did_you_mean(name, schema.names()));
    return column;
  };
  const bool is_first = key.empty();
  for (std::size_t i = 0; i < planned.key.size(); ++i) {
    const SourcePosition where = side.options.position("key");
    const Column* column = find(planned.key[i], where);
    if (column == nullptr) continue;
    if (is_first) {
      key.push_back(*column);
    } else if (i < key.size() && !are_comparable(key[i].type, column->type)) {
      diagnostics.error(where, "key '" + column->name + "' is " + column->type.name() + " in '" +
                                   dataset + "' and " + key[i].type.name() + " elsewhere");
    }
  }
  if (!planned.amount.empty() && planned.aggregate != Aggregate::count) {
    const SourcePosition where = side.options.position("amount");
    const Column* column = find(planned.amount, where);
    if (column != nullptr && !column->type.is_summable())
      diagnostics.error(where, "column '" + column->name + "' is " + column->type.name() +
                                   "; an amount is money, integer or decimal");
    if (column != nullptr) amounts.push_back(column->type);
  }
  std::string relation = context.relation(dataset);
  if (side.options.has("where")) {
    const std::string where = side.options.text("where");
    const Type boolean = Type::boolean();
    const SourcePosition position = side.options.position("where");
    context.expression_type(where, relation, &boolean, position);
    relation = "(SELECT * FROM " + relation + " WHERE (" +
               context.bind_parameters(where, position) + "\n))";
  }
  planned.key_is_unique = planned.relations.empty() && !schema.key.empty() &&
                          std::is_permutation(planned.key.begin(), planned.key.end(),
                                              schema.key.begin(), schema.key.end());
  planned.relations.push_back(std::move(relation));
}

void Reconcile::compare_keys(JobContext& context, const std::vector<Column>& right) {
  const SourcePosition where = options_.object(kRight).position("key");
  if (plan_.left.key.size() != plan_.right.key.size()) {
    context.diagnostics().error(where,
                                "the left key has " + std::to_string(plan_.left.key.size()) +
                                    " columns and the right one " +
                                    std::to_string(plan_.right.key.size()),
                                "keys are compared column by column, in order");
    return;
  }
  for (std::size_t i = 0; i < plan_.key.size() && i < right.size(); ++i) {
    if (right[i].sensitive) plan_.key[i].sensitive = true;
    if (!are_comparable(plan_.key[i].type, right[i].type))
      context.diagnostics().error(where, "key '" + plan_.key[i].name + "' is " +
                                             plan_.key[i].type.name() + " on the left and '" +
                                             right[i].name + "' " + right[i].type.name() +
                                             " on the right");
  }
}

/// The narrowest type that holds both sides: money against money stays money.
void Reconcile::plan_amount(const std::vector<Type>& amounts) {
  plan_.amount = amounts.empty() ? Type::integer() : amounts.front();
  for (const Type& type : amounts)
    if (!(type == plan_.amount))
      plan_.amount = Type::decimal(38, std::max(type.scale, plan_.amount.scale));
}

void Reconcile::plan_tolerance(JobContext& context) {
  const Options tolerance = options_.object("tolerance");
  const auto read = [&](const char* key, int precision, int scale) -> std::optional<Int128> {
    if (!tolerance.has(key)) return std::nullopt;
    const SourcePosition where = tolerance.position(key);
    const auto text = value_text(context, tolerance.text(key), where);
    if (!text) return std::nullopt;
    const Parsed<Int128> value = parse_decimal(*text, precision, scale, true);
    if (value && value.value >= 0) return value.value;
    context.diagnostics().error(where, "tolerance '" + *text +
                                           "' is no number of at least 0 with up to " +
                                           std::to_string(scale) + " fraction digits");
    return std::nullopt;
  };
  plan_.tolerance_abs = read("abs", 38, plan_.amount.scale);
  const auto rel = read("rel", 18, kRatioScale);
  if (!rel) return;
  if (*rel > 1'000'000'000)
    context.diagnostics().error(tolerance.position("rel"),
                                "a relative tolerance is a share from 0 to 1",
                                "write 0.01 for one per cent");
  else
    plan_.tolerance_rel = static_cast<std::int64_t>(*rel);
}

Schema Reconcile::break_schema(JobContext& context) const {
  Schema schema;
  const auto add = [&](const char* name, Type type) {
    if (schema.find(name) != nullptr)
      context.diagnostics().error(
          options_.object(kLeft).position("key"),
          "a key cannot be named '" + std::string(name) + "', breaks have a column of that name");
    schema.columns.push_back({.name = name, .type = std::move(type)});
  };
  add("break_id", Type::text());
  for (Column column : plan_.key) {
    column.required = false;
    schema.columns.push_back(std::move(column));
  }
  for (const char* name : {"left_amount", "right_amount", "difference"}) add(name, plan_.amount);
  add("class", Type::text());
  add("tolerance", plan_.amount);
  add("left_rows", Type::integer());
  add("right_rows", Type::integer());
  schema.key = {"break_id"};
  return schema;
}

void Reconcile::run(JobContext& context) {
  const books::Matching matching(context.engine(), plan_);
  matching.require_unique_keys();
  const std::vector<MatchClass> classes = matching.classes();
  context.stage({.dataset = job_ + ".breaks",
                 .select = matching.breaks(),
                 .schema = breaks_,
                 .evidence = true});
  report(context, matching, classes);
}

/// The statement: what both sides have, what became of it, and that nothing is left unexplained.
void Reconcile::report(JobContext& context, const books::Matching& matching,
                       const std::vector<MatchClass>& classes) {
  const int scale = plan_.amount.scale;
  const books::MatchSideTotals left = matching.totals(plan_.left);
  const books::MatchSideTotals right = matching.totals(plan_.right);
  Ledger ledger({{"left_amount", scale}, {"right_amount", scale}});
  ledger.debit(kLeft).rows = left.rows;
  ledger.debit(kLeft).amounts["left_amount"] = left.amount;
  ledger.debit(kRight).rows = right.rows;
  ledger.debit(kRight).amounts["right_amount"] = right.amount;
  json::array lines;
  std::int64_t breaks = 0;
  Int128 explained = 0;
  for (const MatchClass& each : classes) {
    Ledger::Entry& credit = ledger.credit(each.name);
    credit.rows = each.left_rows + each.right_rows;
    credit.amounts["left_amount"] = each.left_amount;
    credit.amounts["right_amount"] = each.right_amount;
    const Int128 difference = each.left_amount - each.right_amount;
    explained += difference;
    if (each.is_break()) breaks += each.keys;
    lines.push_back(json::object{{"class", each.name},
                                 {"keys", each.keys},
                                 {"left_rows", each.left_rows},
                                 {"right_rows", each.right_rows},
                                 {"left_amount", format_decimal(each.left_amount, scale)},
                                 {"right_amount", format_decimal(each.right_amount, scale)},
                                 {"difference", format_decimal(difference, scale)}});
  }
  if (breaks != staged(context, job_ + ".breaks").rows)
    throw Error(ErrorClass::bug, "the statement counts " + std::to_string(breaks) +
                                     " breaks, but others were written");
  const bool is_empty = left.rows == 0 && right.rows == 0;
  TaskResult& result = context.result();
  result.rows_in = left.rows + right.rows;
  result.rows_out = breaks;
  const auto side = [&](const books::MatchSideTotals& totals) {
    return json::object{{"rows", totals.rows}, {"amount", format_decimal(totals.amount, scale)}};
  };
  const Int128 gap = left.amount - right.amount;
  // Nothing compared is no agreement: neither pass nor fail.
  result.report["verdict"] = is_empty ? "not_applicable" : breaks == 0 ? "pass" : "fail";
  result.report["statement"] = {{"left", side(left)},
                                {"right", side(right)},
                                {"difference", format_decimal(gap, scale)},
                                {"classes", std::move(lines)},
                                {"residual", format_decimal(gap - explained, scale)}};
  const bool empty_fails = options_.text("empty", "warn") == "fail";
  const bool is_warning = options_.text("severity", "error") == "warn";
  const std::int64_t findings = is_empty ? 1 : breaks;
  const bool only_warns = is_empty ? !empty_fails : is_warning;
  (only_warns ? result.findings_warn : result.findings_error) = findings;
  if (on_fail_of(options_) != OnFail::warn)
    result.gate = {{"dataset", options_.text("gates")}, {"passed", result.findings_error == 0}};
  close_books(context, ledger);
}

void shape_side(const Options& options, const std::string& which, JobShape& shape,
                Diagnostics& diagnostics) {
  const SideOptions side{options.object(which)};
  if (side.options.has("dataset") == side.options.has("datasets"))
    diagnostics.error(side.options.node().position(),
                      "the " + which + " side needs either 'dataset' or 'datasets'");
  for (const std::string& dataset : side.datasets()) {
    const bool is_known =
        std::any_of(shape.inputs.begin(), shape.inputs.end(),
                    [&](const DatasetUse& use) { return use.dataset == dataset; });
    if (!is_known) shape.inputs.push_back({dataset, side.where()});
  }
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  shape_side(options, kLeft, shape, diagnostics);
  shape_side(options, kRight, shape, diagnostics);
  shape.evidence.push_back({spec.name + ".breaks", spec.where});
  shape.on_fail = on_fail_of(options);
  if (shape.on_fail != OnFail::warn && !options.has("gates"))
    diagnostics.error(options.position("on_fail"),
                      "on_fail '" + options.text("on_fail") + "' needs the dataset it keeps back",
                      "add 'gates: <dataset>'");
  if (shape.on_fail == OnFail::warn && options.has("gates"))
    diagnostics.error(options.position("gates"), "on_fail 'warn' gates nothing",
                      "use on_fail: block or fail, or leave 'gates' out");
  if (shape.on_fail != OnFail::warn) shape.gates = options.text("gates");
}

OptionSpec side_option(const char* name, const char* summary) {
  return {.name = name,
          .kind = OptionKind::object,
          .summary = summary,
          .required = true,
          .fields = {
              {.name = "dataset", .kind = OptionKind::name, .summary = "The dataset of this side."},
              {.name = "datasets",
               .kind = OptionKind::list,
               .summary = "Several datasets that are this side together.",
               .fields = {{.name = "dataset", .kind = OptionKind::name}}},
              {.name = "key",
               .kind = OptionKind::columns,
               .summary = "Columns to compare by, in the order of the other side's; [] "
                          "compares grand totals.",
               .required = true,
               .may_be_empty = true},
              {.name = "amount",
               .kind = OptionKind::column,
               .summary = "Column to compare; not needed with aggregate: count."},
              {.name = "aggregate",
               .kind = OptionKind::choice,
               .summary = "Several rows a key: their sum, or how many they are. Without it "
                          "a repeated key is an error.",
               .choices = {"sum", "count"}},
              {.name = "where",
               .kind = OptionKind::expression,
               .summary = "Condition; only rows it is true for take part."}}};
}

std::vector<OptionSpec> options() {
  return {side_option("left", "One side."),
          side_option("right", "The other side."),
          {.name = "tolerance",
           .kind = OptionKind::object,
           .summary = "How far amounts may differ; of two tolerances the stricter one counts.",
           .default_text = "none: to the last unit",
           .fields = {{.name = "abs",
                       .kind = OptionKind::text,
                       .summary = "An amount, or param(name)."},
                      {.name = "rel",
                       .kind = OptionKind::text,
                       .summary = "A share of the larger side from 0 to 1, or param(name)."}}},
          {.name = "gates",
           .kind = OptionKind::name,
           .summary = "Dataset that is kept from its consumers while there are breaks."},
          {.name = "on_fail",
           .kind = OptionKind::choice,
           .summary = "What breaks do: only tell, keep consumers from the gated dataset, or fail "
                      "the job as well.",
           .default_text = "block with gates, else warn",
           .choices = {"warn", "block", "fail"}},
          {.name = "severity",
           .kind = OptionKind::choice,
           .summary = "Whether breaks are findings of severity error or warn.",
           .default_text = "error",
           .choices = {"error", "warn"}},
          {.name = "empty",
           .kind = OptionKind::choice,
           .summary = "What it is when both sides have no rows: a warning or an error.",
           .default_text = "warn",
           .choices = {"warn", "fail"}}};
}

}  // namespace

void register_reconcile(Registry<JobType>& jobs) {
  jobs.add({
      .name = "reconcile",
      .summary = "Compares two sides key by key and keeps every difference as a break.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<Reconcile>(spec);
      },
  });
}

}  // namespace tallymill
