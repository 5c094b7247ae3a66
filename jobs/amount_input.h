#pragma once

#include <string>
#include <vector>

#include "datasets/ledger.h"
#include "jobs/job.h"

namespace tallymill {

/// Rows that a job moves money of: a dataset and the column of its amounts.
struct AmountInput {
  std::string dataset;   ///< as the job calls it
  std::string relation;  ///< that stands behind FROM
  Schema schema;
  Column amount;  ///< money, integer or decimal of up to 18 digits, unless that was reported
};

/// An option {dataset, amount, ...} with the keys that say of which periods, and `more` of its own.
OptionSpec amount_input_option(std::string name, std::string summary,
                               std::vector<OptionSpec> more = {});
/// Reads one; reports what does not fit the dataset.
AmountInput read_amount_input(JobContext& context, const Options& option);

/// A column of an input; null after reporting at `where` that there is none.
const Column* input_column(JobContext& context, const std::string& dataset, const std::string& name,
                           const SourcePosition& where);
/// Those of `names` that there are.
std::vector<Column> input_columns(JobContext& context, const std::string& dataset,
                                  const std::vector<std::string>& names,
                                  const SourcePosition& where);
/// Reports at `where` a column that is no amount of up to 18 digits.
void require_amount(JobContext& context, const Column& column, const SourcePosition& where);
/// The columns of `names` that amounts of `input` are known by: its key, unless that is where a row
/// stood in a file.
std::vector<std::string> business_key(const AmountInput& input);

/// The first of `columns` that is called like one of `taken`, reported at `where`.
void require_free_names(JobContext& context, const std::vector<Column>& columns,
                        const std::vector<std::string>& taken, const SourcePosition& where);

/// Rows and exact sum of an input, as an entry of the ledger; the amount is called "amount" there.
void enter_input(JobContext& context, const AmountInput& input, Ledger::Entry& entry);

/// The column `amount` of results made of `input`.
Column amount_like(const AmountInput& input, bool required = true);

}  // namespace tallymill
