#include "cli/preview_report.h"

#include "cli/text_table.h"
#include "core/text.h"

namespace tallymill {
namespace {

/// Longer values are cut; JSON has them whole.
constexpr std::size_t kWidest = 40;
constexpr std::size_t kWidestMessage = 100;

const json::array& list(const json::object& object, const char* key) {
  return json_at(object, key).as_array();
}

std::string count(const json::object& object, const char* key) {
  return group_digits(json_integer(object, key));
}

/// A null is a dash, as in every table of rows.
std::string cell(const json::value& value, std::size_t widest = kWidest) {
  return value.is_null() ? "-" : fit(std::string(value.as_string()), widest);
}

std::string cell(const json::object& object, const char* key) { return cell(json_at(object, key)); }

std::string counted(std::int64_t number, const std::string& one, const std::string& many) {
  return group_digits(number) + " " + (number == 1 ? one : many);
}

std::string names_of(const json::array& names) {
  std::vector<std::string> texts;
  for (const json::value& name : names) texts.emplace_back(name.as_string());
  return join(texts, ", ");
}

std::string head(const json::object& preview) {
  std::string text = json_text(preview, "graph") + " " + json_text(preview, "period") + ", job " +
                     json_text(preview, "job") + ": " + count(preview, "rows_in") + " rows in, " +
                     count(preview, "rows_out") + " out";
  const json::object& ledger = json_at(preview, "ledger").as_object();
  for (const json::value& side : list(ledger, "out")) {
    const json::object& entry = side.as_object();
    const std::string name = json_text(entry, "name");
    if (name != "out" && name != "adjusted" && json_integer(entry, "rows") > 0)
      text += ", " + count(entry, "rows") + " " + name;
  }
  return text + "; nothing is published\n";
}

std::string steps(const json::object& preview) {
  TextTable table({{.title = "step"},
                   {.title = "column"},
                   {.title = "cells changed", .is_number = true},
                   {.title = "rows that leave", .is_number = true},
                   {.title = "as"},
                   {.title = "reason"}});
  for (const json::value& item : list(preview, "steps")) {
    const json::object& step = item.as_object();
    std::string name = json_text(step, "step");
    for (const json::value& change : list(step, "changes")) {
      table.add(
          {name, json_text(change.as_object(), "column"), count(change.as_object(), "cells")});
      name.clear();
    }
    for (const json::value& leave : list(step, "leaves")) {
      table.add({name, "", "", count(leave.as_object(), "rows"), json_text(leave.as_object(), "as"),
                 json_text(leave.as_object(), "reason")});
      name.clear();
    }
    if (!name.empty()) table.add({name});
  }
  return "\n" + table.text();
}

std::string change_samples(const json::object& preview) {
  TextTable table({{.title = "step"},
                   {.title = "column"},
                   {.title = "row"},
                   {.title = "before"},
                   {.title = "after"}});
  for (const json::value& item : list(preview, "steps"))
    for (const json::value& change : list(item.as_object(), "changes"))
      for (const json::value& sample : list(change.as_object(), "samples"))
        table.add({json_text(item.as_object(), "step"), json_text(change.as_object(), "column"),
                   cell(sample.as_object(), "row"), cell(sample.as_object(), "before"),
                   cell(sample.as_object(), "after")});
  return table.empty() ? "" : "\ncells, the first of each\n" + table.text();
}

std::string leaving_samples(const json::object& preview) {
  TextTable table({{.title = "step"}, {.title = "reason"}, {.title = "row"}, {.title = "message"}});
  for (const json::value& item : list(preview, "steps"))
    for (const json::value& leave : list(item.as_object(), "leaves"))
      for (const json::value& sample : list(leave.as_object(), "samples"))
        table.add({json_text(item.as_object(), "step"), json_text(leave.as_object(), "reason"),
                   cell(sample.as_object(), "row"),
                   cell(json_at(sample.as_object(), "message"), kWidestMessage)});
  return table.empty() ? "" : "\nrows that leave, the first of each\n" + table.text();
}

std::string evidence(const json::object& preview) {
  std::string text;
  for (const json::value& item : list(preview, "evidence")) {
    const json::object& note = item.as_object();
    if (json_integer(note, "rows") == 0) continue;
    std::vector<TextTable::Column> columns;
    for (const json::value& name : list(note, "columns"))
      columns.push_back({.title = std::string(name.as_string())});
    TextTable table(std::move(columns));
    for (const json::value& row : list(note, "samples")) {
      std::vector<std::string> cells;
      for (const json::value& value : row.as_array()) cells.push_back(cell(value));
      table.add(std::move(cells));
    }
    text += "\n" + json_text(note, "evidence") + ", " +
            counted(json_integer(note, "rows"), "row", "rows") + "\n" + table.text();
  }
  return text;
}

std::string comparison(const json::object& preview) {
  const json::value* found = preview.if_contains("compared");
  if (found == nullptr || found->is_null())
    return "\nno version of " + json_text(preview, "dataset") + " is visible: all rows are new\n";
  const json::object& compared = found->as_object();
  std::string text = "\ncompared with the visible version of run " +
                     json_text(json_at(preview, "visible").as_object(), "run") + ": " +
                     counted(json_integer(compared, "added"), "row", "rows") + " added, " +
                     count(compared, "removed") + " removed";
  if (compared.contains("changed"))
    text +=
        ", " + count(compared, "changed") + " changed, " + count(compared, "equal") + " the same";
  text += "\n";
  if (const json::array& names = list(compared, "new_columns"); !names.empty())
    text += "columns it does not have: " + names_of(names) + "\n";
  if (const json::array& names = list(compared, "gone_columns"); !names.empty())
    text += "columns only it has: " + names_of(names) + "\n";
  if (const json::value* columns = compared.if_contains("columns");
      columns != nullptr && !columns->as_array().empty()) {
    TextTable table({{.title = "column"}, {.title = "rows changed", .is_number = true}});
    for (const json::value& column : columns->as_array())
      table.add({json_text(column.as_object(), "column"), count(column.as_object(), "rows")});
    text += table.text();
  }
  TextTable samples({{.title = "what"},
                     {.title = "row"},
                     {.title = "column"},
                     {.title = "visible"},
                     {.title = "preview"}});
  for (const json::value& item : list(compared, "samples")) {
    const json::object& sample = item.as_object();
    std::vector<std::string> cells{json_text(sample, "what"), cell(sample, "row")};
    if (sample.contains("column"))
      cells.insert(cells.end(),
                   {json_text(sample, "column"), cell(sample, "visible"), cell(sample, "preview")});
    samples.add(std::move(cells));
  }
  return samples.empty() ? text : text + "\n" + samples.text();
}

}  // namespace

std::string preview_text(const json::object& preview) {
  return head(preview) + steps(preview) + change_samples(preview) + leaving_samples(preview) +
         evidence(preview) + comparison(preview);
}

}  // namespace tallymill
