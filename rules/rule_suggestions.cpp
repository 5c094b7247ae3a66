#include "rules/rule_suggestions.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "core/text.h"
#include "rules/rule_outline.h"
#include "rules/rule_value.h"

namespace tallymill {
namespace {

constexpr int kMostTraces = 2000;
constexpr std::int64_t kSecond = 1'000'000;
constexpr double kRatioUnit = 1e-9;
constexpr std::int64_t kFirstDay = 20454;  // 2026-01-01

/// The smallest difference two values of a type can have; a second of a timestamp.
double unit_of_type(const Type& type) {
  if (type.kind == TypeKind::ratio) return kRatioUnit;
  return type.kind == TypeKind::timestamp ? static_cast<double>(kSecond) : 1.0;
}

bool is_numeric(const Type& type) {
  return type.kind != TypeKind::text && type.kind != TypeKind::enumeration &&
         type.kind != TypeKind::boolean;
}

json::value zero_of(const Type& type) {
  switch (type.kind) {
    case TypeKind::text:
    case TypeKind::enumeration:
      return "";
    case TypeKind::boolean:
      return false;
    case TypeKind::date:
      return kFirstDay;
    case TypeKind::timestamp:
      return kFirstDay * 86400 * kSecond;
    default:
      return 0;
  }
}

/// `value` plus `by`, as Lua would hold it.
json::value moved(const Type& type, const json::value& value, double by) {
  if (type.kind == TypeKind::ratio)
    return std::round((value.to_number<double>() + by) / kRatioUnit) / 1e9;
  return static_cast<std::int64_t>(std::llround(value.to_number<double>() + by));
}

std::string lua_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return result + "\"";
}

std::string lua_literal(const Type& type, const json::value& value) {
  std::string text = lua_value_text(type, value);
  switch (type.kind) {
    case TypeKind::money:
      return "t.money \"" + text + "\"";
    case TypeKind::decimal:
      return "t.decimal(\"" + text + "\", " + std::to_string(type.scale) + ")";
    case TypeKind::ratio:
      return "t.ratio \"" + text + "\"";
    case TypeKind::date:
      return "t.date \"" + text + "\"";
    case TypeKind::timestamp:
      return "t.timestamp \"" + text + "\"";
    case TypeKind::integer:
    case TypeKind::boolean:
      return text;
    default:
      return lua_text(text);
  }
}

std::string yaml_literal(const Type& type, const json::value& value) {
  std::string text = lua_value_text(type, value);
  const bool is_plain = type.kind != TypeKind::text && type.kind != TypeKind::enumeration;
  return is_plain ? text : json::serialize(json::value(json::string(text)));
}

/// What makes one case of a rule: a row and parameters.
struct Row {
  json::object given, params;
  std::string text() const { return json::serialize(given) + json::serialize(params); }
};

class Suggester {
 public:
  explicit Suggester(RuleExam& exam) : exam_(exam), rule_(exam.rule()) {
    for (const RuleNeed& need : rule_.info.needs) needs_.emplace(need.column, &need);
  }

  std::vector<SuggestedCase> run() {
    add_seeds();
    while (!queue_.empty() && traces_ < kMostTraces) {
      const Row row = std::move(queue_.front());
      queue_.pop_front();
      const auto trace = traced(row);
      if (!trace) continue;
      for (const TraceStep& step : trace->steps) move_to(row, step);
    }
    std::vector<SuggestedCase> cases;
    for (auto& [order, made] : made_)
      if (!known_.contains(order.row)) cases.push_back(std::move(made));
    return cases;
  }

 private:
  /// Cases are told by place, then from below to above.
  struct Order {
    SourcePosition where;
    int step = 0;
    std::string row;
    bool operator<(const Order& other) const {
      return std::tie(where, step) < std::tie(other.where, other.step);
    }
  };

