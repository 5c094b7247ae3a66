#include <filesystem>

#include "cli/init_files.h"
#include "cli/invocation.h"
#include "core/error.h"
#include "core/files.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

void require_empty(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  if (!fs::is_directory(folder))
    throw Error(ErrorClass::config, "'" + folder.string() + "' is a file; name a folder");
  const fs::directory_iterator first(folder);
  if (first != fs::directory_iterator())
    throw Error(ErrorClass::config, "folder '" + folder.string() + "' is not empty (it has '" +
                                        first->path().filename().string() +
                                        "'); name a new or empty one");
}

Exit run_init(const Invocation& invocation) {
  const fs::path folder = invocation.text("DIR", ".");
  require_empty(folder);
  for (const auto& [name, text] : init_files()) {
    const fs::path file = folder / name;
    fs::create_directories(file.parent_path());
    write_file_durably(file, text);
    invocation.out() << "wrote " << file.lexically_normal().string() << '\n';
  }
  invocation.out() << "\nNext:\n";
  if (invocation.has("DIR")) invocation.out() << "  cd " << folder.string() << '\n';
  invocation.out() << "  tallymill validate\n"
                      "  tallymill run invoices --period 2026-01\n"
                      "  tallymill show invoices\n"
                      "  tallymill rejects read_invoices\n"
                      "  tallymill test\n";
  return Exit::ok;
}

}  // namespace

void register_init(Registry<Command>& commands) {
  commands.add({
      .name = "init",
      .summary =
          "Writes a small workspace that runs: one CSV, one graph, one rule, and their tests.",
      .example = "tallymill init books",
      .arguments = {{"DIR", "A new or empty folder; default: this one.", false}},
      .run = run_init,
      .in_workspace = false,
  });
}

}  // namespace tallymill
