// A state folder on a disk with no room left, met by the real programs: in the worker, in the
// store, in DuckDB's temporary files, and by those who only look.
#include <doctest/doctest.h>

#include <regex>

#include "../faults/small_disk.h"
#include "program.h"
#include "scheduler/machine.h"
#include "scheduler/state_folder.h"

using namespace tallymill;

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kRoomy = 64 * 1024 * kKiB;

constexpr const char* kGraph = R"(graph: invoices
period: month
jobs:
  read_invoices:
    type: extract
    from: { connector: files, path: invoices.csv }
    into: invoices_raw
    columns:
      invoice_no: { type: text, required: true }
      customer: { type: text, required: true }
      net: { type: money, required: true }
  clean_invoices:
    type: cleanse
    from: invoices_raw
    into: invoices
    key: [invoice_no]
    steps: [{ trim: [customer] }, { dedupe: { exact: true } }]
    balance: [net]
)";

/// Rows that hardly compress, the same every time.
std::string invoices(int rows) {
  std::string text = "invoice_no,customer,net\n";
  std::uint64_t state = 1;
  for (int i = 0; i < rows; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    text += "A-" + std::to_string(i) + "," + std::to_string(state >> 8) + "," +
            std::to_string(state % 100000) + ".50\n";
  }
  return text;
}

/// A workspace whose state lies on a small disk.
class Books : public ProgramFixture {
 public:
  Books(SmallDiskKind kind, std::uint64_t bytes, int slots = 2)
      : disk_(kind, place_ / "disk", bytes) {
    write("tallymill.yaml", "workspace: books\nslots: " + std::to_string(slots) +
                                "\nstate: " + folder().string() +
                                "\nconnectors: { files: { type: files, root: sources } }\n");
    set_environment(disk_.environment());
  }
  SmallDisk& disk() { return disk_; }
  fs::path folder() const { return place_ / "disk/state"; }

  ProgramEnd run_graph(const std::string& graph) {
    return run({"run", graph, "--period", "2026-01"});
  }
  /// Parquet files below a part of the state folder.
  int parquet_files(const std::string& part) const {
    int count = 0;
    std::error_code none;
    for (fs::recursive_directory_iterator it(folder() / part, none), end; it != end; ++it)
      count += it->path().extension() == ".parquet";
    return count;
  }

 private:
  TemporaryFolder place_;
  SmallDisk disk_;
};

/// "the disk mounted at '/data' is full (0 B of 700 KiB free); make room, then run again".
bool tells_full_disk(const std::string& text) {
  static const std::regex kWords(
      R"(the disk mounted at '/[^']*' is full \([0-9.]+ [KM]?i?B of [0-9.]+ [KM]iB free\); )"
      "make room, then run again");
  return std::regex_search(text, kWords);
}

}  // namespace

