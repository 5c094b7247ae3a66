#include "datasets/sql_order.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "datasets/sql_rules.h"
#include "datasets/sql_text.h"
#include "datasets/sql_tree.h"

namespace tallymill {
namespace {

using Names = std::set<std::string, std::less<>>;

const json::array& array_of(const json::object& node, std::string_view key) {
  static const json::array kNothing;
  const json::value* value = node.if_contains(key);
  return value == nullptr || !value->is_array() ? kNothing : value->get_array();
}

/// "b" of `t.b`; empty if the expression is no column.
std::string column_name(const json::object& expression) {
  if (sql_text_of(expression, "class") != "COLUMN_REF") return {};
  const json::array& names = array_of(expression, "column_names");
  return names.empty() || !names.back().is_string()
             ? std::string()
             : sql_lower(std::string(names.back().get_string()));
}

/// Peers get the same answer from these, so ties do not matter.
bool is_alike_for_peers(std::string_view function) {
  return function == "rank" || function == "dense_rank" || function == "percent_rank" ||
         function == "cume_dist";
}

bool is_order_sensitive(std::string_view function) {
  const auto all = ordered_functions();
  return std::find(all.begin(), all.end(), function) != all.end() && !is_alike_for_peers(function);
}

/// One SELECT: where its rows come from, and what makes them unique.
struct Scope {
  std::vector<std::pair<std::string, Names>> keys;  ///< of the tables read, by table
  Names groups;
  bool is_grouped = false;
  bool are_groups_known = true;
};

class OrderWalk {
 public:
  OrderWalk(std::string_view sql, const SourcePosition& where, const TableKeys& keys,
            Diagnostics& diagnostics)
      : sql_(sql), where_(where), diagnostics_(diagnostics) {
    for (const auto& [table, key] : keys)
      for (const std::string& column : key) keys_[sql_lower(table)].insert(sql_lower(column));
  }

  void run(const json::value& tree) {
    forget_own_parts(tree);
    visit(tree);
  }

 private:
  /// A WITH part hides the table of its name.
  void forget_own_parts(const json::value& value) {
    if (const json::array* list = value.if_array()) {
      for (const json::value& entry : *list) forget_own_parts(entry);
    } else if (const json::object* node = value.if_object()) {
      if (const json::object* parts = sql_object_of(*node, "cte_map"))
        for (const json::value& part : array_of(*parts, "map"))
          keys_.erase(sql_lower(sql_text_of(part.as_object(), "key")));
      for (const auto& pair : *node) forget_own_parts(pair.value());
    }
  }

  void visit(const json::value& value) {
    if (const json::array* list = value.if_array()) {
      for (const json::value& entry : *list) visit(entry);
    } else if (const json::object* node = value.if_object()) {
      if (sql_text_of(*node, "type") == "SELECT_NODE") judge(*node);
      for (const auto& pair : *node) visit(pair.value());
    }
  }

  void judge(const json::object& select) {
    Scope scope;
    const json::object* from = sql_object_of(select, "from_table");
    if (from == nullptr || !add_tables(*from, scope)) return;
    for (const json::value& group : array_of(select, "group_expressions")) {
      scope.is_grouped = true;
      const std::string name = column_name(group.as_object());
      if (name.empty()) scope.are_groups_known = false;
      scope.groups.insert(name);
    }
    if (array_of(select, "group_sets").size() > 1) scope.are_groups_known = false;
    for (const char* part : {"select_list", "qualify"})
      if (const json::value* value = select.if_contains(part)) judge_functions(*value, scope);
    judge_modifiers(select, scope);
  }

  /// False if a table's key is not known, so that nothing can be said.
  bool add_tables(const json::object& from, Scope& scope) const {
    const std::string type = sql_text_of(from, "type");
    if (type == "JOIN") {
      const json::object* left = sql_object_of(from, "left");
      const json::object* right = sql_object_of(from, "right");
      return left != nullptr && right != nullptr && add_tables(*left, scope) &&
             add_tables(*right, scope);
    }
    const auto key = keys_.find(sql_lower(sql_text_of(from, "table_name")));
    if (type != "BASE_TABLE" || key == keys_.end()) return false;
    scope.keys.emplace_back(key->first, key->second);
    return true;
  }

  /// Functions of this SELECT, not of SELECTs within it.
  void judge_functions(const json::value& value, const Scope& scope) {
    if (const json::array* list = value.if_array()) {
      for (const json::value& entry : *list) judge_functions(entry, scope);
    } else if (const json::object* node = value.if_object()) {
      if (sql_text_of(*node, "type").ends_with("_NODE")) return;
      const std::string kind = sql_text_of(*node, "class");
      if (kind == "WINDOW") judge_window(*node, scope);
      if (kind == "FUNCTION") judge_aggregate(*node, scope);
      for (const auto& pair : *node) judge_functions(pair.value(), scope);
    }
  }

  void judge_window(const json::object& window, const Scope& scope) {
    const std::string function = sql_lower(sql_text_of(window, "function_name"));
    const bool by_rows = sql_text_of(window, "start").ends_with("_ROWS") ||
                         sql_text_of(window, "end").ends_with("_ROWS");
    const json::array& orders = array_of(window, "orders");
    if (orders.empty() || (!is_order_sensitive(function) && !by_rows)) return;
    Names names = order_names(orders);
    const bool picks_value =
        function == "first_value" || function == "last_value" || function == "nth_value";
    if (picks_value && holds_all(names, columns_in(array_of(window, "children")))) return;
    for (const json::value& part : array_of(window, "partitions"))
      names.insert(column_name(part.as_object()));
    require(names, scope, scope.is_grouped, function + "()", window);
  }

