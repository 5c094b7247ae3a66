#include "connectors/sqlite/reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "connectors/encoding/gb18030.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {

namespace fs = std::filesystem;

namespace {

fs::path wal_of(const fs::path& file) { return file.string() + "-wal"; }

std::vector<std::string> texts(SqliteDatabase& database, const std::string& sql,
                               const std::string& parameter = {}) {
  SqliteStatement statement(database, sql);
  if (statement.parameter_count() > 0) statement.bind(1, parameter);
  std::vector<std::string> result;
  while (statement.step()) result.emplace_back(statement.text(0));
  return result;
}

std::string nearest_or_all(const std::string& name, const std::vector<std::string>& names) {
  if (std::string meant = did_you_mean(name, names); !meant.empty()) return "; " + meant;
  return names.empty() ? "" : "; there: " + join(names, ", ");
}

json::array stat_to_json(const FileStat& stat) {
  return {stat.bytes, stat.modified_ns, stat.changed_ns, static_cast<std::int64_t>(stat.inode)};
}

}  // namespace

SqliteReader::SqliteReader(fs::path file, std::string source, const ReadRequest& request)
    : file_(std::move(file)),
      table_(request.from.text("table")),
      sources_{std::move(source)},
      parameters_(request.parameters),
      database_(file_, SqliteAccess::read) {
  find_table(request.from.position("table"));
  find_columns(request);
  prepare_where(request);
}

void SqliteReader::find_table(const SourcePosition& where) {
  const std::vector<std::string> tables = texts(
      database_, "select name from sqlite_master where type in ('table', 'view') order by name");
  if (std::find(tables.begin(), tables.end(), table_) == tables.end())
    throw Error(
        ErrorClass::config,
        "no table '" + table_ + "' in database " + file_.string() + nearest_or_all(table_, tables),
        where);
}

void SqliteReader::find_columns(const ReadRequest& request) {
  // hidden = 1 marks columns of virtual tables that are no data.
  all_columns_ = texts(
      database_, "select name from pragma_table_xinfo(?) where hidden <> 1 order by cid", table_);
  for (const WantedColumn& wanted : request.wanted) {
    if (std::find(all_columns_.begin(), all_columns_.end(), wanted.name) == all_columns_.end())
      throw Error(ErrorClass::config,
                  "table '" + table_ + "' has no column '" + wanted.name + "'" +
                      nearest_or_all(wanted.name, all_columns_),
                  wanted.where);
    columns_.push_back(wanted.name);
  }
  if (request.wanted.empty()) columns_ = all_columns_;
  for (const std::string& column : all_columns_)
    if (std::find(columns_.begin(), columns_.end(), column) == columns_.end())
      ignored_.emplace_back(sources_[0], column);
}

/// The condition is the graph author's SQL, compiled here and now so that mistakes show where they
/// were written; values only ever come in as parameters.
void SqliteReader::prepare_where(const ReadRequest& request) {
  const std::string condition = request.from.text("where");
  where_position_ = request.from.position("where");
  if (condition.empty()) return;
  if (condition.find(';') != std::string::npos)
    throw Error(ErrorClass::config, "'where' holds a ';'; it must be one condition",
                where_position_);
  // The line break ends a trailing comment before our parenthesis.
  where_ = " where (" + condition + "\n)";
  try {
    SqliteStatement statement(database_, "select 1 from " + sqlite_identifier(table_) + where_);
    bind_parameters(statement);
  } catch (const Error& error) {
    throw Error(error.error_class(),
                "'where' is no condition on table '" + table_ + "': " + error.message(),
                where_position_);
  }
}

void SqliteReader::bind_parameters(SqliteStatement& statement) const {
  for (int i = 1; i <= statement.parameter_count(); ++i) {
    const std::string name = statement.parameter_name(i);
    const auto found =
        std::find_if(parameters_.begin(), parameters_.end(),
                     [&](const SourceParameter& parameter) { return parameter.name == name; });
    if (found == parameters_.end()) {
      std::vector<std::string> names;
      for (const SourceParameter& parameter : parameters_) names.push_back(":" + parameter.name);
      throw Error(ErrorClass::config, "unknown parameter '" + (name.empty() ? "?" : ":" + name) +
                                          "'; known are " + join(names, ", "));
    }
    const Parsed<std::int64_t> integer = parse_integer(found->value.value);
    if (found->value.type == "integer" && integer)
      statement.bind(i, integer.value);
    else
      statement.bind(i, found->value.value);
  }
}

/// Columns that order the rows the same way in every run.
std::string SqliteReader::order() const {
  auto& database = const_cast<SqliteDatabase&>(database_);
  const std::vector<std::string> keeps_rowid =
      texts(database,
            "select 1 from pragma_table_list where name = ? and type = 'table' and wr = 0", table_);
  std::vector<std::string> by;
  if (!keeps_rowid.empty()) {
    for (const char* name : {"rowid", "_rowid_", "oid"})
      if (by.empty() &&
          std::find(all_columns_.begin(), all_columns_.end(), name) == all_columns_.end())
        by.emplace_back(name);
  } else {
    by = texts(database, "select name from pragma_table_info(?) where pk > 0 order by pk", table_);
    for (std::string& name : by) name = sqlite_identifier(name);
  }
  if (by.empty())
    for (const std::string& column : columns_) by.push_back(sqlite_identifier(column));
  return " order by " + join(by, ", ");
}

SqliteReader::Content SqliteReader::look() const {
  Content content;
  content.file = FileStat::of(file_);
  // An empty log and none are the same; opening the database may make one.
  if (const fs::path wal = wal_of(file_); fs::exists(wal)) content.wal = FileStat::of(wal);
  if (content.wal.bytes == 0) content.wal = {};
  return content;
}

