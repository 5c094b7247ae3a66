#include <algorithm>

#include "books/exact_functions.h"
#include "books/examples.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/amount_input.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"

namespace tallymill {
namespace {

constexpr const char* kTaken = "tm_carve_taken";

/// One kind of amount that is taken out of pools.
struct Take {
  std::string name;
  bool estimate = false;
  std::string ratio = {};     ///< of the pool; or else
  std::string relation = {};  ///< rows with
  std::string units = {};     ///< SQL over a group of them: what is taken, in units of the pool's
  std::vector<std::pair<std::string, std::string>> match = {};  ///< pool column, their column
};

/// Takes known or estimated amounts out of pools; the pools keep the rest.
class CarveOut final : public Job {
 public:
  explicit CarveOut(const JobSpec& spec)
      : options_(spec.options), into_(spec.options.text("into")), job_(spec.name) {}

  std::map<std::string, Schema> plan(JobContext& context) override;
  void run(JobContext& context) override;

 private:
  void plan_take(JobContext& context, const Options& option);
  void plan_rows(JobContext& context, const Options& from, Take& take);
  std::string product(const std::string& value, const std::string& factor) const;
  std::string groups_of(const Take& take) const;
  void collect(JobContext& context);
  void judge_matches(JobContext& context, const Take& take);
  void close(JobContext& context);

