#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "fixtures.h"
#include "scheduler/job_catalog.h"

namespace tallymill {

/// Job types for tests of the scheduler, which must not know the real ones. `make` reads and makes
/// what its options name; `gate` is a check.
class FakeCatalog final : public JobCatalog {
 public:
  std::vector<std::string> types() const override { return {"gate", "graph", "make"}; }

  JobShape shape(const JobSpec& job, const std::vector<std::string>& common_keys,
                 Diagnostics& diagnostics) const override {
    const OptionSpec name{.name = "", .kind = OptionKind::name};
    const std::vector<OptionSpec> options{
        {.name = "from", .kind = OptionKind::list, .fields = {name}},
        {.name = "into", .kind = OptionKind::name},
        {.name = "rejects", .kind = OptionKind::boolean},
        {.name = "of", .kind = OptionKind::name},
        {.name = "rule", .kind = OptionKind::name},
        {.name = "table", .kind = OptionKind::name},
        {.name = "connector", .kind = OptionKind::name},
        {.name = "with", .kind = OptionKind::any}};
    JobShape shape;
    Diagnostics found;
    validate_options(job.options.node(), options, job.type + " job '" + job.name + "'", found,
                     common_keys);
    diagnostics.add_all(found);
    if (found.has_errors()) return shape;
    const Options& o = job.options;
    const auto use = [&](const char* key) { return DatasetUse{o.text(key), o.position(key)}; };
    for (const YamlNode& input : o.list("from"))
      shape.inputs.push_back({std::string(input.text()), input.position()});
    if (o.has("into")) shape.outputs.push_back(use("into"));
    if (o.boolean("rejects")) shape.evidence.push_back({job.name + ".rejects", job.where});
    if (job.type == "graph")
      shape.files.push_back({"blocks/" + o.text("of") + ".yaml", o.position("of")});
    else if (o.has("of")) {
      shape.inputs.push_back(use("of"));
      shape.gates = o.text("of");
      shape.on_fail = OnFail::block;
    }
    if (o.has("rule"))
      shape.files.push_back({"rules/" + o.text("rule") + ".lua", o.position("rule")});
    if (o.has("table"))
      shape.files.push_back({"tables/" + o.text("table") + ".csv", o.position("table")});
    if (o.has("connector")) shape.connectors.push_back(use("connector"));
    return shape;
  }

  void check_connector(const std::string& name, YamlNode node,
                       Diagnostics& diagnostics) const override {
    validate_options(node, {{.name = "root"}}, "connector '" + name + "'", diagnostics, {"type"});
  }
};

/// Writes a file of a workspace, with its folders.
inline void write(const TemporaryFolder& folder, const std::string& file, const std::string& text) {
  std::filesystem::create_directories((folder / file).parent_path());
  std::ofstream(folder / file) << text;
}

}  // namespace tallymill
