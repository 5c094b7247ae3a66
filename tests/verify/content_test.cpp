#include "verify/content.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/jobs/job_fixture.h"
#include "tests/lines.h"
#include "tests/verify/published_job.h"

using namespace tallymill;

namespace fs = std::filesystem;

namespace {

/// A cleanse that keeps two rows and rejects one.
class PublishedRows : public PublishedJob {
 public:
  PublishedRows() : PublishedJob("rows") {
    add_input("raw",
              "SELECT * FROM (VALUES ('a', 1.00::DECIMAL(18,2)), ('b', 2.50), ('c', -1.00)) t(id, "
              "paid)",
              columns_of({text_column("id"), money_column("paid")}, {"id"}));
    set_job(
        "type: cleanse\nfrom: raw\ninto: clean\nkey: [id]\nsteps:\n"
        "  - reject: { when: \"paid < 0.00\", reason: below_zero }\nbalance: [paid]\n");
    publish();
  }
  Lines found() const { return mismatches(verify()); }
};

}  // namespace

TEST_CASE("verify: versions that are as the journal tells hold, with rows of every type") {
  PublishedJob job("types");
  job.add_input(
      "raw",
      "SELECT * FROM (VALUES ('a', 'x', 1::BIGINT, 1.00::DECIMAL(18,2), 1.5::DECIMAL(18,4), "
      "0.25::DECIMAL(18,9), DATE '2026-01-31', TIMESTAMP '2026-01-31 01:02:03.5', true), "
      "('b', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)) t(id, t, i, m, d, r, y, s, b)",
      columns_of({text_column("id"),
                  text_column("t"),
                  integer_column("i"),
                  money_column("m"),
                  {.name = "d", .type = Type::decimal(18, 4)},
                  {.name = "r", .type = Type::ratio()},
                  {.name = "y", .type = Type::date()},
                  {.name = "s", .type = Type::timestamp()},
                  {.name = "b", .type = Type::boolean()}},
                 {"id"}));
  job.set_job("type: cleanse\nfrom: raw\ninto: clean\nkey: [id]\nsteps:\n  - trim: t\n");
  job.publish();
  CHECK(PublishedJob::mismatches(job.verify()).empty());
}

TEST_CASE("verify: rows that were changed, the manifest left alone") {
  PublishedRows job;
  CHECK(job.found().empty());
  const std::string digest = job.made("clean").digest;
  job.rewrite("clean", "SELECT id, (paid + 0.01)::DECIMAL(18,2) AS paid FROM rows", false);
  const Lines found = job.found();
  REQUIRE(found.size() == 4);
  CHECK(
      found.at(0).starts_with("clean/part-0000.parquet: the files are those of the manifest, "
                              "byte for byte: expected "));
  CHECK(
      found.at(1).starts_with("clean: rows, digest and sums of the rows are those on record: "
                              "expected digest " +
                              digest + ", found digest v1:2:"));
  CHECK(found.at(2) ==
        "clean: rows, digest and sums of the rows are those on record: expected sum of paid 3.50, "
        "found sum of paid 3.52");
  CHECK(found.at(3) ==
        "j: every class of the books is what its dataset holds: expected out: paid 3.50, found "
        "paid 3.52 in clean");
}

TEST_CASE("verify: a manifest that agrees with changed rows is not the one on record") {
  PublishedRows job;
  job.rewrite("clean", "SELECT * FROM rows WHERE id <> 'b'", true);
  const Lines found = job.found();
  REQUIRE(found.size() >= 3);
  CHECK(found.at(0).starts_with("clean: the manifest is what is on record: expected digest "));
  CHECK(found.at(1) == "clean: the manifest is what is on record: expected rows 2, found rows 1");
  CHECK(found.at(2) ==
        "clean: the manifest is what is on record: expected sum of paid 3.50, found sum of paid "
        "1.00");
}

TEST_CASE("verify: files that are gone, too many, or no files of rows") {
  PublishedRows job;
  const fs::path good = job.made("clean").folder;
  const auto copy = [&](const std::string& name) {
    const fs::path folder = job.root() / name;
    fs::create_directories(folder);
    for (const char* file : {"manifest.json", "part-0000.parquet"}) {
      fs::copy_file(good / file, folder / file);
      fs::permissions(folder / file, fs::perms::owner_write, fs::perm_options::add);
    }
    job.made("clean").folder = folder;
    return folder;
  };
  fs::path folder = copy("gone");
  fs::remove(folder / "part-0000.parquet");
  Lines found = job.found();
  REQUIRE(found.size() >= 2);
  CHECK(found.at(0).ends_with("bytes, found no such file"));
  CHECK(
      found.at(1).starts_with("clean: rows, digest and sums of the rows are those on record: "
                              "expected a version that can be read, found "));

  folder = copy("too_many");
  fs::copy_file(good / "part-0000.parquet", folder / "part-0001.parquet");
  CHECK(job.found() == Lines{"clean/part-0001.parquet: the files are those of the manifest, byte "
                             "for byte: expected no other file, found part-0001.parquet"});

  folder = copy("no_rows");
  std::ofstream(folder / "part-0000.parquet", std::ios::trunc) << "not a file of rows";
  found = job.found();
  REQUIRE(found.size() >= 2);
  CHECK(found.at(0).ends_with("bytes, found 18 bytes"));

  folder = copy("no_manifest");
  std::ofstream(folder / "manifest.json", std::ios::trunc) << "{}";
  CHECK(job.found().at(0) ==
        "clean: rows, digest and sums of the rows are those on record: expected a version that can "
        "be read, found error: " +
            (folder / "manifest.json").string() + " is no manifest");
}

TEST_CASE("verify: books on record that do not add up") {
  PublishedRows job;
  verify::RecordedJob recorded = job.recorded();
  recorded.ledger.at("in").as_array().at(0).as_object()["rows"] = 4;
  const Lines found = PublishedJob::mismatches(verify::verify_job(job.engine(), recorded, {}));
  CHECK(found == Lines{"j: every class of the books is what its dataset holds: expected in: 4 "
                       "rows, found 3 rows in raw",
                       "j: the books close: expected 4 rows in, found 3 rows out"});
  recorded.ledger = {};
  CHECK(json::serialize(verify::verify_job(job.engine(), recorded, {}).at("left_out")) ==
        R"(["the books: none are on record"])");
}
