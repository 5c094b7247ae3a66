// The real programs, killed at points all over a run: afterwards data, exports and journal are
// those of a run that nobody disturbed. The points themselves are tried one by one in tests/crash.
#include <doctest/doctest.h>

#include "program.h"
#include "tests/folders.h"

using namespace tallymill;

namespace {

namespace fs = std::filesystem;

constexpr int kKilled = 137;

/// The quick start's workspace with its source mended: extract, cleanse, a gate, an export.
class Gifts : public ProgramFixture {
 public:
  Gifts() {
    const fs::path from = fs::path(kSourceFolder) / "tests/cases/quick_start";
    fs::copy(from, root(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    write("sources/gifts.csv", read_file(from / "tests/3_rerun/corrected.csv"));
  }
  ProgramEnd run_gifts(int crash_at) {
    set_environment({"TALLYMILL_CRASH_AT=" + std::to_string(crash_at)});
    const ProgramEnd end = run({"run", "gifts", "--period", "2026-01"});
    set_environment({"TALLYMILL_CRASH_AT=0"});
    return end;
  }
  std::string delivered() const {
    const fs::path file = root() / "out/gifts-2026-01.csv";
    return fs::exists(file) ? read_file(file) : "nothing was delivered";
  }
  /// Datasets with their digests, without what differs from run to run.
  std::string digests() {
    const json::value datasets = parse_json(run({"datasets", "--json"}).out, "datasets");
    std::string text;
    for (const json::value& dataset : datasets.at("versions").as_array())
      text += std::string(dataset.at("dataset").as_string()) + " " +
              std::string(dataset.at("digest").as_string()) + "\n";
    return text;
  }
};

}  // namespace

TEST_CASE("crash points: wherever the real scheduler dies, the same data is delivered in the end") {
  Gifts undisturbed;
  REQUIRE(undisturbed.run_gifts(0).exit == 0);
  const std::string digests = undisturbed.digests();
  REQUIRE(digests.find("clean_gifts") != std::string::npos);
  int kills = 0;
  for (int point = 1;; point += 5) {
    CAPTURE(point);
    Gifts gifts;
    const ProgramEnd first = gifts.run_gifts(point);
    if (first.exit != kKilled) break;
    ++kills;
    const ProgramEnd again = gifts.run_gifts(0);
    INFO(again.out, again.err);
    CHECK(again.exit == 0);
    CHECK(gifts.digests() == digests);
    CHECK(gifts.delivered() == undisturbed.delivered());
    CHECK(gifts.run({"audit", "verify"}).exit == 0);
  }
  CHECK(kills > 5);
}
