#include "datasets/sql_rules.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "datasets/sql_casts.h"
#include "datasets/sql_text.h"
#include "datasets/sql_tree.h"

namespace tallymill {
namespace {

const SqlRefusal* refusal_of(std::string_view name) {
  const auto all = refused_functions();
  const auto it = std::lower_bound(
      all.begin(), all.end(), name,
      [](const SqlRefusal& refusal, std::string_view wanted) { return refusal.name < wanted; });
  return it != all.end() && it->name == name ? &*it : nullptr;
}

bool holds(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_empty_array(const json::object& node, std::string_view key) {
  const json::value* value = node.if_contains(key);
  return value == nullptr || !value->is_array() || value->as_array().empty();
}

bool has_value(const json::object& node, std::string_view key) {
  const json::value* value = node.if_contains(key);
  return value != nullptr && !value->is_null();
}

/// to_days(cast(trunc(cast(1 as double)) as integer)) is how `interval 1 day` is parsed.
bool is_interval_literal(const json::object& node) {
  const std::string name = sql_text_of(node, "function_name");
  return name.starts_with("to_") && (name.ends_with("s") || name.ends_with("y"));
}

/// Walks a parsed SELECT and reports what the same rows would not always answer alike.
class RuleWalk {
 public:
  RuleWalk(std::string_view sql, const SourcePosition& where, Diagnostics& diagnostics)
      : sql_(sql), where_(where), diagnostics_(diagnostics) {}

  void visit(const json::value& value) {
    if (const json::array* list = value.if_array()) {
      for (const json::value& entry : *list) visit(entry);
    } else if (const json::object* node = value.if_object()) {
      visit_node(*node);
    }
  }
  bool found() const { return found_; }

 private:
  void visit_node(const json::object& node) {
    const std::string kind = sql_text_of(node, "class");
    if (kind == "FUNCTION") {
      if (visit_function(node)) return;
    } else if (kind == "WINDOW") {
      visit_window(node);
    } else if (kind == "CONSTANT") {
      return visit_constant(node);
    } else if (kind == "CAST") {
      visit_cast(node);
    } else if (kind == "COLUMN_REF") {
      return visit_column(node);
    } else if (kind == "PARAMETER") {
      report(node, "'?' and '$' parameters have no value here",
             "use :period, :period_first_day, :period_last_day or :param_<name>");
    } else if (kind.empty()) {
      visit_table(node);
    }
    for (const auto& pair : node) visit(pair.value());
  }

  /// True if the arguments were dealt with.
  bool visit_function(const json::object& node) {
    const std::string name = sql_lower(sql_text_of(node, "function_name"));
    const bool is_sorted = std::exchange(sorted_, false);
    if (const SqlRefusal* refusal = refusal_of(name)) refuse(node, *refusal);
    if (name == "age" && sql_only_child(node) != nullptr)
      report(node, "age() of one argument counts up to the machine's own day",
             "time is data here: give both days, as in age(:period_last_day, x)");
    const json::object* orders = sql_object_of(node, "order_bys");
    if (holds(ordered_functions(), name) && !is_sorted &&
        (orders == nullptr || is_empty_array(*orders, "orders")))
      report(node, called(node) + " depends on row order",
             "order its rows: " + name + "(x order by key)");
    if (name == "list_sort" || name == "array_sort" || name == "list_reverse_sort" ||
        name == "array_reverse_sort")
      return visit_sorted(node);
    if (!is_interval_literal(node)) return false;
    const json::value* argument = innermost_of_interval(node);
    if (argument != nullptr) visit(*argument);
    return argument != nullptr;
  }

  /// list(x order by x) is parsed as list_sort(list(x)): the order of the inner list is lost
  /// anyway.
  bool visit_sorted(const json::object& node) {
    for (const json::value& child : node.at("children").as_array()) {
      const std::string inner = sql_lower(sql_text_of(child.as_object(), "function_name"));
      sorted_ = inner == "list" || inner == "array_agg";
      visit(child);
    }
    sorted_ = false;
    return true;
  }

  static const json::value* innermost_of_interval(const json::object& node) {
    const json::value* outer = sql_only_child(node);
    const json::object* cast = outer == nullptr ? nullptr : outer->if_object();
    const json::value* truncated = cast == nullptr ? nullptr : cast->if_contains("child");
    if (truncated == nullptr || !truncated->is_object() ||
        sql_text_of(truncated->as_object(), "function_name") != "trunc")
      return nullptr;
    const json::value* inner = sql_only_child(truncated->as_object());
    return inner == nullptr || !inner->is_object() ? nullptr
                                                   : inner->as_object().if_contains("child");
  }

  void visit_window(const json::object& node) {
    const std::string name = sql_lower(sql_text_of(node, "function_name"));
    if (const SqlRefusal* refusal = refusal_of(name)) refuse(node, *refusal);
    const bool by_rows = sql_text_of(node, "start").ends_with("_ROWS") ||
                         sql_text_of(node, "end").ends_with("_ROWS");
    if ((holds(ordered_functions(), name) || by_rows) && is_empty_array(node, "orders") &&
        is_empty_array(node, "arg_orders"))
      report(node, called(node) + " depends on row order",
             "order its window by something unique: over (order by ...)");
  }

  void visit_constant(const json::object& node) {
    const json::object* value = sql_object_of(node, "value");
    const json::object* type = value == nullptr ? nullptr : sql_object_of(*value, "type");
    if (type == nullptr) return;
    const std::string id = sql_text_of(*type, "id");
    if (id == "DOUBLE" || id == "FLOAT")
      report(node, "a number with an exponent is a DOUBLE, which is not exact",
             "write it out: 1500 instead of 1.5e3");
  }

  void visit_cast(const json::object& node) {
    const json::object* type = sql_object_of(node, "cast_type");
    const std::string id = type == nullptr ? "" : sql_text_of(*type, "id");
    if (id == "DOUBLE" || id == "FLOAT")
      report(node, "a cast to " + id + " is not exact", "use decimal(p,s) or bigint");
    if (id == "TIMESTAMP WITH TIME ZONE" || id == "TIME WITH TIME ZONE")
      report(node, "a cast to " + id + " depends on the time zone of the machine",
             "timestamps are UTC here");
  }

  /// `current_date` without parentheses is parsed as a column.
  void visit_column(const json::object& node) {
    const json::value* names = node.if_contains("column_names");
    if (names == nullptr || !names->is_array() || names->as_array().empty()) return;
    const std::string name = sql_lower(std::string(names->as_array().back().as_string()));
    if (name == "rowid") report(node, "rowid depends on how rows are stored", "use the key");
    if (names->as_array().size() != 1) return;
    if (const SqlRefusal* refusal = refusal_of(name);
        refusal != nullptr && (name.starts_with("current_") || name.starts_with("local") ||
                               name == "user" || name == "session_user"))
      refuse(node, *refusal);
  }

  /// FROM items and query nodes.
  void visit_table(const json::object& node) {
    const std::string kind = sql_text_of(node, "type");
    if (has_value(node, "sample"))
      report(node, "a sample gives other rows each time", "order by a hash of the key and limit");
    if (kind == "BASE_TABLE") return visit_base_table(node);
    if (kind == "TABLE_FUNCTION") return visit_table_function(node);
    if (kind == "SHOW_REF")
      report(node, "SHOW, DESCRIBE and SUMMARIZE are not a SELECT over the inputs", "");
    if (kind == "JOIN" && sql_text_of(node, "ref_type") == "POSITIONAL")
      report(node, "a positional join depends on row order", "join on keys");
    if (node.contains("modifiers")) visit_modifiers(node);
  }

  void visit_base_table(const json::object& node) {
    const std::string name = sql_lower(sql_text_of(node, "table_name"));
    const std::string schema = sql_lower(sql_text_of(node, "schema_name"));
    static constexpr std::string_view kFileSigns[] = {"/",    "*",     "://",    ".csv", ".tsv",
                                                      ".txt", ".json", ".gz",    ".zst", ".parquet",
                                                      ".db",  ".xlsx", ".duckdb"};
    const bool is_file =
        std::any_of(std::begin(kFileSigns), std::end(kFileSigns), [&](std::string_view sign) {
          return sign.starts_with('.') ? name.ends_with(sign)
                                       : name.find(sign) != std::string::npos;
        });
    const bool is_internal = (!schema.empty() && schema != "main") || name.starts_with("duckdb_") ||
                             name.starts_with("sqlite_") || name.starts_with("pragma_");
    if (is_file)
      report(node, "SQL may not read the file '" + sql_text_of(node, "table_name") + "'",
             "read it with an extract job and name the dataset");
    else if (is_internal)
      report(node, "SQL may not read '" + (schema.empty() ? "" : schema + ".") + name + "'",
             "it sees the job's inputs under their dataset names; a name with a dot is quoted, "
             "like \"clean.rejects\"");
  }

  void visit_table_function(const json::object& node) {
    const json::object* function = sql_object_of(node, "function");
    const std::string name = function == nullptr ? "" : sql_text_of(*function, "function_name");
    if (!holds(allowed_table_functions(), sql_lower(name)))
      report(node, "SQL may not call " + name + "(): it reads from outside the job's inputs",
             "read files with an extract job and name the dataset");
  }

  void visit_modifiers(const json::object& node) {
    bool ordered = false;
    bool limited = false;
    bool distinct_on = false;
    for (const json::value& value : node.at("modifiers").as_array()) {
      const std::string kind = sql_text_of(value.as_object(), "type");
      ordered = ordered || kind == "ORDER_MODIFIER";
      limited = limited || kind.starts_with("LIMIT");
      distinct_on = distinct_on || (kind == "DISTINCT_MODIFIER" &&
                                    !is_empty_array(value.as_object(), "distinct_on_targets"));
    }
    if (limited && !ordered)
      report(node, "LIMIT without ORDER BY takes other rows each time",
             "order by something unique, such as the key");
    if (distinct_on && !ordered)
      report(node, "DISTINCT ON without ORDER BY keeps other rows each time",
             "order by the same columns and then the key");
  }

  static std::string called(const json::object& node) {
    return sql_text_of(node, "function_name") + "()";
  }

  void refuse(const json::object& node, const SqlRefusal& refusal) {
    const bool is_word = std::isalpha(static_cast<unsigned char>(refusal.name.front())) != 0;
    const std::string shown =
        is_word ? std::string(refusal.name) + "()" : "'" + std::string(refusal.name) + "'";
    report(node, shown + " " + std::string(refusal.reason), std::string(refusal.hint));
  }

  void report(const json::object& node, const std::string& message, std::string hint) {
    found_ = true;
    diagnostics_.error(where_, message + sql_line_suffix(sql_, node), std::move(hint));
  }

  std::string_view sql_;
  const SourcePosition& where_;
  Diagnostics& diagnostics_;
  bool found_ = false;
  bool sorted_ = false;  ///< the function being visited is sorted by its caller
};

/// The statements of `sql`, or nothing with a problem reported.
std::optional<json::array> parsed(Engine& engine, const std::string& sql,
                                  const SourcePosition& where, std::string_view expected,
                                  Diagnostics& diagnostics) {
  SqlTree tree = parse_sql_tree(engine, sql);
  if (!tree.problem.empty()) {
    diagnostics.error(where, tree.problem, "expected " + std::string(expected));
    return std::nullopt;
  }
  if (tree.statements.size() != 1) {
    diagnostics.error(where, "expected " + std::string(expected) + ", found " +
                                 std::to_string(tree.statements.size()) + " statements");
    return std::nullopt;
  }
  return std::move(tree.statements);
}

/// `select <expression>` and nothing more.
bool is_bare_expression(const json::value& statement) {
  const json::object* node = sql_object_of(statement.as_object(), "node");
  if (node == nullptr || sql_text_of(*node, "type") != "SELECT_NODE") return false;
  const json::object* from = sql_object_of(*node, "from_table");
  return from != nullptr && sql_text_of(*from, "type") == "EMPTY" &&
         node->at("select_list").as_array().size() == 1 &&
         sql_text_of(node->at("select_list").as_array().front().as_object(), "alias").empty() &&
         is_empty_array(*node, "modifiers") && is_empty_array(*node, "group_expressions") &&
         !has_value(*node, "where_clause") && !has_value(*node, "having") &&
         !has_value(*node, "qualify") && !has_value(*node, "sample") &&
         is_empty_array(*sql_object_of(*node, "cte_map"), "map");
}

void collect_tables(const json::value& value, std::set<std::string>& tables,
                    std::set<std::string>& own) {
  if (const json::array* list = value.if_array()) {
    for (const json::value& entry : *list) collect_tables(entry, tables, own);
  } else if (const json::object* node = value.if_object()) {
    if (sql_text_of(*node, "type") == "BASE_TABLE") tables.insert(sql_text_of(*node, "table_name"));
    if (const json::object* parts = sql_object_of(*node, "cte_map"))
      for (const json::value& part : parts->at("map").as_array())
        own.insert(sql_text_of(part.as_object(), "key"));
    for (const auto& pair : *node) collect_tables(pair.value(), tables, own);
  }
}

}  // namespace

bool check_user_sql(Engine& engine, const std::string& sql, const SourcePosition& where,
                    Diagnostics& diagnostics) {
  const auto statements = parsed(engine, sql, where, "exactly one SELECT", diagnostics);
  if (!statements) return false;
  RuleWalk walk(sql, where, diagnostics);
  walk.visit(json::value(*statements));
  return !walk.found();
}

bool check_user_expression(Engine& engine, const std::string& expression,
                           const SourcePosition& where, Diagnostics& diagnostics) {
  const std::string sql = "select " + expression;
  const auto statements = parsed(engine, sql, where, "one SQL expression", diagnostics);
  if (!statements) return false;
  if (!is_bare_expression(statements->front())) {
    diagnostics.error(where, "expected one SQL expression, found more: " + expression);
    return false;
  }
  RuleWalk walk(sql, where, diagnostics);
  walk.visit(json::value(*statements));
  return !walk.found();
}

std::optional<std::vector<BoundColumn>> bind_user_sql(Engine& engine, const std::string& sql,
                                                      const SourcePosition& where,
                                                      Diagnostics& diagnostics) {
  if (!check_user_sql(engine, sql, where, diagnostics)) return std::nullopt;
  try {
    std::vector<BoundColumn> columns = engine.describe(sql);
    if (!check_casts(engine, sql, where, diagnostics)) return std::nullopt;
    return columns;
  } catch (const Error& error) {
    report_sql_error(error, where, diagnostics);
    return std::nullopt;
  }
}

std::vector<std::string> tables_read(Engine& engine, const std::string& sql) {
  std::set<std::string> tables;
  std::set<std::string> own;
  collect_tables(parse_sql_tree(engine, sql).statements, tables, own);
  std::vector<std::string> read;
  std::set_difference(tables.begin(), tables.end(), own.begin(), own.end(),
                      std::back_inserter(read));
  return read;
}

void report_sql_error(const Error& error, const SourcePosition& where, Diagnostics& diagnostics) {
  const std::string& text = error.message();
  std::string message = text.substr(0, text.find('\n'));
  while (message.ends_with('!') || message.ends_with('.')) message.pop_back();
  std::string hint;
  if (const std::size_t end = text.find('\n'); end != std::string::npos) {
    const std::string_view second =
        std::string_view(text).substr(end + 1, text.find('\n', end + 1) - end - 1);
    // DuckDB also suggests its own catalog, which user SQL may not read.
    if ((second.starts_with("Candidate") || second.starts_with("Did you mean")) &&
        second.find("duckdb_") == std::string_view::npos)
      hint = std::string(second);
  }
  if (!hint.empty())
    hint.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(hint.front())));
  diagnostics.error(where, message, hint);
}

}  // namespace tallymill
