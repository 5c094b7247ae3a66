#include "jobs/system_reconcile.h"

#include <algorithm>

#include "books/key_candidates.h"
#include "books/system_matching.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/break_outcome.h"
#include "jobs/compared_columns.h"
#include "jobs/completeness.h"
#include "jobs/input_keys.h"
#include "jobs/match_planner.h"
#include "jobs/reconcile_currency.h"
#include "jobs/scaled_amount.h"
#include "jobs/system_statement.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

using books::MatchSystem;
using books::SystemClass;
using Role = MatchSystem::Role;

Role role_of(const Options& system) {
  const std::string word = system.text("role", "agrees");
  if (word == "opening") return Role::opening;
  if (word == "in") return Role::in;
  if (word == "out") return Role::out;
  return word == "closing" ? Role::closing : Role::agrees;
}

/// Binds the systems of a job to the datasets at hand.
class SystemPlanner {
 public:
  SystemPlanner(JobContext& context, const Options& options, const std::string& job)
      : context_(context), options_(options) {
    plan_.id_prefix = id_prefix_of(context, job);
  }

  books::SystemPlan plan() {
    for (const char* option : {"left", "right", "compare", "stages"})
      if (options_.has(option))
        report(options_.position(option),
               "'" + std::string(option) + "' has no meaning beside 'systems'");
    tells_currencies_ = plan_currencies(context_, options_);
    for (const YamlNode& node : options_.list("systems")) plan_system({Options(node)});
    if (tells_currencies_ && !plan_.key.empty()) {
      plan_.currency = plan_.key.size() - 1;
      plan_.key.back().name = kCurrencyColumn;
      plan_.minor_units = read_minor_units(context_, options_, plan_.amount.scale);
    }
    if (plan_.systems.size() < 2)
      report(options_.position("systems"), "at least two systems are compared");
    check_roles();
    plan_.tolerance = read_tolerance(context_, options_.object("tolerance"), plan_.amount.scale);
    plan_.tells_duplicates = options_.text("duplicates") == "pair";
    const std::string missing = options_.text("missing_key", "match");
    plan_.missing_key = missing == "match"  ? books::MissingKey::match
                        : missing == "fail" ? books::MissingKey::fail
                                            : books::MissingKey::open;
    return plan_;
  }

  Schema breaks() {
    const auto repeated = [&](const std::string& name) {
      report(options_.position("systems"),
             "breaks have two columns '" + name + "': name keys and systems otherwise");
    };
    Schema schema = begin_breaks(plan_.key, plan_.amount, repeated);
    const auto add = [&](const std::string& name, const Type& type) {
      if (schema.find(name) != nullptr) repeated(name);
      schema.columns.push_back({.name = name, .type = type});
    };
    for (const MatchSystem& system : plan_.systems) add(system.name + "_amount", plan_.amount);
    for (const char* name : {"failed_predicate", "distance", "nearest_candidate",
                             "candidate_failed", "candidate_distance"})
      add(name, Type::text());
    return schema;
  }

 private:
  void report(const SourcePosition& where, const std::string& what, const std::string& hint = {}) {
    context_.diagnostics().error(where, what, hint);
  }

  const Column* find(const std::string& dataset, const std::string& name,
                     const SourcePosition& where) {
    const Schema& schema = context_.schema(dataset);
    if (const Column* column = schema.find(name)) return column;
    report(where, "dataset '" + dataset + "' has no column '" + name + "'",
           did_you_mean(name, schema.names()));
    return nullptr;
  }

  void plan_system(const SideOptions& side) {
    const Options& options = side.options;
    MatchSystem system{.name = options.text("name"), .role = role_of(options)};
    if (std::ranges::any_of(plan_.systems,
                            [&](const MatchSystem& each) { return each.name == system.name; }))
      report(options.position("name"), "there are two systems '" + system.name + "'");
    for (const char* option : {"id", "date", "text", "columns"})
      if (options.has(option))
        report(options.position(option),
               "'" + std::string(option) + "' has no meaning beside 'systems'");
    system.key = options.columns("key");
    if (tells_currencies_ && options.has("currency"))
      system.key.push_back(options.text("currency"));
    system.adds_up = options.has("aggregate");
    for (const std::string& dataset : side.datasets()) {
      system.key_is_unique =
          system.relations.empty() && (is_unique_by(context_, dataset, system.key) ||
                                       is_unique_by(context_, dataset, options.columns("key")));
      plan_key(side, dataset, system);
      plan_amount(side, dataset, system);
      system.relations.push_back(side_relation(context_, side, dataset));
    }
    plan_.systems.push_back(std::move(system));
  }

  /// The first system's first dataset settles the key.
  void plan_key(const SideOptions& side, const std::string& dataset, const MatchSystem& system) {
    const SourcePosition where = side.options.position("key");
    const bool is_first = plan_.systems.empty() && system.relations.empty();
    if (side.options.columns("key").empty()) report(where, "systems meet by a key");
    for (std::size_t i = 0; i < system.key.size(); ++i) {
      // plan_currencies() has looked for the currency.
      const bool is_currency = i == side.options.columns("key").size();
      const Column* column = is_currency ? context_.schema(dataset).find(system.key[i])
                                         : find(dataset, system.key[i], where);
      if (column == nullptr) continue;
      if (is_first)
        plan_.key.push_back(*column);
      else if (i < plan_.key.size() && !are_comparable(plan_.key[i].type, column->type))
        report(where, "key '" + column->name + "' is " + column->type.name() + " and '" +
                          plan_.key[i].name + "' of the first system " + plan_.key[i].type.name());
      if (i < plan_.key.size() && column->sensitive) plan_.key[i].sensitive = true;
    }
    const std::size_t size = side.options.columns("key").size();
    const std::size_t first_size = Options(options_.list("systems").front()).columns("key").size();
    if (size != first_size)
      report(where,
             "this key has " + std::to_string(size) + " columns and the first system's " +
                 std::to_string(first_size),
             "keys are compared column by column, in order");
  }