  /// string_agg(x order by y): equal places of y must hold equal x.
  void judge_aggregate(const json::object& call, const Scope& scope) {
    const std::string function = sql_lower(sql_text_of(call, "function_name"));
    const json::object* by = sql_object_of(call, "order_bys");
    if (by == nullptr || !is_order_sensitive(function)) return;
    const json::array& orders = array_of(*by, "orders");
    if (orders.empty()) return;
    Names names = order_names(orders);
    names.insert(scope.groups.begin(), scope.groups.end());
    if (holds_all(names, columns_in(array_of(call, "children")))) return;
    require(names, scope, false, function + "()", call);
  }

  void judge_modifiers(const json::object& select, const Scope& scope) {
    const json::array* orders = nullptr;
    const json::object* limit = nullptr;
    const json::array* distinct_on = nullptr;
    bool is_distinct = false;
    for (const json::value& value : array_of(select, "modifiers")) {
      const json::object& modifier = value.as_object();
      const std::string type = sql_text_of(modifier, "type");
      if (type == "ORDER_MODIFIER") orders = &array_of(modifier, "orders");
      if (type.starts_with("LIMIT")) limit = &modifier;
      if (type == "DISTINCT_MODIFIER") {
        is_distinct = true;
        distinct_on = &array_of(modifier, "distinct_on_targets");
      }
    }
    const bool picks = distinct_on != nullptr && !distinct_on->empty();
    if (orders == nullptr || (limit == nullptr && !picks) || (is_distinct && !picks)) return;
    Names names = order_names(*orders, &array_of(select, "select_list"));
    if (picks)
      for (const json::value& target : *distinct_on) names.insert(column_name(target.as_object()));
    require(names, scope, scope.is_grouped, picks ? "DISTINCT ON" : "LIMIT", select);
  }

  /// Columns of an ORDER BY. In one of a whole SELECT a number or an alias stands for a result.
  static Names order_names(const json::array& orders, const json::array* results = nullptr) {
    Names names;
    for (const json::value& order : orders) {
      const json::object* expression = sql_object_of(order.as_object(), "expression");
      if (expression == nullptr) continue;
      if (sql_text_of(*expression, "class") == "STAR") names.insert("*");
      const std::string name = column_name(*expression);
      names.insert(name);
      if (results == nullptr) continue;
      for (std::size_t i = 0; i < results->size(); ++i) {
        const json::object& result = (*results)[i].as_object();
        const bool is_meant = is_position(*expression, i + 1) ||
                              (!name.empty() && sql_lower(sql_text_of(result, "alias")) == name);
        if (is_meant) names.insert(column_name(result));
        if (is_meant) names.insert(sql_lower(sql_text_of(result, "alias")));
      }
    }
    names.erase("");
    return names;
  }

  static bool is_position(const json::object& expression, std::size_t position) {
    if (sql_text_of(expression, "class") != "CONSTANT") return false;
    const json::object* value = sql_object_of(expression, "value");
    const json::value* number = value == nullptr ? nullptr : value->if_contains("value");
    return number != nullptr && number->is_int64() &&
           number->get_int64() == static_cast<std::int64_t>(position);
  }

  static void add_columns(const json::value& value, Names& names) {
    if (const json::array* list = value.if_array()) {
      for (const json::value& entry : *list) add_columns(entry, names);
    } else if (const json::object* node = value.if_object()) {
      if (const std::string name = column_name(*node); !name.empty()) names.insert(name);
      for (const auto& pair : *node) add_columns(pair.value(), names);
    }
  }
  static Names columns_in(const json::array& expressions) {
    Names names;
    for (const json::value& expression : expressions) add_columns(expression, names);
    return names;
  }

  static bool holds_all(const Names& names, const Names& wanted) {
    return std::includes(names.begin(), names.end(), wanted.begin(), wanted.end());
  }

  void require(const Names& order, const Scope& scope, bool of_groups, const std::string& what,
               const json::object& node) {
    if (order.contains("*")) return;
    if (of_groups) {
      if (scope.are_groups_known && !holds_all(order, scope.groups))
        report(what, "the columns that make a group (" + listed(scope.groups) + ")", node);
      return;
    }
    std::vector<std::string> keys;
    for (const auto& [table, key] : scope.keys) {
      if (holds_all(order, key)) return;
      keys.push_back("the key of '" + table + "' (" + listed(key) + ")");
    }
    report(what, join(keys, " or "), node);
  }

  static std::string listed(const Names& names) {
    return join(std::vector<std::string>(names.begin(), names.end()), ", ");
  }

  void report(const std::string& what, const std::string& lacks, const json::object& node) {
    diagnostics_.error(
        where_,
        what + " takes other rows each time where its order has ties" + sql_line_suffix(sql_, node),
        "add " + lacks + " to its ORDER BY");
  }

  std::string_view sql_;
  const SourcePosition& where_;
  Diagnostics& diagnostics_;
  std::map<std::string, Names, std::less<>> keys_;
};

}  // namespace

void check_total_order(Engine& engine, const std::string& sql, const SourcePosition& where,
                       const TableKeys& keys, Diagnostics& diagnostics) {
  const SqlTree tree = parse_sql_tree(engine, sql);
  OrderWalk(sql, where, keys, diagnostics).run(json::value(tree.statements));
}

}  // namespace tallymill
