#include "jobs/flow_rows.h"

#include "core/text.h"
#include "datasets/repeated_keys.h"

namespace tallymill {

void FlowRows::store(JobContext& context) const {
  Engine& engine = context.engine();
  engine.execute(table.make(source));
  if (key.empty()) return;
  std::vector<std::string> names;
  for (const Column& column : key) names.push_back(quote_identifier(column.name));
  const auto hashes = std::make_shared<const KeyHashes>(find_repeated_keys(
      engine, "(SELECT " + join(names, ", ") + " FROM " + table.name + " WHERE " + comparable + ")",
      key, key_memory(context.task())));
  engine.execute("CREATE TEMP VIEW " + alike() + " AS SELECT * FROM " + table.name + " WHERE " +
                 comparable + " AND " + is_among_sql(engine, key, hashes));
  answer(engine);
}

void FlowRows::drop(Engine& engine) const {
  engine.execute(table.drop());
  if (!key.empty()) engine.execute("DROP TABLE " + answers());
}

void FlowRows::answer(Engine& engine) const {
  const std::string create = "CREATE OR REPLACE TEMP TABLE " + answers() + " AS ";
  if (!tie_breaker.empty()) {
    std::string quick = answers_select;
    for (std::size_t at; (at = quick.find(tie_breaker)) != std::string::npos;)
      quick.erase(at, tie_breaker.size());
    engine.execute(create + quick);
    const Rows ties = engine.query("SELECT count(*) FROM " + answers() + " WHERE " + is_tied);
    if (ties.integer(0, 0) == 0) return;
  }
  engine.execute(create + answers_select);
}

}  // namespace tallymill
