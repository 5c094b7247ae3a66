#include "connectors/sqlite/writer.h"

#include <algorithm>

#include "connectors/publication.h"
#include "connectors/value_parser.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {

namespace fs = std::filesystem;

namespace {

const std::string kMarkerTable = "tallymill_publication";

bool is_stored_as_integer(const Type& type) {
  return type.kind == TypeKind::integer || type.kind == TypeKind::boolean;
}

}  // namespace

SqliteWriter::SqliteWriter(fs::path file, std::string target, const WriteRequest& request)
    : file_(std::move(file)),
      target_(std::move(target)),
      table_(request.to.text("table")),
      columns_(request.columns),
      key_(request.key),
      publication_(request.publication),
      is_new_file_(!fs::exists(file_)) {
  if (request.to.has("replace")) period_column_ = request.to.text("replace");
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].name == period_column_) period_field_ = i;
  if (!period_column_.empty() && !publication_.partition.empty())
    throw Error(ErrorClass::config,
                "a partitioned job cannot replace the rows of a period: those of other partitions "
                "would go too; give each partition its table",
                request.to.position("replace"));
  std::error_code error;
  fs::create_directories(file_.parent_path(), error);
  database_ = std::make_unique<SqliteDatabase>(file_, SqliteAccess::write);
  // Immediate: a transaction that starts reading and then writes fails as busy whatever the
  // timeout.
  database_->execute("begin immediate");
  database_->execute("create table if not exists " + kMarkerTable +
                     " (target text not null, graph text not null, job text not null, "
                     "period text not null, partition text not null, epoch integer not null, "
                     "nonce text not null, store text not null, digest text not null, "
                     "primary key (target, graph, job, period, partition))");
  if (!period_column_.empty())
    open_table();
  else
    make_table();
  prepare_insert();
}

SqliteWriter::~SqliteWriter() {
  if (is_committed_) return;
  insert_.reset();
  database_.reset();  // closing rolls back
  std::error_code ignored;
  if (is_new_file_ && fs::exists(file_, ignored) && fs::file_size(file_, ignored) == 0)
    fs::remove(file_, ignored);
}

bool SqliteWriter::has_table(const std::string& name) {
  SqliteStatement statement(*database_, "select 1 from sqlite_master where name = ?");
  statement.bind(1, name);
  return statement.step();
}

/// Whether an export made the table.
bool SqliteWriter::is_ours() {
  SqliteStatement statement(*database_, "select 1 from " + kMarkerTable + " where target = ?");
  statement.bind(1, table_);
  return statement.step();
}

/// Every marker of this target that `condition` selects must be older than we are.
void SqliteWriter::check_marker(const std::string& condition) {
  SqliteStatement markers(
      *database_, "select graph, job, period, partition, epoch, nonce, store, digest from " +
                      kMarkerTable + " where target = :target" + condition);
  for (int i = 1; i <= markers.parameter_count(); ++i)
    markers.bind(i, markers.parameter_name(i) == "target" ? table_ : publication_.period);
  while (markers.step()) {
    const auto text = [&](int column) { return std::string(markers.text(column)); };
    require_newer(
        {text(0), text(1), text(2), text(3), {markers.integer(4), text(5), text(6)}, text(7)},
        publication_, "table '" + target_ + "'", "its rows in table " + kMarkerTable);
  }
}

void SqliteWriter::make_table() {
  if (has_table(table_) && !is_ours())
    throw Error(ErrorClass::config, "table '" + target_ +
                                        "' exists and no export made it; say replace: COLUMN to "
                                        "replace the rows of the period in it, or drop it");
  check_marker({});
  database_->execute("drop table if exists " + sqlite_identifier(table_));
  std::vector<std::string> definitions;
  if (adds_period()) definitions.push_back(sqlite_identifier(period_column_) + " text not null");
  for (const Column& column : columns_)
    definitions.push_back(sqlite_identifier(column.name) +
                          (is_stored_as_integer(column.type) ? " integer" : " text"));
  std::vector<std::string> key;
  if (adds_period()) key.push_back(sqlite_identifier(period_column_));
  for (const std::string& column : key_) key.push_back(sqlite_identifier(column));
  if (!key_.empty()) definitions.push_back("primary key (" + join(key, ", ") + ")");
  database_->execute("create table " + sqlite_identifier(table_) + " (" + join(definitions, ", ") +
                     ")");
}

