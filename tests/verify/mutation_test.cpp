// A change of any digit or row of what was published is noticed, whoever else was made to agree.
#include <doctest/doctest.h>

#include <random>

#include "core/text.h"
#include "datasets/version.h"
#include "tests/jobs/job_fixture.h"
#include "tests/verify/published_job.h"

using namespace tallymill;

namespace {

/// How many of those who tell of a version agree with its changed rows.
enum class Agreement { nobody, manifest, journal };

class Mutations {
 public:
  explicit Mutations(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  /// A select over "rows" that changes one digit or letter, drops a row or doubles one.
  std::string next(PublishedJob& job, const verify::RecordedVersion& version) {
    const std::string row = std::to_string(below(static_cast<std::size_t>(version.rows)) + 1);
    const std::string numbered = "(SELECT *, row_number() OVER () AS tm_n FROM rows)";
    switch (below(6)) {
      case 0:
        return "SELECT * EXCLUDE (tm_n) FROM " + numbered + " WHERE tm_n <> " + row;
      case 1:
        return "SELECT * FROM rows UNION ALL SELECT * EXCLUDE (tm_n) FROM " + numbered +
               " WHERE tm_n = " + row;
      default:
        return changed_cell(job, version, row, numbered);
    }
  }

 private:
  std::string changed_cell(PublishedJob& job, const verify::RecordedVersion& version,
                           const std::string& row, const std::string& numbered) {
    const Schema schema = Manifest::read(version.folder).schema;
    const std::vector<std::filesystem::path> folders{version.folder};
    for (;;) {
      const Column& column = schema.columns[below(schema.columns.size())];
      const std::string name = quote_identifier(column.name);
      const Rows cell = job.engine().query("WITH rows AS (SELECT * FROM " +
                                           parquet_relation(folders) + ") SELECT " + name +
                                           "::VARCHAR FROM " + numbered + " WHERE tm_n = " + row);
      if (!cell.cells.at(0).at(0) || cell.text(0, 0).empty()) continue;
      const std::string other = with_other_character(cell.text(0, 0), column.type);
      if (other.empty()) continue;
      return "SELECT * EXCLUDE (tm_n) REPLACE (CASE WHEN tm_n = " + row + " THEN " +
             quote_literal(other) + "::" + column.type.sql() + " ELSE " + name + " END AS " + name +
             ") FROM " + numbered;
    }
  }

  std::string with_other_character(std::string text, const Type& type) {
    std::vector<std::size_t> digits;
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] >= '0' && text[i] <= '9') digits.push_back(i);
    if (!digits.empty()) {
      char& digit = text[digits[below(digits.size())]];
      digit = static_cast<char>('0' + (digit - '0' + 1 + static_cast<int>(below(9))) % 10);
      return text;
    }
    if (type.kind != TypeKind::text) return {};
    text[below(text.size())] = '#';
    return text;
  }

  std::mt19937 random_;
};

/// 30 pools of three kinds, some negative, some without receivers, for 200 users of 26 centres.
class ManyCosts : public PublishedJob {
 public:
  explicit ManyCosts(const std::string& method) : PublishedJob("many_costs") {
    add_input(
        "cost_pool",
        "SELECT 'C-' || (i % 3) AS cost_item, 'K' || i AS org_code, (CASE WHEN i % 7 = 0 THEN "
        "-1 ELSE 1 END * (i * 7919 % 100000) / 100)::DECIMAL(18,2) AS amount FROM range(30) "
        "t(i)",
        columns_of({text_column("cost_item"), text_column("org_code"), money_column("amount")},
                   {"cost_item", "org_code"}));
    add_input("users",
              "SELECT 'u' || i AS user_id, 'K' || (i * 31 % 26) AS centre, (i * 17 % 9)::BIGINT AS "
              "visits FROM range(200) t(i)",
              columns_of({text_column("user_id"), text_column("centre"), integer_column("visits")},
                         {"user_id"}));
    set_job(
        "type: allocate\n"
        "pool: { dataset: cost_pool, amount: amount }\n"
        "receivers: { dataset: users, key: user_id, match: { org_code: centre } }\n"
        "driver: visits\ninto: user_cost\n"
        "zero_driver: even\nnegative_driver: park\nmissing_driver: zero\nno_receivers: park\n" +
        method);
    publish();
  }
};

bool is_noticed(PublishedJob& job, const std::string& dataset, const std::string& select,
                Agreement agreement) {
  const verify::RecordedVersion before = job.made(dataset);
  job.rewrite(dataset, select, agreement != Agreement::nobody);
  if (agreement == Agreement::journal) job.believe(dataset);
  const bool holds = json_boolean(job.verify(), "holds");
  std::filesystem::remove_all(job.made(dataset).folder);
  job.made(dataset) = before;
  return !holds;
}

/// So many changes of what the job published, each undone before the next.
void try_mutations(const std::string& method, int count) {
  ManyCosts job(method);
  REQUIRE(json_boolean(job.verify(), "holds"));
  const std::vector<std::string> all{"user_cost", "j.parked", "j.trace"};
  Mutations mutations(20260131);
  for (int i = 0; i < count; ++i) {
    const auto agreement = static_cast<Agreement>(i % 3);
    // Where journal and manifest agree, rows are judged by what follows from the inputs; that
    // leaves out of the trace what only the rule knows.
    const std::string& dataset =
        all[mutations.below(agreement == Agreement::journal ? all.size() - 1 : all.size())];
    const std::string select = mutations.next(job, job.made(dataset));
    CAPTURE(method);
    CAPTURE(i);
    CAPTURE(dataset);
    CAPTURE(select);
    CHECK(is_noticed(job, dataset, select, agreement));
  }
}

}  // namespace

TEST_CASE("verify: every one of 1,000 changes of a published file is noticed") {
  try_mutations("method: largest_remainder\n", 1000);
}

TEST_CASE("verify: changes are noticed whatever the method of allocation") {
  for (const char* method : {"method: webster\n", "method: huntington_hill\n",
                             "method: remainder_to_first\n", "hierarchy: [centre]\n"})
    try_mutations(method, 100);
}
