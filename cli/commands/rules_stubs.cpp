#include <filesystem>

#include "cli/application.h"
#include "cli/catalog.h"
#include "cli/load_workspace.h"
#include "cli/rule_stubs.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/bind.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

Exit run_rules_stubs(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace(invocation, catalog);
  BindResult bound = bind_workspace(workspace, {});
  // Columns of what has no fault are known all the same.
  print_diagnostics(bound.diagnostics, invocation.terminal());
  const auto files = rule_stubs(workspace, bound.schemas);
  for (const auto& [path, text] : files) {
    fs::create_directories((workspace.root / path).parent_path());
    write_file_durably(workspace.root / path, text);
  }
  std::ostream& out = invocation.out();
  out << kStubFolder << "/: " << files.size() << " files, columns of "
      << group_digits(static_cast<std::int64_t>(bound.schemas.size())) << " datasets\n";
  for (const auto& [path, text] : rule_editor_settings()) {
    if (fs::exists(workspace.root / path)) {
      out << path << ": left as it is\n";
    } else {
      write_file_durably(workspace.root / path, text);
      out << path << ": made\n";
    }
  }
  out << "write ---@param row rows.RULE above a rule's function, and an editor knows its columns\n";
  return bound.diagnostics.has_errors() ? Exit::usage : Exit::ok;
}

}  // namespace

void register_rules_stubs(Registry<Command>& commands) {
  commands.add({
      .name = "rules stubs",
      .summary = "Writes what editors need to complete rules and to flag wrong columns.",
      .example = "tallymill rules stubs",
      .run = run_rules_stubs,
  });
}

}  // namespace tallymill
