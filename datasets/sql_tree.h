#pragma once

#include <string>
#include <string_view>

#include "core/json.h"
#include "datasets/engine.h"

namespace tallymill {

/// DuckDB's own parse of an SQL text, as its json_serialize_sql() gives it. Nothing is bound.
struct SqlTree {
  json::array statements;  ///< SELECTs only
  std::string problem;     ///< why there are none, e.g. a syntax error
};
SqlTree parse_sql_tree(Engine& engine, const std::string& sql);
/// The SQL text of a tree.
std::string sql_from_tree(Engine& engine, const json::array& statements);

/// Look-ups that give nothing where the key is absent or of another kind.
std::string sql_text_of(const json::object& node, std::string_view key);
const json::object* sql_object_of(const json::object& node, std::string_view key);
/// The argument of a function node that has exactly one.
const json::value* sql_only_child(const json::object& node);
/// " (line 3 of the SQL)" where `sql` has several lines and the node knows its place; else empty.
std::string sql_line_suffix(std::string_view sql, const json::object& node);

}  // namespace tallymill
