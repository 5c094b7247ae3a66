#pragma once

#include <memory>
#include <string>

#include "core/diagnostics.h"
#include "core/options.h"
#include "rules/rule_file.h"

namespace tallymill {

/// The keys of a table of test cases, tests/rules/<rule>_test.yaml.
std::vector<OptionSpec> test_table_options();

/// A copy of `rule` with the cases of a table added; `rule` itself if the table has problems, which
/// are reported at their places.
std::shared_ptr<const LoadedRule> with_test_table(const LoadedRule& rule, const std::string& file,
                                                  const std::string& text,
                                                  Diagnostics& diagnostics);

}  // namespace tallymill
