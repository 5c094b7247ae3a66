#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace tallymill {

/// Something of a dbt project that a graph cannot say, or says otherwise.
struct UnmappedPart {
  std::string what;  ///< "models", "edges to nodes that are not in the manifest"
  std::string why;   ///< and what to do about it
  std::size_t count = 0;
  std::vector<std::string> examples;  ///< the first few
};

/// The shape of a dbt project as a graph: one job per node, its edges as `needs:`.
struct DbtGraph {
  std::string project;
  std::string dbt_version;
  std::string yaml;                         ///< a graph file that validates and runs
  std::map<std::string, std::size_t> jobs;  ///< resource type -> how many became jobs
  std::size_t edges = 0;
  std::vector<UnmappedPart> unmapped;
};

struct DbtImportOptions {
  std::string graph = {};              ///< name; empty: the project's
  std::string period = "day";          ///< kind of the graph's period
  std::vector<std::string> only = {};  ///< resource types; empty: all
};

/// Reads a dbt manifest (target/manifest.json, schema v4 to v12). Nodes become no-op jobs in the
/// manifest's order: SQL of a project is text for its own database, so bodies are for people to
/// write; what each was, and for data tests the check that says the same, stands beside the job.
/// Throws Error(config) if it is no such manifest.
DbtGraph import_dbt(const json::value& manifest, const DbtImportOptions& options);

/// What became what and what did not, for people.
std::string dbt_report(const DbtGraph& graph);
json::object dbt_report_json(const DbtGraph& graph);

}  // namespace tallymill
