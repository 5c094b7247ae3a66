#include "datasets/sql_casts.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/error.h"
#include "core/money.h"
#include "datasets/engine_state.h"
#include "datasets/sql_rules.h"
#include "datasets/sql_tree.h"

// Types are known only once SQL is bound, and DuckDB does not show its bound tree. So each cast is
// replaced by a call of a function that takes anything and, when it is bound, sees the type it was
// given. The rewritten statement is only prepared, never run.

namespace tallymill {
namespace {

constexpr std::string_view kMark = "tm-cast: ";

struct Target {
  duckdb_type id = DUCKDB_TYPE_INVALID;
  int precision = 0;
  int scale = 0;
  std::string name;

  friend auto operator<=>(const Target&, const Target&) = default;
};

std::optional<duckdb_type> integer_type(std::string_view id) {
  static const std::map<std::string_view, duckdb_type> kTypes{
      {"TINYINT", DUCKDB_TYPE_TINYINT},     {"SMALLINT", DUCKDB_TYPE_SMALLINT},
      {"INTEGER", DUCKDB_TYPE_INTEGER},     {"BIGINT", DUCKDB_TYPE_BIGINT},
      {"HUGEINT", DUCKDB_TYPE_HUGEINT},     {"UTINYINT", DUCKDB_TYPE_UTINYINT},
      {"USMALLINT", DUCKDB_TYPE_USMALLINT}, {"UINTEGER", DUCKDB_TYPE_UINTEGER},
      {"UBIGINT", DUCKDB_TYPE_UBIGINT},     {"UHUGEINT", DUCKDB_TYPE_UHUGEINT}};
  const auto it = kTypes.find(id);
  return it == kTypes.end() ? std::nullopt : std::optional(it->second);
}

/// What a cast node casts to, if that is an exact number.
std::optional<Target> target_of(const json::object& cast) {
  const json::object* type = sql_object_of(cast, "cast_type");
  if (type == nullptr) return std::nullopt;
  const std::string id = sql_text_of(*type, "id");
  if (const auto integer = integer_type(id)) return Target{*integer, 38, 0, id};
  if (id != "DECIMAL") return std::nullopt;
  const json::object* info = sql_object_of(*type, "type_info");
  // DECIMAL without digits is DECIMAL(18,3).
  const int precision = info == nullptr ? 18 : static_cast<int>(json_integer(*info, "width"));
  const int scale = info == nullptr ? 3 : static_cast<int>(json_integer(*info, "scale"));
  return Target{DUCKDB_TYPE_DECIMAL, precision, scale,
                "DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")"};
}

bool is_integer(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_SQLNULL:
      return true;
    default:
      return false;
  }
}

/// Why a value of `type` may not be cast to `target`; empty if it may.
std::string problem_of(duckdb_logical_type type, const Target& target) {
  const duckdb_type id = duckdb_api().get_type_id(type);
  if (is_integer(id)) return "";
  const std::string cast = "a cast from " + type_text(type) + " to " + target.name;
  if (id == DUCKDB_TYPE_DECIMAL)
    return duckdb_api().decimal_scale(type) <= target.scale
               ? ""
               : cast + " rounds silently; use round_money(x, mode) or round(x, digits)";
  if (id == DUCKDB_TYPE_VARCHAR)
    return cast + " reads text loosely ('3.7' becomes 4); declare the type in the extract job";
  if (id == DUCKDB_TYPE_DOUBLE || id == DUCKDB_TYPE_FLOAT)
    return cast + " is not exact; keep to decimals and div_money, share, round_money";
  return "";
}

void check_bound_cast(duckdb_bind_info info) {
  const DuckdbApi& duck = duckdb_api();
  const auto& target = *static_cast<const Target*>(duck.scalar_function_bind_get_extra_info(info));
  DuckdbHandle<duckdb_expression, &DuckdbApi::destroy_expression> argument(
      duck.scalar_function_bind_get_argument(info, 0));
  const DuckdbType type(duck.expression_return_type(argument.get()));
  const std::string problem = problem_of(type.get(), target);
  if (!problem.empty())
    duck.scalar_function_bind_set_error(info, (std::string(kMark) + problem).c_str());
}

/// Nulls: nothing is computed while SQL is only bound, except arguments of table functions, as in
/// range(:param_n).
void give_nulls(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  const DuckdbApi& duck = duckdb_api();
  duck.vector_ensure_validity_writable(output);
  const std::uint64_t words = (duck.data_chunk_get_size(input) + 63) / 64;
  std::fill_n(duck.vector_get_validity(output), words, std::uint64_t{0});
}

DuckdbType type_of(const Target& target) {
  if (target.id != DUCKDB_TYPE_DECIMAL)
    return DuckdbType(duckdb_api().create_logical_type(target.id));
  return DuckdbType(duckdb_api().create_decimal_type(static_cast<std::uint8_t>(target.precision),
                                                     static_cast<std::uint8_t>(target.scale)));
}

/// Registers `name`(ANY) -> the target's type.
void add_check(EngineState& state, const std::string& name, const Target& target) {
  const DuckdbApi& duck = duckdb_api();
  DuckdbHandle<duckdb_scalar_function, &DuckdbApi::destroy_scalar_function> handle(
      duck.create_scalar_function());
  duck.scalar_function_set_name(handle.get(), name.c_str());
  const DuckdbType any(duck.create_logical_type(DUCKDB_TYPE_ANY));
  duck.scalar_function_add_parameter(handle.get(), any.get());
  duck.scalar_function_set_return_type(handle.get(), type_of(target).get());
  // Volatile, so that the optimizer does not run it on constants.
  duck.scalar_function_set_volatile(handle.get());
  duck.scalar_function_set_bind(handle.get(), &check_bound_cast);
  duck.scalar_function_set_function(handle.get(), &give_nulls);
  duck.scalar_function_set_extra_info(handle.get(), new Target(target),
                                      [](void* data) { delete static_cast<Target*>(data); });
  if (duck.register_scalar_function(state.connection, handle.get()) != DuckDBSuccess)
    throw Error(ErrorClass::bug, "cannot register SQL function '" + name + "'");
}

/// Replaces the numeric casts of a tree.
class CastRewrite {
 public:
  explicit CastRewrite(Engine& engine) : engine_(engine) {}

