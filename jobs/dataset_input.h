#pragma once

#include <string>
#include <vector>

#include "core/job_shape.h"

namespace tallymill {

/// The option of a dataset to read: its name, or a mapping that says of which periods.
OptionSpec input_option(const std::string& name, const std::string& summary, bool required);
/// The same without a name, as the element of a list.
OptionSpec input_element();
/// The keys beside `dataset:` in a mapping that says more of an input.
std::vector<OptionSpec> period_options();

/// Reads what input_option() describes, or a mapping with `dataset:` and period_options(). A node
/// of another kind, reported already, gives an empty use.
DatasetUse read_input(YamlNode node, Diagnostics& diagnostics);
/// Reads period_options() of `node` into `use`.
void read_periods(YamlNode node, DatasetUse& use, Diagnostics& diagnostics);
/// What the job calls the input that `node` describes.
std::string input_name(YamlNode node);
/// Adds an input to the shape, once; reports one that is called like another one but means
/// something else.
void add_input(DatasetUse use, JobShape& shape, Diagnostics& diagnostics);

/// The option `into`: the dataset a job makes.
OptionSpec into_option(const std::string& summary);

}  // namespace tallymill
