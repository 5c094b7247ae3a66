#include "jobs/amount_input.h"

#include <algorithm>

#include "core/text.h"
#include "jobs/dataset_input.h"

namespace tallymill {

OptionSpec amount_input_option(std::string name, std::string summary,
                               std::vector<OptionSpec> more) {
  OptionSpec option{.name = std::move(name),
                    .kind = OptionKind::object,
                    .summary = std::move(summary),
                    .required = true,
                    .fields = {{.name = "dataset",
                                .kind = OptionKind::name,
                                .summary = "The dataset.",
                                .required = true},
                               {.name = "amount",
                                .kind = OptionKind::column,
                                .summary = "Its amounts.",
                                .required = true}}};
  for (OptionSpec& field : more) option.fields.push_back(std::move(field));
  for (OptionSpec& field : period_options()) option.fields.push_back(std::move(field));
  return option;
}

const Column* input_column(JobContext& context, const std::string& dataset, const std::string& name,
                           const SourcePosition& where) {
  const Schema& schema = context.schema(dataset);
  if (const Column* column = schema.find(name)) return column;
  std::string hint = did_you_mean(name, schema.names());
  if (hint.empty()) hint = "its columns are " + join(schema.names(), ", ");
  context.diagnostics().error(where, "dataset '" + dataset + "' has no column '" + name + "'",
                              std::move(hint));
  return nullptr;
}

std::vector<Column> input_columns(JobContext& context, const std::string& dataset,
                                  const std::vector<std::string>& names,
                                  const SourcePosition& where) {
  std::vector<Column> columns;
  for (const std::string& name : names)
    if (const Column* column = input_column(context, dataset, name, where))
      columns.push_back(*column);
  return columns;
}

void require_amount(JobContext& context, const Column& column, const SourcePosition& where) {
  constexpr int kNarrow = 18;  // fits the 64-bit units that books are kept in
  if (!column.type.is_summable() || column.type.precision > kNarrow)
    context.diagnostics().error(where, "column '" + column.name + "' is " + column.type.name() +
                                           "; an amount is money, integer or decimal of up to 18 "
                                           "digits");
}

AmountInput read_amount_input(JobContext& context, const Options& option) {
  AmountInput input{
      .dataset = input_name(option.node()), .relation = {}, .schema = {}, .amount = {}};
  input.schema = context.schema(input.dataset);
  input.relation = context.relation(input.dataset);
  const SourcePosition where = option.position("amount");
  if (const Column* amount = input_column(context, input.dataset, option.text("amount"), where)) {
    input.amount = *amount;
    require_amount(context, *amount, where);
  }
  return input;
}

std::vector<std::string> business_key(const AmountInput& input) {
  const std::vector<std::string>& key = input.schema.key;
  const bool is_place = std::any_of(key.begin(), key.end(),
                                    [](const std::string& name) { return is_provenance(name); });
  return is_place ? std::vector<std::string>{} : key;
}

void require_free_names(JobContext& context, const std::vector<Column>& columns,
                        const std::vector<std::string>& taken, const SourcePosition& where) {
  for (const Column& column : columns)
    if (std::find(taken.begin(), taken.end(), column.name) != taken.end())
      return context.diagnostics().error(
          where, "two columns of the result would be named '" + column.name + "'",
          "rename one of them with a 'derive' step before");
}

void enter_input(JobContext& context, const AmountInput& input, Ledger::Entry& entry) {
  const InputTotals totals = context.totals(input.dataset);
  entry.rows += totals.rows;
  if (const auto it = totals.amounts.find(input.amount.name); it != totals.amounts.end())
    entry.amounts["amount"] += it->second;
}

Column amount_like(const AmountInput& input, bool required) {
  return {.name = "amount", .type = input.amount.type, .required = required};
}

}  // namespace tallymill