  void plan_amount(const SideOptions& side, const std::string& dataset, MatchSystem& system) {
    const Options& options = side.options;
    ScaledAmount scaled{"CAST(1 AS BIGINT)", Type::integer()};
    if (options.text("aggregate") != "count") {
      if (!options.has("amount"))
        return report(options.node().position(), "system '" + system.name + "' has no 'amount'");
      const Column* column = find(dataset, options.text("amount"), options.position("amount"));
      if (column == nullptr) return;
      if (!column->type.is_summable())
        report(options.position("amount"), "column '" + column->name + "' is " +
                                               column->type.name() +
                                               "; an amount is money, integer or decimal");
      scaled = scale_amount(context_, options, quote_identifier(column->name), column->type);
    }
    system.amount = scaled.sql;
    const bool is_first = plan_.systems.empty() && system.relations.empty();
    plan_.amount = is_first ? scaled.type : common_amount(plan_.amount, scaled.type);
  }

  void check_roles() {
    if (!plan_.has_equation()) return;
    const auto closing = std::ranges::count_if(
        plan_.systems, [](const MatchSystem& each) { return each.role == Role::closing; });
    if (closing != 1)
      report(options_.position("systems"),
             "opening and movements come to one system of role 'closing', there are " +
                 std::to_string(closing));
  }

  JobContext& context_;
  Options options_;
  books::SystemPlan plan_;
  bool tells_currencies_ = false;
};

/// Compares any number of systems key by key in one statement.
class SystemReconcile final : public Job {
 public:
  explicit SystemReconcile(const JobSpec& spec)
      : options_(spec.options), job_(spec.name), outcome_(spec) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    SystemPlanner planner(context, options_, job_);
    plan_ = planner.plan();
    const Schema breaks = planner.breaks();
    if (!context.diagnostics().has_errors()) plan_completeness(context, options_, sides());
    outcome_.plan(context, breaks, plan_.amount);
    return outcome_.schemas();
  }

  void run(JobContext& context) override;

 private:
  std::map<std::string, SideAtHand> sides() const;
  std::string whole_key() const;

  Options options_;
  std::string job_;
  books::SystemPlan plan_;
  BreakOutcome outcome_;
};

void SystemReconcile::run(JobContext& context) {
  const std::vector<std::string> lacks = find_incomplete(context, options_, sides());
  books::SystemMatching matching(context.engine(), plan_);
  const std::vector<SystemClass> classes = matching.classes();
  std::int64_t breaks = 0;
  for (const SystemClass& each : classes)
    if (each.is_break) breaks += each.keys;
  const std::string found = books::with_candidates(context.engine(), plan_, matching.breaks());
  if (breaks != outcome_.stage(context, found, whole_key()))
    throw Error(ErrorClass::bug, "the statement counts " + std::to_string(breaks) +
                                     " breaks, but others were written");
  std::vector<std::vector<books::MatchSideTotals>> totals;
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < plan_.systems.size(); ++i) {
    totals.push_back(matching.totals(i));
    for (const books::MatchSideTotals& each : totals.back()) rows += each.rows;
  }
  context.result().rows_in = rows;
  context.result().rows_out = breaks;
  outcome_.judge(context, lacks, rows == 0);
  const SystemStatement statement(plan_, classes, totals);
  statement.state(context);
  statement.close(context);
}

std::map<std::string, SideAtHand> SystemReconcile::sides() const {
  std::map<std::string, SideAtHand> sides;
  const std::vector<YamlNode> nodes = options_.list("systems");
  for (std::size_t i = 0; i < plan_.systems.size(); ++i)
    sides[plan_.systems[i].name] = {.relation = united(plan_.systems[i].relations),
                                    .amount = plan_.systems[i].amount,
                                    .scale = plan_.amount.scale,
                                    .has_currencies = plan_.currency.has_value(),
                                    .dataset = SideOptions{Options(nodes[i])}.datasets().front()};
  return sides;
}

std::string SystemReconcile::whole_key() const {
  std::vector<std::string> parts{"true"};
  if (plan_.missing_key == books::MissingKey::open)
    for (const Column& column : plan_.key)
      parts.push_back(quote_identifier(column.name) + " IS NOT NULL");
  return join(parts, " AND ");
}

}  // namespace

OptionSpec systems_option(std::vector<OptionSpec> side_fields) {
  std::vector<OptionSpec> fields{
      {.name = "name",
       .kind = OptionKind::name,
       .summary = "What statement and breaks call it.",
       .required = true},
      {.name = "role",
       .kind = OptionKind::choice,
       .summary =
           "Its amounts agree with the others, or are a part of opening + in - out = closing.",
       .default_text = "agrees",
       .choices = {"agrees", "opening", "in", "out", "closing"}}};
  for (OptionSpec& field : side_fields) fields.push_back(std::move(field));
  return {.name = "systems",
          .kind = OptionKind::list,
          .summary = "Several systems in one statement, in place of left and right.",
          .fields = {{.name = "system", .kind = OptionKind::object, .fields = std::move(fields)}}};
}

std::unique_ptr<Job> make_system_reconcile(const JobSpec& spec) {
  return std::make_unique<SystemReconcile>(spec);
}

}  // namespace tallymill
