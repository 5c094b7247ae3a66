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

namespace tallymill {
namespace {

void shape_side(const Options& options, const std::string& which, JobShape& shape,
                Diagnostics& diagnostics) {
  const SideOptions side{options.object(which)};
  if (side.options.has("dataset") == side.options.has("datasets"))
    diagnostics.error(side.options.node().position(),
                      "the " + which + " side needs either 'dataset' or 'datasets'");
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

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  shape_side(options, "left", shape, diagnostics);
  shape_side(options, "right", shape, diagnostics);
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
      .summary = "Compares two sides key by key and keeps every difference as a break.",
      .options = reconcile_options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return spec.options.has("stages") ? make_staged_reconcile(spec)
                                          : make_keyed_reconcile(spec);
      },
  });
}

}  // namespace tallymill
