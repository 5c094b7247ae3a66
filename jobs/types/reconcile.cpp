#include "core/text.h"
#include "jobs/break_outcome.h"
#include "jobs/compared_columns.h"
#include "jobs/completeness.h"
#include "jobs/dataset_input.h"
#include "jobs/keyed_reconcile.h"
#include "jobs/match_planner.h"
#include "jobs/open_breaks.h"
#include "jobs/reconcile_options.h"
#include "jobs/staged_reconcile.h"
#include "jobs/system_reconcile.h"

namespace tallymill {
namespace {

/// `side` is called `name` in messages.
void shape_side(const SideOptions& side, const std::string& name, JobShape& shape,
                Diagnostics& diagnostics) {
  if (side.options.has("dataset") == side.options.has("datasets"))
    diagnostics.error(side.options.node().position(),
                      name + " needs either 'dataset' or 'datasets'");
  const bool is_one = side.options.has("dataset");
  if (!is_one && side.options.has("as"))
    diagnostics.error(side.options.position("as"), "'as' names one dataset, not several");
  for (const std::string& dataset :
       is_one ? std::vector{side.options.text("dataset")} : side.options.texts("datasets")) {
    DatasetUse use{dataset, side.where()};
    read_periods(side.options.node(), use, diagnostics);
    if (!is_one) use.as.clear();
    add_input(std::move(use), shape, diagnostics);
  }
}

void shape_sides(const Options& options, JobShape& shape, Diagnostics& diagnostics) {
  if (options.has("systems")) {
    for (const YamlNode& node : options.list("systems")) {
      const SideOptions side{Options(node)};
      shape_side(side, "system '" + side.options.text("name") + "'", shape, diagnostics);
    }
    return;
  }
  for (const char* which : {"left", "right"}) {
    if (options.has(which))
      shape_side({options.object(which)}, "the " + std::string(which) + " side", shape,
                 diagnostics);
    else
      diagnostics.error(options.node().position(),
                        "a reconcile job needs 'left' and 'right', or 'systems'; '" +
                            std::string(which) + "' is missing");
  }
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  shape_sides(options, shape, diagnostics);
  shape.evidence.push_back({spec.name + ".breaks", spec.where});
  if (options.has("stages")) shape.evidence.push_back({spec.name + ".matches", spec.where});
  shape.on_fail = on_fail_of(options);
  if (shape.on_fail != OnFail::warn && !options.has("gates"))
    diagnostics.error(options.position("on_fail"),
                      "on_fail '" + options.text("on_fail") + "' needs the dataset it keeps back",
                      "add 'gates: <dataset>'");
  if (shape.on_fail == OnFail::warn && options.has("gates"))
    diagnostics.error(options.position("gates"), "on_fail 'warn' gates nothing",
                      "use on_fail: block or fail, or leave 'gates' out");
  if (shape.on_fail != OnFail::warn) shape.gates = options.text("gates");
  for (const FileUse& file : compared_column_files(options)) shape.files.push_back(file);
  for (const FileUse& file : completeness_files(options)) shape.files.push_back(file);
  shape_life(spec, shape, diagnostics);
  for (const char* option : {"accept", "classify"}) {
    if (!options.has(option)) continue;
    const YamlNode node = options.node(option);
    const Options rule = node.is_mapping() ? Options(node) : Options(node, "rule");
    shape.files.push_back({"rules/" + rule.text("rule") + ".lua", rule.position("rule")});
  }
}

}  // namespace

void register_reconcile(Registry<JobType>& jobs) {
  jobs.add({
      .name = "reconcile",
      .summary = "Compares two sides or several systems and keeps every difference as a break.",
      .options = reconcile_options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        if (spec.options.has("systems")) return make_system_reconcile(spec);
        return spec.options.has("stages") ? make_staged_reconcile(spec)
                                          : make_keyed_reconcile(spec);
      },
  });
}

}  // namespace tallymill
