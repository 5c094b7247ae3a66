#include "jobs/flow_rows.h"

#include <algorithm>

#include "core/text.h"
#include "datasets/repeated_keys.h"
#include "datasets/row_table.h"

namespace tallymill {
namespace {

constexpr const char* kPlace = RowFile::kPlace;
constexpr const char* kAnswered = "\"tm:answered\"";  ///< the place of the row that was asked

std::filesystem::path scratch_folder(const JobContext& context) {
  return context.task().folder / "tmp";
}

std::vector<std::string> joined(std::vector<std::string> left,
                                const std::vector<std::string>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

}  // namespace

RowFile FlowRows::answers(const JobContext& context) const {
  return {.name = name + "_answers",
          .columns = joined({kAnswered}, asked),
          .folder = scratch_folder(context)};
}

std::string FlowRows::answered() const {
  return std::string("(SELECT s.* EXCLUDE (") + kPlace + "), a.* EXCLUDE (" + kPlace + ", " +
         kAnswered + ") FROM " + name + " s LEFT JOIN " + name + "_answers a ON s." + kPlace +
         " = a." + kAnswered + ")";
}

std::string FlowRows::all() const {
  return "(SELECT * FROM " + rest() + " UNION ALL BY NAME SELECT * FROM " + answered() + ")";
}

void FlowRows::store(JobContext& context, std::int64_t rows) const {
  Engine& engine = context.engine();
  if (key.empty()) {
    engine.execute(RowTable{.name = name, .columns = columns, .flags = flags}.make(source));
    return;
  }
  std::vector<std::string> names;
  for (const Column& column : key) names.push_back(quote_identifier(column.name));
  const auto hashes = std::make_shared<const KeyHashes>(find_repeated_keys(
      engine, "(SELECT " + join(names, ", ") + " " + source + " WHERE " + comparable + ")", key,
      key_memory(context.task()), rows));
  const std::string is_alike = "(" + comparable + " AND " + is_among_sql(engine, key, hashes) + ")";
  const std::string is_stored = "(" + is_alike + " OR " + is_marked + ")";
  std::vector<std::string> shown = joined(columns, flags);
  const RowFile stored{.name = name, .columns = shown, .folder = scratch_folder(context)};
  // Said, so that nobody works it out of rows of which it is known.
  for (std::string& column : shown)
    if (std::find(marks.begin(), marks.end(), column) != marks.end())
      column = "CAST(NULL AS VARCHAR) AS " + column;
  engine.execute(stored.make(source + " WHERE " + is_stored) + "; CREATE TEMP VIEW " + alike() +
                 " AS SELECT * FROM " + name + " WHERE " + is_alike + "; CREATE TEMP VIEW " +
                 rest() + " AS SELECT " + join(shown, ", ") + " " + source + " WHERE NOT " +
                 is_stored);
  answer(context);
}

void FlowRows::drop(Engine& engine) const {
  if (key.empty()) {
    engine.execute(RowTable{.name = name, .columns = {}}.drop());
    return;
  }
  for (const std::string& view : {alike(), rest()}) engine.execute("DROP VIEW " + view);
  for (const std::string& kept : {name + "_answers", name})
    engine.execute(RowFile{.name = kept, .columns = {}, .folder = {}}.drop());
}

void FlowRows::answer(JobContext& context) const {
  Engine& engine = context.engine();
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
