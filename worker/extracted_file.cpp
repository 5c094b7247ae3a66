#include "worker/extracted_file.h"

#include "core/text.h"
#include "datasets/parquet_format.h"
#include "datasets/repeated_keys.h"
#include "datasets/sql_text.h"
#include "jobs/connector_options.h"
#include "jobs/extract/duplicates.h"
#include "jobs/extract/open_source.h"
#include "jobs/extract/record_table.h"

namespace tallymill {
namespace {

constexpr const char* kSource = "tm_extracted_source";

}  // namespace

ExtractedFile read_extracted_file(JobContext& context, const ExtractSpec& spec) {
  ExtractedFile file{.schema = spec.schema()};
  check_connector_options(spec.from.node(), spec.connector, ConnectorSide::from, {}, context);
  if (context.diagnostics().has_errors()) return file;
  const OpenSource source = open_source(context, spec.connector, spec.from, spec.wanted());
  RecordReader& reader = *source.reader;
  spec.refuse_extra_columns(reader);
  RejectLog rejects(context.task().folder / "tmp" / "rejects.bin");
  RecordCorrections none({}, spec.columns, reader.sources());
  RecordTable table(reader, spec.columns, none, rejects,
                    [&](std::int64_t records) { context.progress("records read", records, 0); });
  Engine& engine = context.engine();
  engine.add_source(kSource, table.table_columns(),
                    std::shared_ptr<TableSource>(&table, [](TableSource*) {}));
  const std::vector<std::string> names = quoted(file.schema.names());
  // Not a table in memory: checks ask more cheaply of texts that stand in a dictionary.
  const std::string rows_file =
      quote_literal((context.task().folder / "tmp" / "extracted.parquet").string());
  engine.execute("copy (select " + join(names, ", ") + ", _line from " + kSource + "()) to " +
                 rows_file + " (" + parquet_format("uncompressed") + ")");
  reader.finish();
  file.records = reader.records_read();
  file.rejected = rejects.counts_by_reason();
  file.select = "select " + join(names, ", ") + ", " + quote_literal(reader.sources().at(0)) +
                "::varchar as _source, _line from read_parquet(" + rows_file + ")";
  if (!spec.has_business_key()) return file;
  const std::string rows = "(" + file.select + ")";
  std::vector<Column> key;
  for (const std::string& name : spec.key) key.push_back(*file.schema.find(name));
  if (find_repeated_keys(engine, rows, key, key_memory(context.task())).empty()) return file;
  const Duplicates duplicates = find_duplicates(engine, rows, spec, reader.sources());
  if (duplicates.rows == 0) return file;
  file.rejected[kDuplicateKey] += duplicates.rows;
  file.select = without_duplicates(rows);
  return file;
}

}  // namespace tallymill