/// Takes the rows of the period out of an existing table.
void SqliteWriter::open_table() {
  if (!has_table(table_)) return make_table();
  check_marker(" and period = :period");
  SqliteStatement remove(*database_, "delete from " + sqlite_identifier(table_) + " where " +
                                         sqlite_identifier(period_column_) + " = ?");
  remove.bind(1, publication_.period);
  remove.step();
}

void SqliteWriter::prepare_insert() {
  std::vector<std::string> names;
  std::vector<std::string> marks;
  for (const Column& column : columns_) names.push_back(sqlite_identifier(column.name));
  if (adds_period()) names.push_back(sqlite_identifier(period_column_));
  marks.assign(names.size(), "?");
  insert_ = std::make_unique<SqliteStatement>(
      *database_, "insert into " + sqlite_identifier(table_) + " (" + join(names, ", ") +
                      ") values (" + join(marks, ", ") + ")");
}

void SqliteWriter::write(std::span<const SourceField> fields) {
  int index = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const SourceField& field = fields[i];
    ++index;
    if (i == period_field_ && (field.is_null || field.text != publication_.period))
      throw Error(ErrorClass::data, "column '" + period_column_ + "' holds '" +
                                        std::string(field.text) + "', but only rows of period " +
                                        publication_.period + " are replaced");
    if (field.is_null)
      insert_->bind_null(index);
    else if (columns_[i].type.kind == TypeKind::boolean)
      insert_->bind(index, std::int64_t{field.text == "true"});
    else if (columns_[i].type.kind == TypeKind::integer)
      insert_->bind(index, parse_integer(field.text).value);
    else
      insert_->bind(index, field.text);
  }
  if (adds_period()) insert_->bind(++index, publication_.period);
  insert_->step();
}

WriteReceipt SqliteWriter::read_back() {
  WriteReceipt receipt{target_, 0, {}};
  std::vector<std::string> names;
  std::vector<ValueParser> parsers;
  std::vector<std::string> summed;
  for (const Column& column : columns_) {
    if (!column.type.is_summable()) continue;
    names.push_back(sqlite_identifier(column.name));
    summed.push_back(column.name);
    parsers.emplace_back(column.type);
    receipt.amounts[column.name] = 0;
  }
  names.emplace_back("1");
  SqliteStatement rows(
      *database_,
      "select " + join(names, ", ") + " from " + sqlite_identifier(table_) +
          (!period_column_.empty() ? " where " + sqlite_identifier(period_column_) + " = ?"
                                   : std::string()));
  if (!period_column_.empty()) rows.bind(1, publication_.period);
  while (rows.step()) {
    ++receipt.rows;
    for (std::size_t i = 0; i < parsers.size(); ++i) {
      const SqliteKind kind = rows.kind(static_cast<int>(i));
      if (kind == SqliteKind::null) continue;
      ParsedValue value;
      if (kind == SqliteKind::real ||
          parsers[i].parse(rows.text(static_cast<int>(i)), value) != ParseProblem::none)
        throw Error(ErrorClass::config, "table '" + target_ + "' does not keep column '" +
                                            summed[i] + "' as it was written: it holds '" +
                                            std::string(rows.text(static_cast<int>(i))) +
                                            "'; declare that column TEXT");
      receipt.amounts[summed[i]] += exact_number(parsers[i], value);
    }
  }
  return receipt;
}

void SqliteWriter::write_marker() {
  if (period_column_.empty()) {
    SqliteStatement forget(*database_, "delete from " + kMarkerTable + " where target = ?");
    forget.bind(1, table_);
    forget.step();
  }
  SqliteStatement marker(
      *database_, "insert or replace into " + kMarkerTable + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  marker.bind(1, table_);
  marker.bind(2, publication_.graph);
  marker.bind(3, publication_.job);
  marker.bind(4, publication_.period);
  marker.bind(5, publication_.partition);
  marker.bind(6, publication_.epoch.number);
  marker.bind(7, publication_.epoch.nonce);
  marker.bind(8, publication_.epoch.store_id);
  marker.bind(9, publication_.digest);
  marker.step();
}

void SqliteWriter::commit() {
  write_marker();
  insert_.reset();
  database_->execute("commit");
  is_committed_ = true;
}

}  // namespace tallymill
