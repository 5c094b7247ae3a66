#include <filesystem>

#include "cli/dbt_import.h"
#include "cli/invocation.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "core/time/period.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

DbtImportOptions options_of(const Invocation& invocation) {
  DbtImportOptions options{.graph = invocation.text("graph"),
                           .period = invocation.text("period", "day"),
                           .only = invocation.texts("only")};
  const fs::path out = invocation.text("out");
  // A graph is called as its file.
  if (options.graph.empty() && !out.empty()) options.graph = out.stem().string();
  if (!options.graph.empty() && !is_identifier(options.graph))
    throw Error(ErrorClass::config, "a graph's name is letters, digits and '_', not '" +
                                        options.graph + "'; choose one with --graph or --out");
  if (!out.empty() && out.stem() != options.graph)
    throw Error(ErrorClass::config, "graph '" + options.graph + "' cannot stand in '" +
                                        out.string() + "'; write it to " + options.graph + ".yaml");
  if (!period_kind_from(options.period))
    throw Error(ErrorClass::config,
                "--period is day, week, month, quarter or year, not '" + options.period + "'");
  return options;
}

json::value read_manifest(const fs::path& file) {
  if (!fs::is_regular_file(file))
    throw Error(ErrorClass::config, "there is no file '" + file.string() +
                                        "'; dbt writes its manifest to target/manifest.json");
  try {
    return parse_json(read_file(file), file.string());
  } catch (const Error& error) {
    throw Error(ErrorClass::config, "this is no dbt manifest: " + error.message());
  }
}

Exit run_import_dbt(const Invocation& invocation) {
  const DbtImportOptions options = options_of(invocation);
  const fs::path out = invocation.text("out");
  if (!out.empty() && fs::exists(out))
    throw Error(ErrorClass::config, "'" + out.string() +
                                        "' exists, and an import does not replace what somebody "
                                        "may have edited; remove it, or name another file");
  const DbtGraph graph = import_dbt(read_manifest(invocation.text("MANIFEST")), options);
  const std::string report =
      invocation.json() ? pretty_json(dbt_report_json(graph)) : dbt_report(graph);
  if (out.empty()) {
    invocation.out() << graph.yaml;
    invocation.err() << report;
    return Exit::ok;
  }
  if (out.has_parent_path()) fs::create_directories(out.parent_path());
  write_file_durably(out, graph.yaml);
  invocation.out() << report;
  if (!invocation.json()) invocation.out() << "\nwrote " << out.string() << "\n";
  return Exit::ok;
}

}  // namespace

void register_import_dbt(Registry<Command>& commands) {
  commands.add({
      .name = "import dbt",
      .summary = "Writes the shape of a dbt project as a graph, and says what did not map.",
      .example = "tallymill import dbt target/manifest.json --out graphs/jaffle_shop.yaml",
      .arguments = {{"MANIFEST", "The manifest.json that dbt writes to target/."}},
      .flags = {{.name = "out",
                 .value = "FILE",
                 .summary = "Where the graph is written; default: to the standard output."},
                {.name = "graph",
                 .value = "NAME",
                 .summary = "The graph's name; default: the file's, or the project's."},
                {.name = "period",
                 .value = "KIND",
                 .summary = "What a run is about; default: day."},
                {.name = "only",
                 .value = "TYPE",
                 .summary = "Only nodes of this type (model, seed, test, ...).",
                 .repeated = true},
                {.name = "json", .summary = "Print the report as JSON."}},
      .run = run_import_dbt,
      .in_workspace = false,
  });
}

}  // namespace tallymill
