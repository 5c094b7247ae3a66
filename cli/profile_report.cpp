#include <algorithm>

#include "cli/dataset_profile.h"
#include "cli/sheet.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::size_t kShownValues = 3;
constexpr std::size_t kWidestValue = 32;

std::string count(const json::object& object, const char* key) {
  return group_digits(json_integer(object, key));
}

/// Empty where there is none, or where it is not for everybody's eyes.
std::string value_of(const json::object& column, const char* key) {
  const json::value* value = column.if_contains(key);
  return value != nullptr && value->is_string() ? fit(value->as_string().c_str(), kWidestValue)
                                                : "";
}

const json::array& list_of(const json::object& object, const char* key) {
  static const json::array kNothing;
  const json::value* list = object.if_contains(key);
  return list != nullptr ? list->as_array() : kNothing;
}

std::string median_of(const json::object& column) {
  const json::value* quantiles = column.if_contains("quantiles");
  return quantiles != nullptr ? value_of(quantiles->as_object(), "p50") : "";
}

std::string order_of(const json::object& column) {
  const json::value* order = column.if_contains("order");
  if (order == nullptr) return "";
  const std::int64_t up = json_integer(order->as_object(), "up");
  const std::int64_t down = json_integer(order->as_object(), "down");
  if (up > 0 && down == 0) return "increasing";
  return down > 0 && up == 0 ? "decreasing" : "";
}

Sheet columns_sheet(const json::object& profile) {
  Sheet sheet{.title = "columns",
              .columns = {{"name"},
                          {"type"},
                          {"nulls", true},
                          {"blank", true},
                          {"distinct", true},
                          {"min"},
                          {"median"},
                          {"max"},
                          {"reads as"},
                          {"order"}},
              .rows = {}};
  const std::int64_t rows = json_integer(profile, "rows");
  for (const json::value& entry : list_of(profile, "columns")) {
    const json::object& column = entry.as_object();
    const json::object* reading = reading_of_all(column, rows);
    const json::object& ends = reading != nullptr ? *reading : column;
    sheet.rows.push_back(
        {json_text(column, "name"), json_text(column, "type"), count(column, "nulls"),
         column.contains("blank") ? count(column, "blank") : "", count(column, "distinct"),
         value_of(ends, "min"), median_of(column), value_of(ends, "max"),
         reading != nullptr ? json_text(*reading, "type") : "", order_of(column)});
  }
  return sheet;
}

/// One row for each entry of a list that columns have.
Sheet listed_sheet(const json::object& profile, std::string title, const char* list,
                   const char* name, std::size_t most, std::int64_t least_rows = 1) {
  Sheet sheet{
      .title = std::move(title), .columns = {{"column"}, {name}, {"rows", true}}, .rows = {}};
  for (const json::value& column : list_of(profile, "columns")) {
    std::size_t shown = 0;
    for (const json::value& entry : list_of(column.as_object(), list))
      if (shown++ < most && json_integer(entry.as_object(), "rows") >= least_rows)
        sheet.rows.push_back({json_text(column.as_object(), "name"),
                              fit(json_text(entry.as_object(), name), kWidestValue),
                              count(entry.as_object(), "rows")});
  }
  return sheet;
}

Sheet keys_sheet(const json::object& profile) {
  Sheet sheet{.title = "keys: no two rows share them", .columns = {{"columns"}}, .rows = {}};
  for (const json::value& key : list_of(profile, "keys")) {
    std::vector<std::string> names;
    for (const json::value& name : key.as_array()) names.emplace_back(name.as_string());
    sheet.rows.push_back({join(names, ", ")});
  }
  return sheet;
}

Sheet dependencies_sheet(const json::object& profile) {
  Sheet sheet{.title = "one column decides another",
              .columns = {{"column"}, {"decides"}, {"rows", true}, {"exceptions", true}},
              .rows = {}};
  for (const json::value& entry : list_of(profile, "dependencies")) {
    const json::object& dependency = entry.as_object();
    const std::int64_t rows = json_integer(dependency, "rows");
    sheet.rows.push_back({json_text(dependency, "determinant"), json_text(dependency, "dependent"),
                          group_digits(rows),
                          group_digits(rows - json_integer(dependency, "holds"))});
  }
  return sheet;
}

Sheet malformed_sheet(const json::object& profile) {
  Sheet sheet{
      .title = "records that are none", .columns = {{"reason"}, {"records", true}}, .rows = {}};
  if (const json::value* malformed = profile.if_contains("malformed"))
    for (const auto& [reason, records] : malformed->as_object())
      sheet.rows.push_back({reason, group_digits(records.as_int64())});
  return sheet;
}

std::vector<Sheet> sheets_of(const json::object& profile, std::size_t values) {
  return {columns_sheet(profile),
          malformed_sheet(profile),
          listed_sheet(profile, "texts that mislead", "traps", "trap", SIZE_MAX),
          listed_sheet(profile, "most frequent values", "top", "value", values, 2),
          listed_sheet(profile, "formats", "formats", "format", SIZE_MAX),
          listed_sheet(profile, "shapes", "shapes", "shape", values),
          keys_sheet(profile),
          dependencies_sheet(profile)};
}

std::string head_line(const json::object& profile) {
  const std::string name = profile.contains("file") ? json_text(profile, "file")
                                                    : json_text(profile, "dataset") + " of " +
                                                          json_text(profile, "period");
  return name + ": " + count(profile, "rows") + " rows, " +
         std::to_string(list_of(profile, "columns").size()) + " columns";
}

}  // namespace

const json::object* reading_of_all(const json::object& column, std::int64_t rows) {
  const std::int64_t values = rows - json_integer(column, "nulls");
  if (values == 0) return nullptr;
  const json::array& traps = list_of(column, "traps");
  // 0042 is a code: as a number it would be another one.
  const bool has_codes = std::any_of(traps.begin(), traps.end(), [](const json::value& trap) {
    return json_text(trap.as_object(), "trap") == "zero in front of a number";
  });
  for (const json::value& entry : list_of(column, "reads_as")) {
    const json::object& reading = entry.as_object();
    const std::string type = json_text(reading, "type");
    const bool is_number = type == "integer" || type == "money" || type.starts_with("decimal");
    if (json_integer(reading, "rows") == values && !(is_number && has_codes)) return &reading;
  }
  return nullptr;
}

std::string profile_text(const json::object& profile) {
  return head_line(profile) + "\n" + sheets_text(sheets_of(profile, kShownValues));
}

std::string profile_page(const json::object& profile) {
  return html_page("profile", head_line(profile), {}, sheets_html(sheets_of(profile, SIZE_MAX)));
}

}  // namespace tallymill
