#include "jobs/step.h"

namespace tallymill {

const Registry<StepType>& step_types() {
  static const Registry<StepType> types = [] {
    Registry<StepType> made;
    register_all_steps(made);
    return made;
  }();
  return types;
}

void validate_step(const StepType& type, YamlNode node, Diagnostics& diagnostics) {
  const std::string subject = "step '" + type.name + "'";
  if (!type.keys_are_columns) {
    validate_unit_options(node, type.options, type.main, subject, diagnostics);
    return;
  }
  if (!node.is_mapping() || node.size() == 0) {
    diagnostics.error(node.position(), subject + " must be a mapping of column names, got " +
                                           std::string(node.kind_name()));
    return;
  }
  for (std::size_t i = 0; i < node.size(); ++i)
    validate_options(node[i], type.options,
                     "column '" + std::string(node.key(i).text()) + "' of " + subject, diagnostics);
}

json::object step_schema(const StepType& type) {
  if (!type.keys_are_columns) return unit_options_schema(type.options, type.main);
  return {{"type", "object"},
          {"minProperties", 1},
          {"additionalProperties", options_schema(type.options)}};
}

}  // namespace tallymill
