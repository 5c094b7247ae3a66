#include <doctest/doctest.h>

#include "../scheduler/fixtures.h"
#include "cli/init_files.h"
#include "command_line.h"

using namespace tallymill;

TEST_CASE("init: writes a workspace and says what to do next") {
  const ScratchFolder folder;
  const std::string books = (folder / "books").string();
  const CommandOutcome outcome = run_tallymill({"init", books});
  CHECK(outcome.exit == 0);
  for (const auto& [file, text] : init_files()) {
    CAPTURE(file);
    CHECK(read_file(std::filesystem::path(books) / file) == text);
    CHECK(outcome.out.find("wrote " + books + "/" + std::string(file) + "\n") != std::string::npos);
  }
  CHECK(outcome.out.ends_with("\nNext:\n  cd " + books +
                              "\n  tallymill validate\n"
                              "  tallymill run invoices --period 2026-01\n"
                              "  tallymill show invoices\n"
                              "  tallymill rejects read_invoices\n"));
}

TEST_CASE("init: an empty folder is taken, any other is refused untouched") {
  const ScratchFolder folder;
  const std::string path = folder.path().string();
  CHECK(run_tallymill({"init", path}).exit == 0);
  const CommandOutcome again = run_tallymill({"init", path});
  CHECK(again.exit == 2);
  CHECK(again.err.find("error: folder '" + path + "' is not empty (it has '") == 0);
  CHECK(again.out.empty());
  const std::string file = path + "/tallymill.yaml";
  CHECK(run_tallymill({"init", file}).err == "error: '" + file + "' is a file; name a folder\n");
}