  Options options_;
  std::string into_;
  std::string job_;
  AmountInput pool_;
  std::vector<Column> key_;
  std::vector<Column> carry_;
  std::vector<Take> takes_;
  std::map<std::string, Schema> schemas_;
};

std::map<std::string, Schema> CarveOut::plan(JobContext& context) {
  takes_.clear();
  carry_.clear();
  pool_ = read_amount_input(context, options_.object("pool"));
  const std::vector<std::string> key = business_key(pool_);
  if (key.empty())
    context.diagnostics().error(options_.object("pool").position("dataset"),
                                "dataset '" + pool_.dataset + "' has no key",
                                "what is taken is known by its pool's key");
  key_ = input_columns(context, pool_.dataset, key, options_.position("pool"));
  for (const YamlNode& node : options_.list("take")) plan_take(context, Options(node));
  require_free_names(context, key_, {"taken", "estimate", "amount"}, options_.position("pool"));
  require_free_names(context, carry_, {"taken", "estimate", "amount"}, options_.position("carry"));
  Schema taken{.columns = key_, .key = {}};
  taken.columns.push_back({.name = "taken", .type = Type::text(), .required = true});
  taken.columns.insert(taken.columns.end(), carry_.begin(), carry_.end());
  taken.columns.push_back(amount_like(pool_));
  taken.columns.push_back({.name = "estimate", .type = Type::boolean(), .required = true});
  if (carry_.empty()) {
    taken.key = key;
    taken.key.emplace_back("taken");
  }
  Schema parked{.columns = key_, .key = key};
  parked.columns.push_back(amount_like(pool_));
  parked.columns.push_back({.name = "reason", .type = Type::text(), .required = true});
  return schemas_ = {{into_, pool_.schema}, {job_ + ".taken", taken}, {job_ + ".parked", parked}};
}

void CarveOut::plan_take(JobContext& context, const Options& option) {
  Take take{.name = option.text("name"), .estimate = option.boolean("estimate")};
  if (option.has("ratio") == option.has("from")) {
    context.diagnostics().error(option.node().position(), "a take needs either 'ratio' or 'from'");
    return;
  }
  if (option.has("from"))
    plan_rows(context, option.object("from"), take);
  else
    take.ratio = option.text("ratio");
  const bool multiplies = option.has("ratio") || option.object("from").has("price");
  if (multiplies && (pool_.amount.type.kind != TypeKind::money ||
                     pool_.amount.type.scale != context.task().currency_scale))
    context.diagnostics().error(option.node().position(),
                                "'" + pool_.amount.name + "' is " + pool_.amount.type.name() +
                                    "; a ratio or price gives money of the workspace's currency");
  takes_.push_back(std::move(take));
}

/// Amounts as they stand, or quantities at a price, of the rows that match a pool.
void CarveOut::plan_rows(JobContext& context, const Options& from, Take& take) {
  const std::string dataset = input_name(from.node());
  take.relation = context.relation(dataset);
  if (from.has("amount") == (from.has("quantity") && from.has("price"))) {
    context.diagnostics().error(from.node().position(),
                                "what is taken is an 'amount', or a 'quantity' at a 'price'");
    return;
  }
  const char* option = from.has("amount") ? "amount" : "quantity";
  const Column* column = input_column(context, dataset, from.text(option), from.position(option));
  if (column == nullptr) return;
  const std::string sum = "sum(" + quote_identifier(column->name) + ")";
  if (from.has("amount")) {
    if (column->type != pool_.amount.type)
      context.diagnostics().error(from.position(option),
                                  "'" + column->name + "' is " + column->type.name() +
                                      " and the pool's '" + pool_.amount.name + "' is " +
                                      pool_.amount.type.name());
    take.units = "CAST(sum(" +
                 books::units_sql(context.engine(), column->type, quote_identifier(column->name)) +
                 ") AS BIGINT)";
  } else {
    require_amount(context, *column, from.position(option));
    take.units = books::units_sql(
        context.engine(), pool_.amount.type,
        product("CAST(" + sum + " AS " + Type::decimal(18, column->type.scale).sql() + ")",
                from.text("price")));
  }
  const YamlNode match = from.node("match");
  for (std::size_t i = 0; i < match.size(); ++i) {
    const std::string pool_column(match.key(i).text());
    const std::string other(match[i].text());
    const Column* mine = input_column(context, pool_.dataset, pool_column, match.key(i).position());
    const Column* theirs = input_column(context, dataset, other, match[i].position());
    if (mine != nullptr && theirs != nullptr) take.match.emplace_back(pool_column, other);
  }
  const std::vector<Column> carried =
      input_columns(context, dataset, options_.columns("carry"), options_.position("carry"));
  if (carry_.empty()) carry_ = carried;
  for (std::size_t i = 0; i < std::min(carry_.size(), carried.size()); ++i)
    if (carry_[i].type != carried[i].type)
      context.diagnostics().error(options_.position("carry"),
                                  "'" + carried[i].name + "' is " + carried[i].type.name() +
                                      " in '" + dataset + "' and " + carry_[i].type.name() +
                                      " in a dataset before");
}

/// Exact, then half-even to the currency's smallest unit.
std::string CarveOut::product(const std::string& value, const std::string& factor) const {
  const std::size_t point = factor.find('.');
  const int scale = point == std::string::npos ? 0 : static_cast<int>(factor.size() - point - 1);
  return "round_money(" + value + " * CAST(" + quote_literal(factor) + " AS " +
         Type::decimal(18, scale).sql() + "), 'half_even')";
}

/// What is taken, by what it matches: tm_m0, ..., the carried columns, tm_u.
std::string CarveOut::groups_of(const Take& take) const {
  std::string columns;
  for (std::size_t i = 0; i < take.match.size(); ++i)
    columns += quote_identifier(take.match[i].second) + " AS tm_m" + std::to_string(i) + ", ";
  for (const Column& column : carry_) columns += quote_identifier(column.name) + ", ";
  return "(SELECT " + columns + take.units + " AS tm_u FROM " + take.relation + " GROUP BY ALL)";
}

namespace {

std::string meets(const Take& take) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < take.match.size(); ++i)
    parts.push_back("p." + quote_identifier(take.match[i].first) + " = t.tm_m" + std::to_string(i));
  return parts.empty() ? "true" : join(parts, " AND ");
}

}  // namespace

/// An amount that no pool is for would be lost; one that several are for would be taken twice.
void CarveOut::judge_matches(JobContext& context, const Take& take) {
  Engine& engine = context.engine();
  const std::string counted = "(SELECT t.*, (SELECT count(*) FROM " + pool_.relation + " p WHERE " +
                              meets(take) + ") AS tm_pools FROM " + groups_of(take) + " t)";
  // For people the matched columns are called as they are in their dataset.
  std::string shown = "(SELECT * EXCLUDE (tm_pools), tm_pools";
  std::vector<Column> key;
  for (std::size_t i = 0; i < take.match.size(); ++i) {
    shown += ", tm_m" + std::to_string(i) + " AS " + quote_identifier(take.match[i].second);
    key.push_back({.name = take.match[i].second, .type = Type::text()});
  }
  for (const Column& column : carry_) key.push_back(column);
  shown += ", " + books::amount_sql(engine, pool_.amount.type, "tm_u") + " AS amount FROM " +
           counted + ")";
  key.push_back({.name = "amount", .type = pool_.amount.type});
  const books::Examples several = books::find_examples(engine, shown, key, "tm_pools > 1");
  if (several.count > 0)
    throw Error(ErrorClass::data, "'" + take.name +
                                      "' would be taken from several pools at once: " +
                                      several.summary() + "; match by more columns");
  const books::Examples lost =
      books::find_examples(engine, shown, key, "tm_pools = 0 AND tm_u <> 0");
  if (lost.count == 0) return;
  if (options_.text("unmatched") == "fail")
    throw Error(ErrorClass::data, "'" + take.name + "' meets no pool: " + lost.summary() +
                                      "; unmatched is fail: mend the match, or report them");
  json::object& unmatched = context.result().report["unmatched"].is_object()
                                ? context.result().report["unmatched"].as_object()
                                : context.result().report["unmatched"].emplace_object();
  unmatched[take.name] = json::object{{"rows", lost.count}, {"first", lost.text}};
}