  void add_seeds() {
    for (const RuleTestCase& test : rule_.cases) {
      Row row;
      row.given = json_at(test.body, "given").as_object();
      if (const json::value* params = test.body.if_contains("params"))
        if (params->is_object()) row.params = params->get_object();
      known_.insert(sorted(row).text());
      if (is_complete(row)) add(sorted(row));
    }
    if (queue_.empty()) {
      Row row;
      for (const RuleNeed& need : rule_.info.needs) row.given[need.column] = zero_of(need.type);
      add(sorted(row));
    }
    const Row first = queue_.front();
    int number = 0;
    const RuleOutline outline(rule_.source.file, rule_.source.text);
    for (const RuleNeed& need : rule_.info.needs) {
      ++number;
      if (!need.optional || !first.given.contains(need.column)) continue;
      Row row = first;
      row.given.erase(need.column);
      row = sorted(row);
      if (const auto trace = traced(row)) {
        keep(outline.position("needs." + need.column), number, need.column + " is null", row,
             *trace);
        add(row);
      }
    }
  }

  bool is_complete(const Row& row) const {
    return std::all_of(rule_.info.needs.begin(), rule_.info.needs.end(), [&](const auto& need) {
      return need.optional || row.given.contains(need.column);
    });
  }

  /// Columns in the order of needs, so that equal rows are equal texts.
  Row sorted(const Row& row) const {
    Row result{.given = {}, .params = {}};
    for (const RuleNeed& need : rule_.info.needs)
      if (const json::value* value = row.given.if_contains(need.column))
        result.given[need.column] = *value;
    for (const auto& [name, ignored] : rule_.info.params)
      if (const json::value* value = row.params.if_contains(name)) result.params[name] = *value;
    return result;
  }

  void add(Row row) {
    if (queued_.insert(row.text()).second) queue_.push_back(std::move(row));
  }

  std::optional<RuleTrace> traced(const Row& row) {
    ++traces_;
    try {
      return exam_.trace({{"given", row.given}, {"params", row.params}});
    } catch (const Error&) {
      return std::nullopt;  // it never ends on this row: no case to paste
    }
  }

  /// Rows at and beside the condition that `step` of `row` met.
  void move_to(const Row& row, const TraceStep& step) {
    const RuleCondition& condition = exam_.code().conditions()[step.condition];
    std::vector<std::string> columns = condition.left_columns;
    columns.insert(columns.end(), condition.right_columns.begin(), condition.right_columns.end());
    for (const std::string& name : columns) {
      const auto need = needs_.find(name);
      const json::value* value = row.given.if_contains(name);
      if (need == needs_.end() || value == nullptr) continue;
      const Type& type = need->second->type;
      if (type.kind == TypeKind::boolean)
        try_row(row, name, !value->as_bool(), step.condition, 0, "the other way");
      else if (step.left_value.is_number() && step.right_value.is_number() && is_numeric(type))
        move_number(row, step, name, type, *value);
      else if (step.left_value.is_string() && step.right_value.is_string())
        move_text(row, step, name, *value);
    }
  }

  void move_number(const Row& row, const TraceStep& step, const std::string& name, const Type& type,
                   const json::value& value) {
    static constexpr const char* kWords[] = {"one below", "equal", "one above"};
    const double unit = unit_of_type(type);
    const double now = step.left_value.to_number<double>() - step.right_value.to_number<double>();
    for (int at = -1; at <= 1; ++at) {
      const double wanted = at * unit;
      for (const double sign : {1.0, -1.0}) {
        if (is_kept(step.condition, at)) break;
        const json::value candidate = moved(type, value, sign * (wanted - now));
        try_row(row, name, candidate, step.condition, at, kWords[at + 1], &wanted, unit);
      }
    }
  }

  void move_text(const Row& row, const TraceStep& step, const std::string& name,
                 const json::value& value) {
    if (step.left_value != value && step.right_value != value) return;
    const json::value& other = step.left_value == value ? step.right_value : step.left_value;
    const std::string text(other.as_string());
    try_row(row, name, other, step.condition, 0, "equal");
    try_row(row, name, json::string(text + "x"), step.condition, 1, "another text");
  }

