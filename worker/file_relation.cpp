#include "worker/file_relation.h"

#include <map>

#include "connectors/connector.h"
#include "core/error.h"
#include "datasets/sql_text.h"
#include "jobs/connector_options.h"
#include "jobs/extract/record_table.h"

namespace tallymill {
namespace {

/// A relation cannot hold two columns that SQL takes for one.
void require_own_names(const std::vector<std::string>& names, const Options& from) {
  std::map<std::string, std::string> seen{{std::string(kSourceColumn), ""},
                                          {std::string(kLineColumn), ""}};
  for (const std::string& name : names) {
    const auto [first, is_new] = seen.emplace(sql_lower(name), name);
    if (is_new) continue;
    const std::string what =
        first->second.empty() ? "a column '" + name + "', as Tallymill calls one of its own"
        : first->second == name
            ? "several columns named '" + name + "'"
            : "columns '" + first->second + "' and '" + name + "', which differ only in case";
    throw Error(ErrorClass::config,
                "'" + from.text("path") + "' has " + what + "; rename one in its header");
  }
}

}  // namespace

FileRelation read_file_relation(JobContext& context, const Options& from) {
  FileRelation file{.relation = "tm_file", .schema = {}, .malformed = {}};
  check_connector_options(from.node(), from.text("connector"), ConnectorSide::from, {}, context);
  if (context.diagnostics().has_errors()) return file;
  const NamedConnector connector = open_connector(
      connector_types(), context.task(), from.text("connector"), from.position("connector"));
  const std::unique_ptr<RecordReader> reader = connector.connector->open_reader({.from = from});
  require_own_names(reader->columns(), from);
  std::vector<ExtractColumn> columns;
  for (const std::string& name : reader->columns()) {
    columns.push_back({.column = {.name = name, .type = Type::text()}, .source = {.name = name}});
    file.schema.columns.push_back(columns.back().column);
  }
  file.schema.has_provenance = true;
  RejectLog rejects(context.task().folder / "tmp" / "rejects.bin");
  RecordCorrections none({}, columns, reader->sources());
  RecordTable table(*reader, columns, none, rejects,
                    [&](std::int64_t records) { context.progress("records read", records, 0); });
  Engine& engine = context.engine();
  engine.add_source("tm_file_source", table.table_columns(),
                    std::shared_ptr<TableSource>(&table, [](TableSource*) {}));
  engine.execute("create temp table tm_file as select * from tm_file_source()");
  reader->finish();
  file.malformed = rejects.counts_by_reason();
  return file;
}

}  // namespace tallymill