  void visit(json::value& value) {
    if (json::array* list = value.if_array()) {
      for (json::value& entry : *list) visit(entry);
    } else if (json::object* node = value.if_object()) {
      for (auto& pair : *node) visit(pair.value());
      if (sql_text_of(*node, "class") == "CAST") replace(*node);
    }
  }
  bool replaced_any() const { return !names_.empty(); }
  const std::vector<std::string>& bad_literals() const { return bad_literals_; }

 private:
  void replace(json::object& node) {
    const auto target = target_of(node);
    if (!target || is_interval_part(node) || is_literal(node, *target)) return;
    auto [it, is_new] = names_.try_emplace(*target);
    if (is_new) {
      it->second = "tm_cast_" + std::to_string(engine_.next_name());
      add_check(EngineAccess::state(engine_), it->second, *target);
    }
    json::object call{{"class", "FUNCTION"},
                      {"type", "FUNCTION"},
                      {"alias", node.at("alias")},
                      {"query_location", node.at("query_location")},
                      {"function_name", it->second},
                      {"schema", ""},
                      {"children", json::array{node.at("child")}},
                      {"filter", nullptr},
                      {"order_bys", {{"type", "ORDER_MODIFIER"}, {"orders", json::array{}}}},
                      {"distinct", false},
                      {"is_operator", false},
                      {"export_state", false},
                      {"catalog", ""}};
    node = std::move(call);
  }

  /// The integer cast inside a parsed `interval 1 day`.
  static bool is_interval_part(const json::object& node) {
    const json::object* child = sql_object_of(node, "child");
    return child != nullptr && sql_text_of(*child, "function_name") == "trunc" &&
           sql_only_child(*child) != nullptr && sql_only_child(*child)->is_object() &&
           sql_text_of(sql_only_child(*child)->as_object(), "class") == "CAST";
  }

  /// A quoted number is read by our own strict parser; what it reads, DuckDB reads alike.
  bool is_literal(const json::object& node, const Target& target) {
    const json::object* child = sql_object_of(node, "child");
    if (child == nullptr || sql_text_of(*child, "class") != "CONSTANT") return false;
    const json::object* value = sql_object_of(*child, "value");
    if (value == nullptr || !value->contains("value") || !value->at("value").is_string())
      return false;
    const std::string text = sql_text_of(*value, "value");
    if (!parse_decimal(text, target.precision, target.scale))
      bad_literals_.push_back("'" + text + "' is not a plain " + target.name);
    return true;
  }

  Engine& engine_;
  std::map<Target, std::string> names_;
  std::vector<std::string> bad_literals_;
};

void report(const Error& error, const SourcePosition& where, Diagnostics& diagnostics) {
  const std::size_t mark = error.message().find(kMark);
  if (mark == std::string::npos) return report_sql_error(error, where, diagnostics);
  const std::string text = error.message().substr(mark + kMark.size());
  const std::string line = text.substr(0, text.find('\n'));
  const std::size_t hint = line.find("; ");
  diagnostics.error(where, line.substr(0, hint), line.substr(hint + 2));
}

}  // namespace

bool check_casts(Engine& engine, const std::string& sql, const SourcePosition& where,
                 Diagnostics& diagnostics) {
  json::value statements = parse_sql_tree(engine, sql).statements;
  CastRewrite rewrite(engine);
  rewrite.visit(statements);
  for (const std::string& problem : rewrite.bad_literals())
    diagnostics.error(where, problem, "write all its digits and no more");
  if (!rewrite.bad_literals().empty()) return false;
  if (!rewrite.replaced_any()) return true;
  try {
    (void)engine.describe(sql_from_tree(engine, statements.as_array()));
    return true;
  } catch (const Error& error) {
    report(error, where, diagnostics);
    return false;
  }
}

}  // namespace tallymill