  bool is_kept(std::size_t condition, int at) const {
    return made_.contains({exam_.code().conditions()[condition].where, at, ""});
  }

  /// Keeps the row with `name` changed if it meets the condition; `wanted` is the difference of the
  /// operands it must have then.
  void try_row(Row row, const std::string& name, json::value value, std::size_t condition, int at,
               const std::string& word, const double* wanted = nullptr, double unit = 1.0) {
    if (is_kept(condition, at) || traces_ >= kMostTraces) return;
    row.given[name] = std::move(value);
    const auto trace = traced(row);
    if (!trace) return;
    const bool meets =
        std::any_of(trace->steps.begin(), trace->steps.end(), [&](const TraceStep& step) {
          if (step.condition != condition) return false;
          if (wanted == nullptr) return true;
          if (!step.left_value.is_number() || !step.right_value.is_number()) return false;
          const double now =
              step.left_value.to_number<double>() - step.right_value.to_number<double>();
          return std::abs(now - *wanted) < unit / 2;
        });
    if (!meets) return;
    const RuleCondition& about = exam_.code().conditions()[condition];
    keep(about.where, at, about.text + ": " + word, row, *trace);
    add(std::move(row));
  }

  void keep(const SourcePosition& where, int step, std::string about, const Row& row,
            const RuleTrace& trace) {
    SuggestedCase made{.where = where, .about = std::move(about), .lua = {}, .yaml = {}};
    const bool gives_columns = rule_.info.kind == RuleKind::transform && !trace.raw_values.empty();
    std::vector<std::string> lua, yaml, lua_params, yaml_params, lua_expect, yaml_expect;
    for (const auto& entry : row.given) {
      const Type& type = needs_.at(std::string(entry.key()))->type;
      lua.push_back(std::string(entry.key()) + " = " + lua_literal(type, entry.value()));
      yaml.push_back(std::string(entry.key()) + ": " + yaml_literal(type, entry.value()));
    }
    for (const auto& entry : row.params) {
      const auto known = rule_.param_types.find(std::string(entry.key()));
      const Type type = known == rule_.param_types.end() ? Type::integer() : known->second;
      lua_params.push_back(std::string(entry.key()) + " = " + lua_literal(type, entry.value()));
      yaml_params.push_back(std::string(entry.key()) + ": " + yaml_literal(type, entry.value()));
    }
    for (const Column& column : rule_.info.returns) {
      const json::value* value = trace.raw_values.if_contains(column.name);
      if (value == nullptr) continue;
      lua_expect.push_back(column.name + " = " + lua_literal(column.type, *value));
      yaml_expect.push_back(column.name + ": " + yaml_literal(column.type, *value));
    }
    const auto braces = [](const std::vector<std::string>& parts) {
      return parts.empty() ? std::string("{}") : "{ " + join(parts, ", ") + " }";
    };
    made.lua = "{ given = " + braces(lua) +
               (lua_params.empty() ? "" : ", params = " + braces(lua_params)) +
               ", expect = " + (gives_columns ? braces(lua_expect) : lua_text(trace.expect)) +
               " },";
    made.yaml = "- { given: " + braces(yaml) +
                (yaml_params.empty() ? "" : ", params: " + braces(yaml_params)) + ", expect: " +
                (gives_columns                 ? braces(yaml_expect)
                 : is_identifier(trace.expect) ? trace.expect
                                               : json::serialize(json::value(trace.expect))) +
                " }";
    made_.try_emplace({where, step, sorted(row).text()}, std::move(made));
  }

  RuleExam& exam_;
  const LoadedRule& rule_;
  std::map<std::string, const RuleNeed*> needs_;
  std::deque<Row> queue_;
  std::set<std::string> queued_, known_;
  std::map<Order, SuggestedCase> made_;
  int traces_ = 0;
};

}  // namespace

std::vector<SuggestedCase> suggest_cases(RuleExam& exam) {
  if (exam.rule().info.kind == RuleKind::group) return {};
  return Suggester(exam).run();
}

}  // namespace tallymill