void SqliteReader::hash(Content& content) const {
  content.file_xxh3 = xxh3_128_file(file_).hex();
  if (content.wal.bytes > 0) content.wal_xxh3 = xxh3_128_file(wal_of(file_)).hex();
}

bool SqliteReader::is_unchanged(const SourceState& previous) {
  if (!previous.is_object() || !previous.as_object().contains("database")) return false;
  const json::object& known = previous.as_object();
  content_ = look();
  content_.file_xxh3 = json_text(known, "xxh3");
  content_.wal_xxh3 = json_text(known, "wal_xxh3");
  if (json_at(known, "stat") == json::value(stat_to_json(content_.file)) &&
      json_at(known, "wal_stat") == json::value(stat_to_json(content_.wal)))
    return true;
  content_.file_xxh3.clear();
  content_.wal_xxh3.clear();
  hash(content_);
  return content_.file_xxh3 == json_text(known, "xxh3") &&
         content_.wal_xxh3 == json_text(known, "wal_xxh3");
}

/// Hashes, then begins to read; if somebody wrote between the two, again. So what is hashed is
/// what is read, also while others go on writing to the log.
void SqliteReader::begin() {
  constexpr int kTries = 5;
  for (int i = 0; i < kTries; ++i) {
    content_ = look();
    hash(content_);
    database_.execute("begin");
    texts(database_, "select count(*) from sqlite_master");  // takes the read lock
    const Content now = look();
    if (now.file == content_.file && now.wal == content_.wal) return;
    database_.execute("rollback");
  }
  throw Error(ErrorClass::transient, "database " + file_.string() +
                                         " is being written to without a pause; read it when its "
                                         "writer is done");
}

class SqliteReader::EmptyCursor final : public RecordReader::Cursor {
 public:
  bool read(RecordSink&) override { return false; }
};

/// Steps through the query. Numbers come as their exact text; a floating-point number is marked.
class SqliteReader::SqliteCursor final : public RecordReader::Cursor {
 public:
  SqliteCursor(SqliteReader& reader, const std::string& sql)
      : statement_(reader.database_, sql),
        columns_(reader.columns_),
        fields_(columns_.size()),
        digits_(columns_.size()) {
    reader.bind_parameters(statement_);
  }

  bool read(RecordSink& sink) override {
    while (!sink.is_full()) {
      if (is_done_ || !statement_.step()) {
        is_done_ = true;
        return false;
      }
      ++row_;
      deliver(sink);
    }
    return true;
  }

 private:
  void deliver(RecordSink& sink) {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const SqliteKind kind = statement_.kind(static_cast<int>(i));
      fields_[i] = field(i, kind);
      if (kind == SqliteKind::blob) return malformed(sink, i, "blob", "holds binary data (a BLOB)");
      if (kind == SqliteKind::text &&
          (!is_valid_utf8(fields_[i].text) || fields_[i].text.find('\0') != std::string_view::npos))
        return malformed(sink, i, "invalid_encoding",
                         "holds bytes that are no UTF-8 text; they are shown as \\xHH");
    }
    sink.record(0, row_, fields_, {});
  }

  SourceField field(std::size_t i, SqliteKind kind) {
    const int column = static_cast<int>(i);
    auto& digits = digits_[i];
    switch (kind) {
      case SqliteKind::null:
        return {{}, true, false};
      case SqliteKind::integer: {
        const auto end = std::to_chars(digits.begin(), digits.end(), statement_.integer(column));
        return {{digits.data(), end.ptr}, false, false};
      }
      case SqliteKind::real: {
        const auto end = std::to_chars(digits.begin(), digits.end(), statement_.real(column));
        return {{digits.data(), end.ptr}, false, true};
      }
      default:
        return {statement_.text(column), false, false};
    }
  }

  void malformed(RecordSink& sink, std::size_t column, std::string_view reason,
                 const std::string& what) {
    std::string original;
    for (std::size_t i = 0; i <= column; ++i)
      original += (i == 0 ? "" : ",") + shown_text(fields_[i].text.substr(0, 1000));
    sink.malformed(0, row_, reason, "column '" + columns_[column] + "' " + what, original);
  }

  SqliteStatement statement_;
  const std::vector<std::string>& columns_;
  std::vector<SourceField> fields_;
  std::vector<std::array<char, 32>> digits_;
  std::int64_t row_ = 0;
  bool is_done_ = false;
};

/// A connection reads with one thread: the first cursor gets every row, a further one none.
std::unique_ptr<RecordReader::Cursor> SqliteReader::open_cursor() {
  if (has_cursor_) return std::make_unique<EmptyCursor>();
  has_cursor_ = true;
  begin();
  std::vector<std::string> names;
  for (const std::string& column : columns_) names.push_back(sqlite_identifier(column));
  return std::make_unique<SqliteCursor>(*this, "select " + join(names, ", ") + " from " +
                                                   sqlite_identifier(table_) + where_ + order());
}

void SqliteReader::finish() {
  SqliteStatement count(database_, "select count(*) from " + sqlite_identifier(table_) + where_);
  bind_parameters(count);
  count.step();
  records_ = count.integer(0);
}

SourceState SqliteReader::state() const {
  return {{"database", sources_[0]},
          {"xxh3", content_.file_xxh3},
          {"wal_xxh3", content_.wal_xxh3},
          {"stat", stat_to_json(content_.file)},
          {"wal_stat", stat_to_json(content_.wal)}};
}

}  // namespace tallymill