TEST_CASE("full disk: a worker without room fails the job, and nothing of it is left") {
  for (const SmallDiskKind kind : small_disk_kinds()) {
    CAPTURE(static_cast<int>(kind));
    Books books(kind, 600 * kKiB);
    books.write("graphs/invoices.yaml", kGraph);
    books.write("sources/invoices.csv", invoices(40'000));
    const ProgramEnd full = books.run_graph("invoices");
    CAPTURE(full.out);
    CAPTURE(full.err);
    CHECK(full.exit == 1);
    CHECK(tells_full_disk(full.out));
    CHECK(contains(full.out, "\nread_invoices failed (transient):\n  cannot write '" +
                                 books.folder().string() +
                                 "/attempts/invoices.2026-01.1/read_invoices.1/staging/"));
    CHECK(contains(full.out, "\n    while writing dataset 'invoices_raw'\n") !=
          contains(full.out, "\n  while writing dataset 'invoices_raw'\n"));
    CHECK(contains(full.out, "tallymill rerun invoices.2026-01.1 --failed"));
    CHECK(books.parquet_files("") == 0);
    CHECK(books.run({"datasets"}).out == "no dataset has been published yet\n");
    CHECK(contains(books.run({"status"}).out, "failed"));

    books.disk().resize(kRoomy);
    const ProgramEnd again = books.run_graph("invoices");
    INFO(again.out, again.err);
    CHECK(again.exit == 0);
    CHECK(contains(books.run({"datasets"}).out, "invoices_raw"));
  }
}

TEST_CASE("full disk: what was published before it stays visible, and is not made again") {
  for (const SmallDiskKind kind : small_disk_kinds()) {
    CAPTURE(static_cast<int>(kind));
    Books books(kind, 1900 * kKiB);
    books.write("graphs/invoices.yaml", kGraph);
    books.write("sources/invoices.csv", invoices(40'000));
    const ProgramEnd full = books.run_graph("invoices");
    CAPTURE(full.out);
    CHECK(full.exit == 1);
    CHECK(contains(full.out, "\nclean_invoices failed (transient):\n  cannot write '"));
    CHECK(tells_full_disk(full.out));
    CHECK(books.parquet_files("attempts") == 0);
    const std::string datasets = books.run({"datasets"}).out;
    CHECK(contains(datasets, "\n  invoices_raw  2026-01  40,000"));
    CHECK(!contains(datasets, "\n  invoices  "));

    books.disk().resize(kRoomy);
    const ProgramEnd again = books.run_graph("invoices");
    CHECK(again.exit == 0);
    CHECK(std::regex_search(again.out, std::regex("read_invoices +up to date")));
    CHECK(std::regex_search(again.out, std::regex("clean_invoices +succeeded")));
  }
}

TEST_CASE("full disk: however small the disk is, the run says so and goes on when there is room") {
  for (const SmallDiskKind kind : small_disk_kinds()) {
    int failed = 0;
    // Between them the two kinds fail at every few KiB from the first page of the store on.
    const std::uint64_t first_kib = kind == SmallDiskKind::tmpfs ? 4 : 164;
    for (std::uint64_t kib = first_kib; kib <= 340; kib += kib < 164 ? 40 : 24) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(kib);
      Books books(kind, kib * kKiB);
      books.write("graphs/invoices.yaml",
                  std::string(kGraph).substr(0, std::string(kGraph).find("  clean_invoices:")));
      books.write("sources/invoices.csv", invoices(3000));
      const ProgramEnd first = books.run_graph("invoices");
      CAPTURE(first.out);
      CAPTURE(first.err);
      if (first.exit != 0) {
        ++failed;
        CHECK(first.exit == 1);
        CHECK(tells_full_disk(first.out + first.err));
        CHECK(!contains(first.out + first.err, "bug"));
      }
      books.disk().resize(kRoomy);
      const bool visible = contains(books.run({"datasets"}).out, "invoices_raw");
      CHECK(visible == (first.exit == 0));
      const ProgramEnd again = books.run_graph("invoices");
      CAPTURE(again.out);
      CAPTURE(again.err);
      CHECK(again.exit == 0);
      CHECK(contains(books.run({"datasets"}).out, "  invoices_raw  2026-01  3,000"));
    }
    CHECK(failed >= 5);
  }
}

TEST_CASE("full disk: a store that cannot take in what happens ends the run and its workers") {
  for (const SmallDiskKind kind : small_disk_kinds()) {
    CAPTURE(static_cast<int>(kind));
    Books books(kind, kRoomy);
    const std::string job =
        "    inputs: []\n    key: [n]\n    columns: { n: integer }\n    balance: none\n"
        "    because: a test\n";
    const auto graph = [&](const std::string& endless, const std::string& brief) {
      books.write("graphs/slow.yaml",
                  "graph: slow\nperiod: month\njobs:\n  endless:\n    type: transform\n    sql: "
                  "select count(*) as n from range(" +
                      endless + ") t(i) where i % 7 = 3\n    into: endless\n" + job +
                      "  brief:\n    type: transform\n    sql: select count(*) as n from range(" +
                      brief + ") t(i) where i % 7 = 3\n    into: brief\n" + job);
    };
    graph("1000000000000", "60000000");
    const pid_t running = books.start({"run", "slow", "--period", "2026-01"});
    const fs::path attempts = books.folder() / "attempts/slow.2026-01.1";
    REQUIRE(soon([&] {
      return fs::exists(attempts / "endless.1/log.jsonl") &&
             fs::exists(attempts / "brief.1/log.jsonl");
    }));
    books.disk().fill();
    const ProgramEnd full = books.wait(running);
    CAPTURE(full.err);
    CHECK(full.exit == 1);
    CHECK(contains(full.err, "error: cannot write the store '" +
                                 (books.folder() / "store.db").string() + "': the disk mounted"));
    CHECK(tells_full_disk(full.err));
    CHECK(contains(full.err,
                   "while running slow.2026-01.1; 'tallymill run slow --period 2026-01' "
                   "goes on with it"));
    CHECK(soon([&] { return !FileLock::is_held(attempts / "endless.1/task.json"); }));

    books.disk().resize(kRoomy);
    CHECK(contains(books.run({"status"}).out, "left in the middle"));
    graph("1000", "1000");
    CHECK(books.run({"run", "slow", "--period", "2026-01", "--new"}).exit == 0);
    CHECK(books.run({"datasets", "brief"}).exit == 0);
  }
}

TEST_CASE("full disk: rows that DuckDB cannot spill fail the job as clearly") {
  // Many slots leave a job little memory, so that it has to spill.
  const auto slots = static_cast<int>(usable_memory_bytes() / 5 * 4 / (120 << 20));
  for (const SmallDiskKind kind : small_disk_kinds()) {
    CAPTURE(static_cast<int>(kind));
    Books books(kind, 12 * 1024 * kKiB, slots);
    books.write("graphs/sorted.yaml",
                "graph: sorted\nperiod: month\njobs:\n  sorted:\n    type: transform\n"
                "    inputs: []\n    sql: >\n      select a, max(n) as n from (select md5(i::text) "
                "as a, i as n\n      from range(1500000) t(i)) group by a\n"
                "    into: sorted\n    key: [a]\n"
                "    columns: { a: text, n: integer }\n    balance: none\n    because: a test\n");
    const ProgramEnd full = books.run_graph("sorted");
    CAPTURE(full.out);
    CHECK(full.exit == 1);
    CHECK(contains(full.out, "sorted failed (transient):"));
    CHECK(contains(full.out,
                   "the rows do not fit into memory, and to spill them needs more room "
                   "than there is on the disk mounted at '"));
    CHECK(contains(full.out, " MiB of 12.0 MiB free); make room, then run again"));
    CHECK(books.parquet_files("") == 0);
    CHECK(!fs::exists(books.folder() / "attempts/sorted.2026-01.1/sorted.1/tmp"));
  }
}

TEST_CASE("full disk: those who only look can still look") {
  for (const SmallDiskKind kind : small_disk_kinds()) {
    CAPTURE(static_cast<int>(kind));
    Books books(kind, kRoomy);
    books.write("graphs/invoices.yaml", kGraph);
    books.write("sources/invoices.csv", invoices(100));
    REQUIRE(books.run_graph("invoices").exit == 0);
    books.disk().fill();
    CHECK(contains(books.run({"status", "invoices"}).out, "all well"));
    CHECK(contains(books.run({"datasets"}).out, "invoices_raw"));
    CHECK(contains(books.run({"logs", "invoices", "clean_invoices"}).out, "event=succeeded"));
    CHECK(books.run({"plan", "invoices", "--period", "2026-01"}).exit == 0);
    // Reading rows takes a worker, and a worker takes room.
    const ProgramEnd rows = books.run({"show", "invoices"});
    CHECK(rows.exit == 1);
    CHECK(tells_full_disk(rows.err));
    books.disk().resize(kRoomy);
    CHECK(books.run({"show", "invoices", "--limit", "1"}).exit == 0);
  }
}