void CarveOut::collect(JobContext& context) {
  Engine& engine = context.engine();
  const std::string amount = quote_identifier(pool_.amount.name);
  std::vector<std::string> selects;
  for (const Take& take : takes_) {
    std::string carried;
    for (const Column& column : carry_)
      carried += (take.ratio.empty() ? "t." + quote_identifier(column.name)
                                     : "CAST(NULL AS " + column.type.sql() + ")") +
                 " AS " + quote_identifier(column.name) + ", ";
    const std::string units =
        take.ratio.empty()
            ? "t.tm_u"
            : books::units_sql(engine, pool_.amount.type, product("p." + amount, take.ratio));
    selects.push_back(
        "SELECT " + books::column_list(key_, "p.") + ", " + quote_literal(take.name) +
        " AS taken, " + carried + units + " AS tm_u, " + (take.estimate ? "true" : "false") +
        " AS estimate FROM " + pool_.relation + " p" +
        (take.ratio.empty() ? " JOIN " + groups_of(take) + " t ON " + meets(take) : ""));
    if (take.ratio.empty()) judge_matches(context, take);
  }
  engine.execute("CREATE OR REPLACE TEMP TABLE " + std::string(kTaken) + " AS SELECT * FROM (" +
                 join(selects, " UNION ALL ") + ") WHERE tm_u <> 0");
}

void CarveOut::run(JobContext& context) {
  Engine& engine = context.engine();
  const std::string amount = quote_identifier(pool_.amount.name);
  const books::Examples unpriced =
      books::find_examples(engine, pool_.relation, key_, amount + " IS NULL");
  if (unpriced.count > 0)
    throw Error(ErrorClass::data,
                "pools without a value of " + pool_.amount.name + ": " + unpriced.summary());
  collect(context);
  const std::string keys = books::column_list(key_);
  const std::string pools =
      "(SELECT p.*, CASE WHEN tm_a * (tm_a - tm_sum) < 0 OR tm_a = 0 AND tm_sum <> 0 THEN "
      "'overdrawn' END AS tm_reason FROM (SELECT q.*, " +
      books::units_sql(engine, pool_.amount.type, amount) +
      " :: HUGEINT AS tm_a, coalesce(s.tm_sum, 0) AS tm_sum FROM " + pool_.relation +
      " q LEFT JOIN (SELECT " + keys + ", sum(tm_u) AS tm_sum FROM " + kTaken + " GROUP BY " +
      keys + ") s USING (" + keys + ")) p)";
  if (options_.text("overdrawn") == "fail") {
    const books::Examples over = books::find_examples(engine, pools, key_, "tm_reason IS NOT NULL");
    if (over.count > 0)
      throw Error(ErrorClass::data,
                  "pools from which more is taken than they hold: " + over.summary() +
                      "; overdrawn is fail: park them, or mend what is taken");
  }
  const std::string rest =
      books::amount_sql(engine, pool_.amount.type, "CAST(tm_a - tm_sum AS BIGINT)");
  context.stage({.dataset = into_,
                 .select = "SELECT * EXCLUDE (tm_a, tm_sum, tm_reason) REPLACE (" + rest + " AS " +
                           amount + ") FROM " + pools + " WHERE tm_reason IS NULL",
                 .schema = schemas_.at(into_)});
  const std::string parked = "(SELECT " + keys + " FROM " + pools + " WHERE tm_reason IS NOT NULL)";
  context.stage({.dataset = job_ + ".taken",
                 .select = "SELECT * EXCLUDE (tm_u), " +
                           books::amount_sql(engine, pool_.amount.type, "tm_u") +
                           " AS amount FROM " + kTaken + " ANTI JOIN " + parked + " USING (" +
                           keys + ")",
                 .schema = schemas_.at(job_ + ".taken")});
  context.stage({.dataset = job_ + ".parked",
                 .select = "SELECT " + keys + ", " + amount +
                           " AS amount, tm_reason AS reason FROM " + pools +
                           " WHERE tm_reason IS NOT NULL",
                 .schema = schemas_.at(job_ + ".parked")});
  close(context);
}

