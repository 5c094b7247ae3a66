#include "jobs/flow_rows.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "datasets/repeated_keys.h"
#include "datasets/row_table.h"

namespace tallymill {
namespace {

constexpr const char* kPlace = RowSieve::kPlace;
constexpr const char* kAnswered = "\"tm:answered\"";  ///< the place of the row that was asked

std::filesystem::path scratch_folder(const JobContext& context) {
  return context.task().folder / "tmp";
}

constexpr std::int64_t kMostInMemory = std::int64_t{64} << 20;

std::vector<std::string> names_of(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

std::vector<std::string> joined(std::vector<std::string> left,
                                const std::vector<std::string>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

}  // namespace

RowSieve make_sieve(JobContext& context, const std::string& name, std::vector<Column> columns) {
  return {context.engine(), name, std::move(columns),
          std::min(key_memory(context.task()), kMostInMemory), scratch_folder(context)};
}

RowFile FlowRows::answers(const JobContext& context) const {
  return {.name = name + "_answers",
          .columns = joined({kAnswered}, asked),
          .folder = scratch_folder(context)};
}

std::string FlowRows::answered() const {
  return std::string("(SELECT s.* EXCLUDE (") + kPlace + "), a.* EXCLUDE (" + kAnswered +
         ") FROM " + name + " s LEFT JOIN " + name + "_answers a ON s." + kPlace + " = a." +
         kAnswered + ")";
}

std::string FlowRows::passing() const {
  // Of no rows: what was asked has its types from there.
  return "(SELECT * FROM " + rest_once() + " UNION ALL BY NAME SELECT " + join(asked, ", ") + " " +
         asked_source + " WHERE false)";
}

std::string FlowRows::all() const {
  return "(SELECT * FROM " + rest() + " UNION ALL BY NAME SELECT * FROM " + answered() + ")";
}

void FlowRows::store(Engine& engine) const {
  engine.execute(RowTable{.name = name, .columns = names_of(columns), .flags = flags}.make(source));
}

void FlowRows::seek(JobContext& context, std::int64_t rows) {
  Engine& engine = context.engine();
  source_rows = rows;
  std::vector<std::string> keys;
  for (const Column& column : key) keys.push_back(quote_identifier(column.name));
  const auto hashes = std::make_shared<const KeyHashes>(find_repeated_keys(
      engine, "(SELECT " + join(keys, ", ") + " " + source + " WHERE " + comparable + ")", key,
      key_memory(context.task()), rows));
  const std::string is_alike = "(" + comparable + " AND " + is_among_sql(engine, key, hashes) + ")";
  const std::string is_kept = "(" + is_alike + " OR " + is_marked + ")";
  std::vector<Column> kept = columns;
  for (const std::string& flag : flags) kept.push_back({.name = flag, .type = Type::boolean()});
  sieve = std::make_shared<RowSieve>(make_sieve(context, name, kept));
  std::vector<std::string> shown = names_of(kept);
  // Said, so that nobody works it out of rows of which it is known.
  for (std::string& column : shown)
    if (std::find(marks.begin(), marks.end(), column) != marks.end())
      column = "CAST(NULL AS VARCHAR) AS " + column;
  const std::string select = " AS SELECT " + join(shown, ", ") + " ";
  engine.execute("CREATE TEMP VIEW " + alike() + " AS SELECT * FROM " + name + " WHERE " +
                 is_alike + "; CREATE TEMP VIEW " + rest() + select + source + " WHERE NOT " +
                 is_kept + "; CREATE TEMP VIEW " + rest_once() + select +
                 sieve->passing(source, is_kept));
}

void FlowRows::drop(Engine& engine) const {
  if (key.empty()) {
    engine.execute(RowTable{.name = name, .columns = {}}.drop());
    return;
  }
  for (const std::string& view : {alike(), rest(), rest_once()})
    engine.execute("DROP VIEW " + view);
  engine.execute(RowFile{.name = name + "_answers", .columns = {}, .folder = {}}.drop());
  engine.execute(sieve->drop());
}

void FlowRows::answer(JobContext& context) const {
  Engine& engine = context.engine();
  // Nobody has, where more is asked of all rows before they are written.
  if (sieve->seen() == 0) engine.query("SELECT count(*) FROM " + passing());
  if (sieve->seen() != source_rows)
    throw Error(ErrorClass::bug, group_digits(sieve->seen()) + " rows were looked at, and " +
                                     group_digits(source_rows) + " are there");
  const RowFile made = answers(context);
  const auto source_of = [&](const std::string& from) {
    return "FROM (SELECT " + join(joined({std::string(kPlace) + " AS " + kAnswered}, asked), ", ") +
           " " + from + ")";
  };
  if (!tie_breaker.empty()) {
    std::string quick = asked_source;
    for (std::size_t at; (at = quick.find(tie_breaker)) != std::string::npos;)
      quick.erase(at, tie_breaker.size());
    engine.execute(made.make(source_of(quick)));
    const Rows ties = engine.query("SELECT count(*) FROM " + made.name + " WHERE " + is_tied);
    if (ties.integer(0, 0) == 0) return;
  }
  engine.execute(made.make(source_of(asked_source)));
}

}  // namespace tallymill
