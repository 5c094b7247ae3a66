#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/options.h"

namespace tallymill {

/// The keys of tests/<case>/case.yaml.
std::vector<OptionSpec> case_options();

/// How one case of a workspace ended.
struct CaseResult {
  enum class State { passed, failed, not_run };
  std::string name;
  State state = State::passed;
  std::string message;  ///< why it failed (first differences) or was not run
};

/// Runs the cases of a workspace, `tests/<case>/{case.yaml,in/,expected/}`, each in a copy of the
/// workspace below `scratch`, with this very program as the one under test. Of the workspace's
/// tests the copy has the tables of rules, tests/rules.
///
/// case.yaml has the keys of case_options(). `in/` is laid over the copy. Checked after the last
/// command: `expected/exit_code` (0 if absent), `expected/stdout.txt`, `expected/stderr.txt`, and
/// for each `expected/<dataset>.csv` every row of that dataset for the period; `expected/files/` is
/// compared with the files of the same names in the copy. In outputs times are compared as `#.#s`
/// and the copy's path as `WORKSPACE`. With `update`, expectations are rewritten from what came out
/// instead.
///
/// Throws Error(config) if a case file is malformed. `on_result` is called as each case ends.
std::vector<CaseResult> run_cases(const std::filesystem::path& workspace, const std::string& only,
                                  bool update, const std::filesystem::path& scratch,
                                  const std::function<void(const CaseResult&)>& on_result);

}  // namespace tallymill
