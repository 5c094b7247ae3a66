#include "datasets/sql_tree.h"

#include <algorithm>

#include "datasets/engine_state.h"

namespace tallymill {

namespace {

SqlTree parse(Engine& engine, const std::string& sql) {
  const SqlValue text = sql;
  const Rows rows = engine.query("select json_serialize_sql($1::varchar)::varchar", {&text, 1});
  const json::value parsed = parse_json(rows.text(0, 0), "DuckDB's parse of an SQL text");
  const json::object& object = parsed.as_object();
  if (!json_boolean(object, "error")) return {json_at(object, "statements").as_array(), ""};
  std::string problem = json_text(object, "error_message");
  if (problem.starts_with("Only SELECT")) problem = "only a SELECT is allowed here";
  return {{}, std::move(problem)};
}

}  // namespace

SqlTree parse_sql_tree(Engine& engine, const std::string& sql) {
  EngineState& state = EngineAccess::state(engine);
  if (state.last_tree_sql.empty() || state.last_tree_sql != sql) {
    state.last_tree = parse(engine, sql);
    state.last_tree_sql = sql;
  }
  return state.last_tree;
}

std::string sql_from_tree(Engine& engine, const json::array& statements) {
  const SqlValue text = json::serialize(json::object{{"error", false}, {"statements", statements}});
  return engine.query("select json_deserialize_sql($1::json)", {&text, 1}).text(0, 0);
}

std::string sql_text_of(const json::object& node, std::string_view key) {
  const json::value* value = node.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

const json::object* sql_object_of(const json::object& node, std::string_view key) {
  const json::value* value = node.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

const json::value* sql_only_child(const json::object& node) {
  const json::value* children = node.if_contains("children");
  if (children == nullptr || !children->is_array() || children->as_array().size() != 1)
    return nullptr;
  return &children->as_array().front();
}

std::string sql_line_suffix(std::string_view sql, const json::object& node) {
  const json::value* location = node.if_contains("query_location");
  if (location == nullptr || !location->is_int64() || sql.find('\n') == std::string_view::npos)
    return "";
  const auto offset = static_cast<std::size_t>(location->as_int64());
  if (offset >= sql.size()) return "";
  const auto end = sql.begin() + static_cast<std::ptrdiff_t>(offset);
  return " (line " + std::to_string(std::count(sql.begin(), end, '\n') + 1) + " of the SQL)";
}

}  // namespace tallymill
