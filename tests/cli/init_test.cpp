#include <doctest/doctest.h>

#include "cli/init_files.h"
#include "command_line.h"
#include "core/files.h"
#include "program.h"
#include "tests/temporary_folder.h"

using namespace tallymill;

TEST_CASE("init: writes a workspace and says what to do next") {
  const TemporaryFolder folder;
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
                              "  tallymill rejects read_invoices\n"
                              "  tallymill test\n"));
}

TEST_CASE("init: an empty folder is taken, any other is refused untouched") {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  CHECK(run_tallymill({"init", path}).exit == 0);
  const CommandOutcome again = run_tallymill({"init", path});
  CHECK(again.exit == 2);
  CHECK(again.err.find("error: folder '" + path + "' is not empty (it has '") == 0);
  CHECK(again.out.empty());
  const std::string file = path + "/tallymill.yaml";
  CHECK(run_tallymill({"init", file}).err == "error: '" + file + "' is a file; name a folder\n");
}

TEST_CASE("init: what it writes validates, runs, passes its tests, and every next step works") {
  ProgramFixture place;
  const ProgramEnd written = place.run({"init", "books"});
  REQUIRE(written.exit == 0);
  const auto in_books = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--workspace", "books"});
    const ProgramEnd end = place.run(arguments);
    CAPTURE(arguments);
    INFO(end.out, end.err);
    CHECK(end.exit == 0);
    return end.out;
  };
  CHECK(in_books({"validate"}) == "1 graph, 3 jobs: no problems\n");
  const std::string report = in_books({"run", "invoices", "--period", "2026-01"});
  CHECK(contains(report, "all well"));
  CHECK(contains(in_books({"show", "invoices"}), "Northwind"));
  CHECK(contains(in_books({"rejects", "read_invoices"}), "A-1004"));
  CHECK(contains(in_books({"rules", "test"}), "2 passed"));
  CHECK(in_books({"test"}) == "passed  january\n1 passed, 0 failed, 0 not run\n");
  // The steps it names are the ones tried here.
  for (const char* step :
       {"tallymill validate\n", "tallymill run invoices --period 2026-01\n",
        "tallymill show invoices\n", "tallymill rejects read_invoices\n", "tallymill test\n"})
    CHECK(contains(written.out, step));
}

TEST_CASE("init: wrong usage exits 2, --help has an example") {
  const CommandOutcome two = run_tallymill({"init", "a", "b"});
  CHECK(two.exit == 2);
  CHECK(two.err == "error: unexpected argument 'b'; see 'tallymill init --help'\n");
  CHECK(contains(run_tallymill({"init", "--help"}).out, "\nExample:\n  tallymill init books\n"));
}
