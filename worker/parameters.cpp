#include "worker/parameters.h"

#include <functional>
#include <map>
#include <optional>

#include "core/error.h"
#include "core/money.h"
#include "core/text.h"
#include "core/time/calendar_file.h"
#include "core/time/date_params.h"
#include "datasets/sql_text.h"
#include "datasets/type.h"
#include "worker/pinned_table.h"

namespace tallymill {
namespace {

/// Binding needs a value of the right type; which one does not matter.
constexpr const char* kAnyPeriod = "2000-01";

Period period_of(const Task& task) {
  const bool is_open = task.period.empty() && task.mode == TaskMode::bind;
  const auto period = Period::parse(is_open ? kAnyPeriod : task.period);
  if (!period) throw Error(ErrorClass::bug, "the task's period '" + task.period + "' is none");
  return *period;
}

std::string cast(const std::string& literal, const Type& type) {
  return "cast(" + literal + " as " + type.sql() + ")";
}

/// The literal of a parsed parameter, or why its text is not of its type.
struct Literal {
  std::string sql;
  ParseProblem problem = ParseProblem::none;
};

Literal decimal_literal(const std::string& text, const Type& type) {
  const auto parsed = parse_decimal(text, type.precision, type.scale);
  return {cast(format_decimal(parsed.value, type.scale), type), parsed.problem};
}

Literal literal_of(const TaskParam& param, int currency_scale) {
  if (param.type == "text") return {cast(quote_literal(param.value), Type::text())};
  if (param.type == "integer") {
    const auto parsed = parse_integer(param.value);
    return {cast(std::to_string(parsed.value), Type::integer()), parsed.problem};
  }
  if (param.type == "date") {
    const auto parsed = parse_date(param.value);
    return {cast(quote_literal(parsed.value.text()), Type::date()), parsed.problem};
  }
  if (param.type == "boolean") {
    const bool is_known = param.value == "true" || param.value == "false";
    return {param.value, is_known ? ParseProblem::none : ParseProblem::not_a_boolean};
  }
  if (param.type == "decimal") {
    const std::size_t point = param.value.find('.');
    const std::size_t scale = point == std::string::npos ? 0 : param.value.size() - point - 1;
    return decimal_literal(param.value,
                           Type::decimal(38, static_cast<int>(std::min<std::size_t>(scale, 38))));
  }
  if (const auto type = type_from_word(param.type, currency_scale); type && type->is_decimal())
    return decimal_literal(param.value, *type);
  throw Error(ErrorClass::bug, "parameter type '" + param.type + "' is not known");
}

/// A parameter without a value may stand in SQL that is only bound.
std::string open_literal(const TaskParam& param, int currency_scale) {
  const auto type =
      type_from_word(param.type == "decimal" ? "decimal(38,9)" : param.type, currency_scale);
  return cast("null", type ? *type : Type::text());
}

class SqlBinder {
 public:
  SqlBinder(const Task& task, const SourcePosition& where, Diagnostics& diagnostics)
      : task_(task), where_(where), diagnostics_(diagnostics) {}

  std::optional<std::string> operator()(const SqlParameter& parameter) const {
    const std::string& name = parameter.name;
    if (name == "period") return cast(quote_literal(period_of(task_).text()), Type::text());
    if (name == "period_first_day")
      return cast(quote_literal(period_of(task_).first_day().text()), Type::date());
    if (name == "period_last_day")
      return cast(quote_literal(period_of(task_).last_day().text()), Type::date());
    if (name == "partition" && !task_.partition.empty())
      return cast(quote_literal(task_.partition), Type::text());
    if (name.starts_with(kPrefix)) {
      const auto it = task_.params.find(name.substr(kPrefix.size()));
      if (it != task_.params.end()) return value_of(it->first, it->second);
    }
    diagnostics_.error(where_, "unknown SQL parameter ':" + name + "'", hint(name));
    return std::nullopt;
  }

 private:
  static constexpr std::string_view kPrefix = "param_";

  std::optional<std::string> value_of(const std::string& name, const TaskParam& param) const {
    if (param.value.empty() && param.type != "text" && task_.mode == TaskMode::bind)
      return open_literal(param, task_.currency_scale);
    Literal literal = literal_of(param, task_.currency_scale);
    if (literal.problem == ParseProblem::none) return std::move(literal.sql);
    diagnostics_.error(where_, "parameter '" + name + "' is not a valid " + param.type + ": '" +
                                   param.value + "' (" + std::string(to_string(literal.problem)) +
                                   ")");
    return std::nullopt;
  }

  std::string hint(const std::string& name) const {
    std::vector<std::string> known{"period", "period_first_day", "period_last_day"};
    if (!task_.partition.empty()) known.emplace_back("partition");
    for (const auto& entry : task_.params) known.push_back("param_" + entry.first);
    const std::string nearest = did_you_mean(name, known);
    return nearest.empty() ? "known parameters: :" + join(known, ", :") : nearest;
  }

  const Task& task_;
  const SourcePosition& where_;
  Diagnostics& diagnostics_;
};

/// The calendar of the task's texts, from its files as pinned; null if none of them asks for one.
std::shared_ptr<const Calendar> calendar_of(const Task& task, Diagnostics& diagnostics) {
  if (task.time.calendar.empty()) return nullptr;
  constexpr std::string_view kFolder = "calendars/";
  std::vector<CalendarText> texts;
  for (const auto& [path, file] : task.files)
    if (path.starts_with(kFolder) &&
        calendar_name(path.substr(kFolder.size())) == task.time.calendar)
      texts.push_back({path, read_pinned(task, path).value()});
  return read_calendar(task.time.calendar, texts, diagnostics);
}

DateScope scope_of(const Task& task, const std::string& text, Diagnostics& diagnostics) {
  DateScope scope{.period = period_of(task)};
  scope.partition = task.partition;
  add_params(task.params, scope);
  if (const auto zone = Zone::find(task.time.zone)) scope.zone = *zone;
  scope.scheduled = parse_local_time(task.time.scheduled);
  scope.is_open = task.period.empty();
  if (!scope.is_open && needs_of(text).calendar) scope.calendar = calendar_of(task, diagnostics);
  return scope;
}

}  // namespace

std::string bind_sql_parameters(const Task& task, const std::string& sql,
                                const SourcePosition& where, Diagnostics& diagnostics) {
  if (sql.find("${") != std::string::npos)
    diagnostics.error(where, "'${' has no place in SQL: values are bound, never pasted",
                      "write :period, :period_first_day, :period_last_day or :param_<name>");
  return replace_sql_parameters(sql, SqlBinder(task, where, diagnostics));
}

std::string expand_text(const Task& task, const std::string& text, const SourcePosition& where,
                        Diagnostics& diagnostics) {
  if (text.find("${") == std::string::npos) return text;
  std::vector<TextProblem> problems;
  const auto expanded = expand_dates(text, scope_of(task, text, diagnostics), problems);
  for (const TextProblem& problem : problems)
    diagnostics.error(place_within(where, text, problem.offset, problem.length), problem.message,
                      problem.hint);
  return expanded.value_or(text);
}

}  // namespace tallymill
