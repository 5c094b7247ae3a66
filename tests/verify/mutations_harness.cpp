#include "core/text.h"
#include "datasets/version.h"
#include "tests/verify/mutations.h"

namespace tallymill {

std::string Mutations::next(PublishedJob& job, const verify::RecordedVersion& version) {
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

std::string Mutations::changed_cell(PublishedJob& job, const verify::RecordedVersion& version,
                                    const std::string& row, const std::string& numbered) {
  const Schema schema = Manifest::read(version.folder).schema;
  const std::vector<std::filesystem::path> folders{version.folder};
  for (;;) {
    const Column& column = schema.columns[below(schema.columns.size())];
    // Which other key is nearest is a hint, and said to be none that is verified.
    if (column.name == "nearest_candidate" || column.name.starts_with("candidate_")) continue;
    const std::string name = quote_identifier(column.name);
    const Rows cell = job.engine().query("WITH rows AS (SELECT * FROM " +
                                         parquet_relation(folders) + ") SELECT " + name +
                                         "::VARCHAR FROM " + numbered + " WHERE tm_n = " + row);
    if (!cell.cells.at(0).at(0) || cell.text(0, 0).empty()) continue;
    const std::string other = with_other_character(cell.text(0, 0), column.type);
    if (other.empty()) continue;
    // A day that does not exist is no value.
    return "SELECT * EXCLUDE (tm_n) REPLACE (CASE WHEN tm_n = " + row + " THEN TRY_CAST(" +
           quote_literal(other) + " AS " + column.type.sql() + ") ELSE " + name + " END AS " +
           name + ") FROM " + numbered;
  }
}

std::string Mutations::with_other_character(std::string text, const Type& type) {
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

bool Mutations::is_noticed(PublishedJob& job, const std::string& dataset, const std::string& select,
                           Agreement agreement) {
  const verify::RecordedVersion before = job.made(dataset);
  job.rewrite(dataset, select, agreement != Agreement::nobody);
  if (agreement == Agreement::journal) job.believe(dataset);
  const bool holds = json_boolean(job.verify(), "holds");
  std::filesystem::remove_all(job.made(dataset).folder);
  job.made(dataset) = before;
  return !holds;
}

void Mutations::expect_noticed(PublishedJob& job, const std::vector<std::string>& datasets,
                               int count) {
  REQUIRE(json_boolean(job.verify(), "holds"));
  for (int i = 0; i < count; ++i) {
    const auto agreement = static_cast<Agreement>(i % 3);
    const std::string& dataset = datasets[below(datasets.size())];
    const std::string select = next(job, job.made(dataset));
    CAPTURE(i);
    CAPTURE(dataset);
    CAPTURE(select);
    CHECK(is_noticed(job, dataset, select, agreement));
  }
}

}  // namespace tallymill
