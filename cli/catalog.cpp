#include "cli/catalog.h"

#include <stdexcept>

#include "core/text.h"
#include "rules/rule_requirements.h"

namespace tallymill {
namespace {

void drop_empty(std::vector<DatasetUse>& uses) {
  std::erase_if(uses, [](const DatasetUse& use) { return use.dataset.empty(); });
}

/// What a job whose options are not all sound still tells of itself, so that one misspelt key does
/// not hide a cycle or a missing file. Where the shape function stumbles over a value of the wrong
/// kind, reported already, it tells nothing.
JobShape shape_of_unsound(const JobType& type, const JobSpec& job, Diagnostics& diagnostics) {
  JobShape shape;
  Diagnostics found;
  try {
    type.shape(job, shape, found);
  } catch (const std::logic_error&) {
    return {};
  }
  diagnostics.add_all(found);
  drop_empty(shape.inputs);
  drop_empty(shape.outputs);
  drop_empty(shape.evidence);
  drop_empty(shape.connectors);
  return shape;
}

}  // namespace

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
  if (found.has_errors())
    shape = shape_of_unsound(*type, job, found);
  else
    type->shape(job, shape, found);
  diagnostics.add_all(found);
  return shape;
}

std::vector<FileUse> UnitCatalog::files_behind(const FileUse& use, const FileReader& read,
                                               int currency_scale, Diagnostics& diagnostics) const {
  const std::string name = rule_name_of(use.path);
  if (name.empty()) return {use};
  const auto path = find_rule_file(name, read, diagnostics);
  if (!path) return {use};  // the loader reports a file that does not exist
  std::vector<FileUse> files{{*path, use.where}};
  for (FileUse& file : judge_rule_tables(*path, read, currency_scale, diagnostics))
    files.push_back(std::move(file));
  return files;
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