void CarveOut::close(JobContext& context) {
  const std::map<std::string, int> scales{{"amount", pool_.amount.type.scale}};
  Ledger ledger(scales);
  enter_input(context, pool_, ledger.debit("in"));
  TaskResult& result = context.result();
  result.rows_in = ledger.debit("in").rows;
  result.rows_out = staged(context, into_).rows;
  result.rows_rejected = staged(context, job_ + ".parked").rows;
  Ledger::Entry& rest = ledger.credit("rest");
  rest.rows = result.rows_out;
  rest.amounts["amount"] =
      units_of_text(staged(context, into_).amounts.at(pool_.amount.name), pool_.amount.type.scale);
  credit_staged(ledger, "taken", context, job_ + ".taken", scales);
  ledger.credit("taken").rows = 0;
  credit_staged(ledger, "parked", context, job_ + ".parked", scales);
  close_books(context, ledger);
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  add_input(read_input(options.node("pool"), diagnostics), shape, diagnostics);
  for (const YamlNode& take : options.list("take"))
    if (const YamlNode from = take.find("from"))
      add_input(read_input(from, diagnostics), shape, diagnostics);
  shape.outputs.push_back({options.text("into"), options.position("into")});
  shape.outputs.push_back({spec.name + ".taken", spec.where});
  shape.outputs.push_back({spec.name + ".parked", spec.where});
}

OptionSpec from_option() {
  OptionSpec from{.name = "from",
                  .kind = OptionKind::object,
                  .summary = "Rows that say how much.",
                  .fields = {{.name = "dataset",
                              .kind = OptionKind::name,
                              .summary = "The dataset.",
                              .required = true},
                             {.name = "amount",
                              .kind = OptionKind::column,
                              .summary = "Its amounts, of the pool amount's type."},
                             {.name = "quantity",
                              .kind = OptionKind::column,
                              .summary = "Its quantities, which cost `price` each."},
                             {.name = "price",
                              .kind = OptionKind::decimal,
                              .summary = "Money for one; the product is rounded half-even."},
                             {.name = "match",
                              .kind = OptionKind::map,
                              .summary = "Pool column: its column.",
                              .required = true,
                              .fields = {{.name = "", .kind = OptionKind::column}}}}};
  for (OptionSpec& field : period_options()) from.fields.push_back(std::move(field));
  return from;
}

std::vector<OptionSpec> options() {
  return {amount_input_option("pool", "What amounts are taken out of, one row a pool."),
          {.name = "take",
           .kind = OptionKind::list,
           .summary = "What is taken out.",
           .required = true,
           .fields = {{.name = "",
                       .kind = OptionKind::object,
                       .fields = {{.name = "name",
                                   .kind = OptionKind::text,
                                   .summary = "What it is called in `taken`.",
                                   .required = true},
                                  {.name = "ratio",
                                   .kind = OptionKind::ratio,
                                   .summary = "This part of every pool, rounded half-even."},
                                  from_option(),
                                  {.name = "estimate",
                                   .kind = OptionKind::boolean,
                                   .summary = "It is an estimate, not a booked amount.",
                                   .default_text = "false"}}}}},
          {.name = "carry",
           .kind = OptionKind::columns,
           .summary = "Columns of the rows in `from` that tell what is taken apart.",
           .default_text = "none"},
          {.name = "overdrawn",
           .kind = OptionKind::choice,
           .summary = "A pool from which more is taken than it holds.",
           .required = true,
           .choices = {"fail", "park"}},
          {.name = "unmatched",
           .kind = OptionKind::choice,
           .summary = "An amount to take that meets no pool.",
           .required = true,
           .choices = {"fail", "report"}},
          into_option("Dataset of the pools with what is left in them.")};
}

}  // namespace

void register_carve_out(Registry<JobType>& jobs) {
  jobs.add({
      .name = "carve_out",
      .summary = "Takes known or estimated amounts out of pools; the pools keep the rest.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<CarveOut>(spec);
      },
  });
}

}  // namespace tallymill
