#include "books/reciprocal.h"

#include "books/exact_functions.h"
#include "books/examples.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/amount_input.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"

namespace tallymill {
namespace {

constexpr const char* kParts = "tm_reciprocal_parts";
constexpr const char* kClosed = "tm_reciprocal_closed";
constexpr std::size_t kRowsAtOnce = 1000;

/// Allocates the cost of centres that serve each other.
class Reciprocal final : public Job {
 public:
  explicit Reciprocal(const JobSpec& spec)
      : options_(spec.options), into_(spec.options.text("into")), parked_(spec.name + ".parked") {}

  std::map<std::string, Schema> plan(JobContext& context) override;
  void run(JobContext& context) override;

 private:
  std::vector<books::ServicePool> read_pools(JobContext& context) const;
  std::vector<books::Service> read_services(JobContext& context) const;
  void keep(JobContext& context, const books::ReciprocalSplit& split) const;
  void refuse_loops(const books::ReciprocalSplit& split) const;

  Options options_;
  std::string into_;
  std::string parked_;
  AmountInput pool_;
  Column centre_;
  std::string services_;  ///< relation
  Column from_;
  Column to_;
  Column units_;
  std::map<std::string, Schema> schemas_;
};

std::map<std::string, Schema> Reciprocal::plan(JobContext& context) {
  const Options pool = options_.object("pool");
  const Options services = options_.object("services");
  pool_ = read_amount_input(context, pool);
  const std::string dataset = input_name(services.node());
  services_ = context.relation(dataset);
  const auto column = [&](const std::string& of, const Options& options, const char* option) {
    const Column* found = input_column(context, of, options.text(option), options.position(option));
    return found == nullptr ? Column{} : *found;
  };
  centre_ = column(pool_.dataset, pool, "centre");
  from_ = column(dataset, services, "from");
  to_ = column(dataset, services, "to");
  units_ = column(dataset, services, "units");
  for (const auto& [name, option, of] : {std::tuple{&centre_, "centre", &pool},
                                         {&from_, "from", &services},
                                         {&to_, "to", &services}})
    if (!name->name.empty() && name->type.kind != TypeKind::text &&
        name->type.kind != TypeKind::enumeration)
      context.diagnostics().error(of->position(option), "column '" + name->name + "' is " +
                                                            name->type.name() + ", expected text");
  if (!units_.name.empty()) require_amount(context, units_, services.position("units"));
  const Column receiver{.name = "receiver", .type = Type::text(), .required = true};
  require_free_names(context, {centre_}, {"receiver", "amount", "reason"}, pool.position("centre"));
  Schema parts{.columns = {centre_, receiver, amount_like(pool_)},
               .key = {centre_.name, "receiver"}};
  Schema parked{.columns = {centre_,
                            amount_like(pool_),
                            {.name = "reason", .type = Type::text(), .required = true},
                            {.name = "loop", .type = Type::text(), .required = true}},
                .key = {centre_.name}};
  return schemas_ = {{into_, parts}, {parked_, parked}};
}

std::vector<books::ServicePool> Reciprocal::read_pools(JobContext& context) const {
  Engine& engine = context.engine();
  books::require_unique_key(engine, pool_.relation, {centre_}, "the pool's key");
  const std::string amount = quote_identifier(pool_.amount.name);
  const books::Examples unpriced =
      books::find_examples(engine, pool_.relation, {centre_}, amount + " IS NULL");
  if (unpriced.count > 0)
    throw Error(ErrorClass::data,
                "pools without a value of " + pool_.amount.name + ": " + unpriced.summary());
  const Rows rows =
      engine.query("SELECT " + quote_identifier(centre_.name) + ", " +
                   books::units_sql(engine, pool_.amount.type, amount) + " FROM " + pool_.relation);
  std::vector<books::ServicePool> pools;
  for (std::size_t row = 0; row < rows.cells.size(); ++row)
    pools.push_back({rows.text(row, 0), rows.integer(row, 1)});
  return pools;
}

/// Rows of the same two centres add up.
std::vector<books::Service> Reciprocal::read_services(JobContext& context) const {
  Engine& engine = context.engine();
  const std::string from = quote_identifier(from_.name);
  const std::string to = quote_identifier(to_.name);
  const std::string units = quote_identifier(units_.name);
  const books::Examples open =
      books::find_examples(engine, services_, {from_, to_},
                           from + " IS NULL OR " + to + " IS NULL OR " + units + " IS NULL");
  if (open.count > 0)
    throw Error(ErrorClass::data,
                "services without a centre, a receiver or units: " + open.summary());
  const Rows rows = engine.query("SELECT " + from + ", " + to + ", CAST(sum(" +
                                 books::units_sql(engine, units_.type, units) +
                                 ") AS BIGINT) FROM " + services_ + " GROUP BY ALL");
  std::vector<books::Service> services;
  for (std::size_t row = 0; row < rows.cells.size(); ++row)
    services.push_back({rows.text(row, 0), rows.text(row, 1), rows.integer(row, 2)});
  return services;
}

void Reciprocal::refuse_loops(const books::ReciprocalSplit& split) const {
  if (split.closed.empty() || options_.text("closed_loop") == "park") return;
  std::string text;
  constexpr std::size_t kShown = 3;
  for (std::size_t i = 0; i < std::min(kShown, split.closed.size()); ++i)
    text += (i > 0 ? "; " : "") + split.closed[i].centre + " by " + split.closed[i].loop;
  throw Error(ErrorClass::data, "centres whose cost goes round and never leaves: " +
                                    std::to_string(split.closed.size()) + " (" + text +
                                    "); closed_loop is fail: park them, or mend the services");
}

void Reciprocal::keep(JobContext& context, const books::ReciprocalSplit& split) const {
  Engine& engine = context.engine();
  engine.execute("CREATE OR REPLACE TEMP TABLE " + std::string(kParts) +
                 "(centre VARCHAR, receiver VARCHAR, units BIGINT); CREATE OR REPLACE TEMP TABLE " +
                 std::string(kClosed) + "(centre VARCHAR, loop VARCHAR)");
  std::vector<std::string> rows;
  const auto flush = [&](const char* table, std::size_t least) {
    if (rows.size() < least || rows.empty()) return;
    engine.execute("INSERT INTO " + std::string(table) + " VALUES " + join(rows, ", "));
    rows.clear();
  };
  for (const books::ServicePart& part : split.parts) {
    rows.push_back("(" + quote_literal(part.centre) + ", " + quote_literal(part.receiver) + ", " +
                   std::to_string(part.amount) + ")");
    flush(kParts, kRowsAtOnce);
  }
  flush(kParts, 1);
  for (const books::ClosedLoop& closed : split.closed) {
    rows.push_back("(" + quote_literal(closed.centre) + ", " + quote_literal(closed.loop) + ")");
    flush(kClosed, kRowsAtOnce);
  }
  flush(kClosed, 1);
}

void Reciprocal::run(JobContext& context) {
  Engine& engine = context.engine();
  const books::ReciprocalSplit split =
      books::split_reciprocally(read_pools(context), read_services(context));
  refuse_loops(split);
  keep(context, split);
  const std::string centre = quote_identifier(centre_.name);
  context.stage({.dataset = into_,
                 .select = "SELECT centre AS " + centre + ", receiver, " +
                           books::amount_sql(engine, pool_.amount.type, "units") +
                           " AS amount FROM " + kParts,
                 .schema = schemas_.at(into_),
                 .has_unique_key = true});
  context.stage({.dataset = parked_,
                 .select = "SELECT p." + centre + ", p." + quote_identifier(pool_.amount.name) +
                           " AS amount, 'closed_loop' AS reason, c.loop FROM " + pool_.relation +
                           " p JOIN " + kClosed + " c ON c.centre = p." + centre,
                 .schema = schemas_.at(parked_)});
  const std::map<std::string, int> scales{{"amount", pool_.amount.type.scale}};
  Ledger ledger(scales);
  enter_input(context, pool_, ledger.debit("in"));
  TaskResult& result = context.result();
  result.rows_in = ledger.debit("in").rows;
  result.rows_out = staged(context, into_).rows;
  result.rows_rejected = staged(context, parked_).rows;
  // Rows are centres: how many receivers share one is no matter of the books.
  credit_staged(ledger, "allocated", context, into_, scales);
  ledger.credit("allocated").rows = result.rows_in - result.rows_rejected;
  credit_staged(ledger, "parked", context, parked_, scales);
  close_books(context, ledger);
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  add_input(read_input(options.node("pool"), diagnostics), shape, diagnostics);
  add_input(read_input(options.node("services"), diagnostics), shape, diagnostics);
  shape.outputs.push_back({options.text("into"), options.position("into")});
  shape.outputs.push_back({spec.name + ".parked", spec.where});
}

OptionSpec services_option() {
  OptionSpec option{.name = "services",
                    .kind = OptionKind::object,
                    .summary = "Who serves whom, and how much.",
                    .required = true,
                    .fields = {{.name = "dataset",
                                .kind = OptionKind::name,
                                .summary = "Dataset of services.",
                                .required = true},
                               {.name = "from",
                                .kind = OptionKind::column,
                                .summary = "The centre that serves.",
                                .required = true},
                               {.name = "to",
                                .kind = OptionKind::column,
                                .summary = "Who is served: a centre, or a final receiver.",
                                .required = true},
                               {.name = "units",
                                .kind = OptionKind::column,
                                .summary = "How much: hours, lines, a share.",
                                .required = true}}};
  for (OptionSpec& field : period_options()) option.fields.push_back(std::move(field));
  return option;
}

std::vector<OptionSpec> options() {
  return {amount_input_option("pool", "The centres' own costs, one row a centre.",
                              {{.name = "centre",
                                .kind = OptionKind::column,
                                .summary = "The centre.",
                                .required = true}}),
          services_option(),
          {.name = "closed_loop",
           .kind = OptionKind::choice,
           .summary = "A centre whose cost goes round among centres and never leaves them.",
           .required = true,
           .choices = {"fail", "park"}},
          into_option("Dataset of the parts of final receivers.")};
}

}  // namespace

void register_reciprocal(Registry<JobType>& jobs) {
  jobs.add({
      .name = "reciprocal",
      .summary = "Allocates the cost of centres that serve each other, by solving for all at once.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<Reciprocal>(spec);
      },
  });
}

}  // namespace tallymill
