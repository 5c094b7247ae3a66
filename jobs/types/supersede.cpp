#include <algorithm>

#include "books/examples.h"
#include "core/text.h"
#include "jobs/amount_input.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"

namespace tallymill {
namespace {

/// Manual figures count until derived ones are there, group by group.
class Supersede final : public Job {
 public:
  explicit Supersede(const JobSpec& spec)
      : options_(spec.options),
        into_(spec.options.text("into")),
        superseded_(spec.name + ".superseded") {}

  std::map<std::string, Schema> plan(JobContext& context) override;
  void run(JobContext& context) override;

 private:
  void check_types(JobContext& context, const std::vector<Column>& columns);
  std::string rows_of(const AmountInput& input, const std::string& origin,
                      const std::string& where) const;
  std::string has_derived() const;

  Options options_;
  std::string into_;
  std::string superseded_;
  AmountInput manual_;
  AmountInput derived_;
  std::vector<Column> by_;
  std::vector<Column> kept_;  ///< columns of both, the amounts apart
  std::map<std::string, Schema> schemas_;
};

std::map<std::string, Schema> Supersede::plan(JobContext& context) {
  manual_ = read_amount_input(context, options_.object("manual"));
  derived_ = read_amount_input(context, options_.object("derived"));
  const SourcePosition where = options_.position("by");
  by_ = input_columns(context, manual_.dataset, options_.columns("by"), where);
  (void)input_columns(context, derived_.dataset, options_.columns("by"), where);
  kept_.clear();
  for (const Column& column : manual_.schema.columns) {
    const Column* other = derived_.schema.find(column.name);
    if (column.name != manual_.amount.name && other != nullptr &&
        column.name != derived_.amount.name && other->type == column.type) {
      kept_.push_back(column);
      kept_.back().required = column.required && other->required;
    }
  }
  check_types(context, by_);
  require_free_names(context, kept_, {"amount", "origin", "derived_amount"}, where);
  Schema into{.columns = kept_, .key = {}};
  into.columns.push_back(amount_like(manual_, false));
  into.columns.push_back({.name = "origin",
                          .type = {TypeKind::enumeration, 0, 0, {"derived", "manual"}},
                          .required = true});
  Schema superseded{.columns = kept_, .key = {}};
  superseded.columns.push_back(amount_like(manual_, false));
  superseded.columns.push_back(
      {.name = "derived_amount", .type = Type::decimal(38, manual_.amount.type.scale)});
  return schemas_ = {{into_, into}, {superseded_, superseded}};
}

void Supersede::check_types(JobContext& context, const std::vector<Column>& columns) {
  const auto is_kept = [&](const Column& column) {
    return std::any_of(kept_.begin(), kept_.end(),
                       [&](const Column& kept) { return kept.name == column.name; });
  };
  const auto report = [&](const Column& column, const SourcePosition& where, const Column& other) {
    context.diagnostics().error(where,
                                "'" + column.name + "' of '" + manual_.dataset + "' is " +
                                    column.type.name() + " and '" + other.name + "' of '" +
                                    derived_.dataset + "' is " + other.type.name(),
                                "cast one of them in a cleanse before");
  };
  for (const Column& column : columns)
    if (const Column* other = derived_.schema.find(column.name);
        other != nullptr && !is_kept(column))
      report(column, options_.position("by"), *other);
  if (manual_.amount.type != derived_.amount.type)
    report(manual_.amount, options_.object("derived").position("amount"), derived_.amount);
}

std::string Supersede::rows_of(const AmountInput& input, const std::string& origin,
                               const std::string& where) const {
  return "SELECT " + books::column_list(kept_) + ", " + quote_identifier(input.amount.name) +
         " AS amount, '" + origin + "' AS origin FROM " + input.relation + " m WHERE " + where;
}

/// Whether derived rows stand for the group of manual row m. A group without a name is none.
std::string Supersede::has_derived() const {
  std::vector<std::string> same;
  for (const Column& column : by_)
    same.push_back("d." + quote_identifier(column.name) + " = m." + quote_identifier(column.name));
  return "EXISTS (SELECT 1 FROM " + derived_.relation + " d WHERE " + join(same, " AND ") + ")";
}

void Supersede::run(JobContext& context) {
  context.stage({.dataset = into_,
                 .select = rows_of(derived_, "derived", "true") + " UNION ALL " +
                           rows_of(manual_, "manual", "NOT " + has_derived()),
                 .schema = schemas_.at(into_)});
  const std::string by = books::column_list(by_);
  context.stage({.dataset = superseded_,
                 .select = "SELECT " + books::column_list(kept_, "m.") + ", m." +
                           quote_identifier(manual_.amount.name) + " AS amount, CAST(g.tm_sum AS " +
                           Type::decimal(38, manual_.amount.type.scale).sql() +
                           ") AS derived_amount FROM " + manual_.relation + " m JOIN (SELECT " +
                           by + ", sum(" + quote_identifier(derived_.amount.name) +
                           ") AS tm_sum FROM " + derived_.relation + " GROUP BY " + by +
                           ") g USING (" + by + ")",
                 .schema = schemas_.at(superseded_)});
  const std::map<std::string, int> scales{{"amount", manual_.amount.type.scale}};
  Ledger ledger(scales);
  enter_input(context, manual_, ledger.debit("manual"));
  enter_input(context, derived_, ledger.debit("derived"));
  credit_staged(ledger, "out", context, into_, scales);
  credit_staged(ledger, "superseded", context, superseded_, scales);
  TaskResult& result = context.result();
  result.rows_in = ledger.debit("manual").rows + ledger.debit("derived").rows;
  result.rows_out = staged(context, into_).rows;
  result.report["superseded"] = staged(context, superseded_).rows;
  close_books(context, ledger);
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  add_input(read_input(options.node("manual"), diagnostics), shape, diagnostics);
  add_input(read_input(options.node("derived"), diagnostics), shape, diagnostics);
  shape.outputs.push_back({options.text("into"), options.position("into")});
  shape.outputs.push_back({spec.name + ".superseded", spec.where});
}

std::vector<OptionSpec> options() {
  return {amount_input_option("manual", "Figures that count where there are no derived ones."),
          amount_input_option("derived", "Figures that count where they are."),
          {.name = "by",
           .kind = OptionKind::columns,
           .summary = "Columns of both: a group of manual rows is superseded by derived ones.",
           .required = true},
          into_option("Dataset of the figures that count.")};
}

}  // namespace

void register_supersede(Registry<JobType>& jobs) {
  jobs.add({
      .name = "supersede",
      .summary = "Takes derived figures where they are, and manual ones elsewhere.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<Supersede>(spec);
      },
  });
}

}  // namespace tallymill
