#pragma once

#include <map>
#include <string>
#include <vector>

#include "datasets/type.h"
#include "jobs/job.h"

namespace tallymill {

/// What results call the currency, whatever it is called on the sides.
inline constexpr const char* kCurrencyColumn = "currency";

/// `currency:` of a side, and `minor_units:` of a reconcile job.
OptionSpec side_currency_option();
OptionSpec minor_units_option();

/// Whether the sides of a reconcile job tell their currencies. Reports where only some do, where
/// the column is none or a part of the key already, and where a dataset with amounts has a column
/// `currency` that nobody mentions: amounts of several currencies would be taken for one.
bool plan_currencies(JobContext& context, const Options& job);

/// `minor_units:`; reports digits that amounts with `scale` fraction digits do not have.
std::map<std::string, int> read_minor_units(JobContext& context, const Options& job, int scale);

}  // namespace tallymill
