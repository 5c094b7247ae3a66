#include "cli/catalog.h"

#include "core/text.h"

namespace tallymill {

UnitCatalog::UnitCatalog() {
  register_all_jobs(jobs_);
  register_all_connectors(connectors_);
  register_all_checks(checks_);
  register_all_steps(steps_);
}

JobShape UnitCatalog::shape(const JobSpec& job, const std::vector<std::string>& common_keys,
                            Diagnostics& diagnostics) const {
  JobShape shape;
  const JobType* type = jobs_.find(job.type);
  if (!type) return shape;  // the loader reports it
  Diagnostics found;
  validate_options(job.options.node(), type->options, type->name + " job '" + job.name + "'", found,
                   common_keys);
  if (!found.has_errors() && type->shape) type->shape(job, shape, found);
  diagnostics.add_all(found);
  return shape;
}

void UnitCatalog::check_connector(const std::string& name, YamlNode node,
                                  Diagnostics& diagnostics) const {
  const std::string subject = "connector '" + name + "'";
  const YamlNode word = node.find("type");
  if (!word.is_scalar()) {
    diagnostics.error(node.position(), subject + " lacks the option 'type'",
                      "the types are " + join(connectors_.names(), ", "));
    return;
  }
  const ConnectorType* type = connectors_.find(word.text());
  if (!type) {
    const std::string meant = did_you_mean(word.text(), connectors_.names());
    diagnostics.error(word.position(), "unknown connector type '" + std::string(word.text()) + "'",
                      meant.empty() ? "the types are " + join(connectors_.names(), ", ") : meant);
    return;
  }
  validate_options(node, type->options, subject, diagnostics, {"type"});
}

}  // namespace tallymill
