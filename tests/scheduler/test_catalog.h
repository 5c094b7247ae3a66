#pragma once

#include <string>
#include <vector>

#include "core/correction.h"
#include "scheduler/job_catalog.h"

namespace tallymill {

/// One job type, `test`, whose shape stands in its spec and whose worker is
/// programs/test_worker.cpp.
class TestCatalog final : public JobCatalog {
 public:
  std::vector<std::string> types() const override {
    return {"graph", "test", std::string(kPartitionListType)};
  }

  JobShape shape(const JobSpec& job, const std::vector<std::string>&, Diagnostics&) const override {
    JobShape shape;
    const YamlNode spec = job.options.node();
    add_reads(spec.find("reads"), shape.inputs);
    if (job.type == kPartitionListType)
      shape.inputs.push_back({job.options.text("dataset"), spec.position()});
    add(spec.find("outputs"), shape.outputs);
    add(spec.find("evidence"), shape.evidence);
    if (job.options.boolean("corrected"))
      shape.evidence.push_back({corrections_dataset(job.name), spec.position()});
    if (job.type == "graph")
      shape.files.push_back({"blocks/" + job.options.text("of") + ".yaml", spec.position()});
    for (const std::string& file : job.options.texts("files"))
      shape.files.push_back({file, spec.position()});
    shape.gates = job.options.text("gates");
    shape.gated_output = job.options.text("gated_output");
    const std::string on_fail = job.options.text("on_fail", "warn");
    shape.on_fail = on_fail == "block"  ? OnFail::block
                    : on_fail == "fail" ? OnFail::fail
                                        : OnFail::warn;
    shape.reads_source = job.options.boolean("reads_source");
    shape.has_outside_effect = job.options.boolean("exports");
    shape.needs_engine = false;
    shape.waits_for_person = job.options.boolean("approval");
    return shape;
  }

  void check_connector(const std::string&, YamlNode, Diagnostics&) const override {}

 private:
  /// Names of a list, or {name: {period: ..., periods: 3, missing: empty}}.
  static void add_reads(const YamlNode& node, std::vector<DatasetUse>& uses) {
    add(node, uses);
    for (std::size_t i = 0; node.is_mapping() && i < node.size(); ++i) {
      DatasetUse& use = uses[i];
      use.period = node[i].find("period").text();
      use.period_where = node[i].find("period").position();
      use.periods = static_cast<int>(node[i].find("periods").as_integer().value_or(0));
      use.as = node[i].find("as").text();
      const std::string_view missing = node[i].find("missing").text();
      use.missing = missing == "empty"  ? WhenMissing::empty
                    : missing == "fail" ? WhenMissing::fail
                                        : WhenMissing::wait;
    }
  }
  /// Names of a list, or the keys of a mapping.
  static void add(const YamlNode& node, std::vector<DatasetUse>& uses) {
    for (std::size_t i = 0; node && i < node.size(); ++i) {
      const YamlNode name = node.is_mapping() ? node.key(i) : node[i];
      uses.push_back({std::string(name.text()), name.position()});
    }
  }
};

}  // namespace tallymill
