#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/job_shape.h"
#include "core/options.h"
#include "core/registry.h"
#include "jobs/cleanse_flow.h"

namespace tallymill {

/// One step of a cleanse. It adds SQL to the flow; it never reads rows.
class Step {
 public:
  virtual ~Step() = default;
  /// Reports what does not fit the columns at hand to flow.context().diagnostics(), and leaves the
  /// flow usable, so that later steps are checked too.
  virtual void apply(CleanseFlow& flow) = 0;
};

/// A kind of step: its name in YAML, file stem, doc page and test file.
struct StepType {
  std::string name;
  std::string summary;
  std::vector<OptionSpec> options;
  std::string main = {};  ///< the option that may stand alone: `trim: [a]` is `columns: [a]`
  /// Keys are columns the user names; `options` describe the value of each (derive).
  bool keys_are_columns = false;
  /// Run over its own output the step changes no cell and lets no row leave.
  bool is_idempotent = false;
  std::string evidence = {};  ///< where rows go that leave here, beside rejects: merged, filtered
  /// Evidence it notes beside the rows (CleanseFlow::note): review, proposals.
  std::function<std::vector<std::string>(const Options&)> notes = {};
  std::function<std::vector<FileUse>(const Options&)> files = {};  ///< rules and tables it names
  std::function<std::unique_ptr<Step>(const Options&)> make;
};

void register_all_steps(Registry<StepType>& steps);
/// All of them, made once.
const Registry<StepType>& step_types();

/// Reports everything about `node`, the value behind the step's name, that its options refuse.
void validate_step(const StepType& type, YamlNode node, Diagnostics& diagnostics);
/// The JSON Schema of that value.
json::object step_schema(const StepType& type);

}  // namespace tallymill
