#include "cli/results_page.h"

#include <algorithm>
#include <vector>

#include "cli/run_words.h"
#include "cli/sheet.h"
#include "cli/trend_chart.h"
#include "core/text.h"
#include "scheduler/recorded_run.h"

namespace tallymill {
namespace {

/// Rows of a sample come from data: a page stays a page.
constexpr std::size_t kWidestCell = 200;

std::string scalar_text(const json::value& value) {
  if (value.is_string()) return fit(value.get_string().c_str(), kWidestCell);
  if (value.is_int64()) return group_digits(value.get_int64());
  return fit(json::serialize(value), kWidestCell);
}

/// Objects alike as a table; the keys of all of them, in the order they come up. A null is "-": it
/// may be what is wrong with the row.
Sheet sheet_of(const std::string& title, const json::array& objects) {
  Sheet sheet{.title = title, .columns = {}, .rows = {}};
  std::vector<std::string> keys;
  for (const json::value& object : objects)
    for (const auto& entry : object.as_object())
      if (std::find(keys.begin(), keys.end(), entry.key()) == keys.end()) {
        keys.emplace_back(entry.key());
        sheet.columns.push_back({keys.back(), entry.value().is_int64()});
      }
  for (const json::value& object : objects) {
    auto& row = sheet.rows.emplace_back();
    for (const std::string& key : keys) {
      const json::value* value = object.as_object().if_contains(key);
      row.push_back(value == nullptr ? "" : value->is_null() ? "-" : scalar_text(*value));
    }
  }
  return sheet;
}

bool is_table(const json::value& value) {
  const json::array* list = value.if_array();
  return list != nullptr && !list->empty() &&
         std::all_of(list->begin(), list->end(),
                     [](const json::value& item) { return item.is_object(); });
}

std::string paragraph(const std::string& what, const std::string& text) {
  return text.empty() ? ""
                      : "<p><b>" + html_escaped(what) + "</b> " + html_escaped(text) + "</p>\n";
}

std::string anchor_of(const std::string& job, std::size_t check) {
  return percent_encode(job) + "-" + std::to_string(check + 1);
}

std::string cell(const std::string& text, bool is_number = false) {
  return (is_number ? "<td class=\"n\">" : "<td>") + html_escaped(text) + "</td>";
}

/// A line of the table of all checks; what needs a look leads to its details.
std::string check_line(const json::object& check, const std::string& job, std::size_t index) {
  const std::string outcome = json_text(check, "outcome");
  const std::string name = html_escaped(json_text(check, "name"));
  const bool has_details = outcome == "fail" || outcome == "warn";
  return "<tr><td class=\"" + outcome + "\">" +
         html_escaped(outcome == "not_applicable" ? "not applicable" : outcome) + "</td>" +
         cell(job) + "<td>" +
         (has_details ? "<a href=\"#" + anchor_of(job, index) + "\">" + name + "</a>" : name) +
         "</td>" + cell(json_text(check, "severity")) +
         cell(group_digits(json_integer(check, "rows_checked")), true) +
         cell(group_digits(json_integer(check, "rows_failed")), true) +
         cell(json_text_or(check, "ratio", ""), true) + cell(json_text(check, "observed")) +
         cell(json_text_or(check, "where", "")) + "</tr>\n";
}

std::string checks_table(const json::array& jobs) {
  std::string lines;
  for (const json::value& item : jobs) {
    const json::object& job = item.as_object();
    const json::array& checks = json_at(job, "checks").as_array();
    for (std::size_t i = 0; i < checks.size(); ++i)
      lines += check_line(checks[i].as_object(), json_text(job, "job"), i);
  }
  if (lines.empty()) return {};
  return "<h2>checks</h2>\n<div "
         "class=\"wide\">\n<table>\n<tr><th>outcome</th><th>job</th><th>check</th>"
         "<th>severity</th><th class=\"n\">checked</th><th class=\"n\">failed</th>"
         "<th class=\"n\">share</th><th>found</th><th>where</th></tr>\n" +
         lines + "</table>\n</div>\n";
}

/// Failing rows: what the check looks at first, then as many other columns as can be taken in at a
/// glance, then what is wrong and where the row stood. The JSON document has them all.
Sheet sample_sheet(const json::object& check, const json::array& rows) {
  constexpr std::size_t kMostColumns = 12;
  std::vector<std::string> names;
  for (const json::value& column : json_at(check, "columns").as_array())
    names.emplace_back(column.as_string());
  std::size_t left_out = 0;
  for (const auto& entry : rows.front().as_object()) {
    const std::string name(entry.key());
    if (name.starts_with('_') || std::find(names.begin(), names.end(), name) != names.end())
      continue;
    if (names.size() < kMostColumns)
      names.push_back(name);
    else
      ++left_out;
  }
  names.insert(names.end(), {"_code", "_message", "_source", "_line"});
  json::array shown;
  for (const json::value& item : rows) {
    json::object& row = shown.emplace_back(json::object()).as_object();
    for (const std::string& name : names)
      if (const json::value* cell = item.as_object().if_contains(name)) row[name] = *cell;
  }
  return sheet_of(
      "rows that fail, the first ones" +
          (left_out == 0 ? std::string() : ", without " + std::to_string(left_out) + " columns"),
      shown);
}

/// What a check that failed has found: values, whatever other tables its result has, rows.
std::string check_details(const json::object& check, const std::string& job, std::size_t index) {
  const std::string outcome = json_text(check, "outcome");
  std::string html = "<section id=\"" + anchor_of(job, index) + "\">\n<h3 class=\"" + outcome +
                     "\">" + html_escaped(json_text(check, "name")) + "</h3>\n" +
                     paragraph("found", json_text(check, "observed")) +
                     paragraph("expected", json_text(check, "expected"));
  if (const json::object* tolerance = json_at(check, "tolerance").if_object())
    html += paragraph("tolerated", json::serialize(*tolerance));
  html += paragraph("where", json_text_or(check, "where", ""));
  std::vector<Sheet> sheets;
  for (const auto& entry : check) {
    if (!is_table(entry.value())) continue;
    const json::array& objects = entry.value().get_array();
    std::string title(entry.key());
    std::replace(title.begin(), title.end(), '_', ' ');
    if (entry.key() == "sample")
      sheets.push_back(sample_sheet(check, objects));
    else
      sheets.push_back(
          sheet_of(entry.key() == "top_values" ? "most frequent failing values" : title, objects));
  }
  return html + sheets_html(sheets) + "</section>\n";
}

Sheet books_sheet(const json::object& books) {
  Sheet sheet{
      .title = json_boolean(books, "balances") ? "books, which close" : "books, which do not close",
      .columns = {{"side"}, {"class"}, {"rows", true}},
      .rows = {}};
  std::vector<std::string> amounts;
  for (const char* side : {"in", "out"})
    for (const json::value& entry : json_at(books, side).as_array())
      for (const auto& amount : json_at(entry.as_object(), "amounts").as_object())
        if (std::find(amounts.begin(), amounts.end(), amount.key()) == amounts.end()) {
          amounts.emplace_back(amount.key());
          sheet.columns.push_back({amounts.back(), true});
        }
  for (const char* side : {"in", "out"})
    for (const json::value& item : json_at(books, side).as_array()) {
      const json::object& entry = item.as_object();
      auto& row = sheet.rows.emplace_back(std::vector<std::string>{
          side, json_text(entry, "name"), group_digits(json_integer(entry, "rows"))});
      for (const std::string& amount : amounts)
        row.push_back(
            grouped_amount(json_text_or(json_at(entry, "amounts").as_object(), amount, "")));
    }
  return sheet;
}

std::string job_section(const json::object& job, const Trend& trend) {
  const std::string name = json_text(job, "job");
  std::string html =
      "<article>\n<h2>" + html_escaped(name) + "</h2>\n" +
      paragraph(json_text(job, "type"),
                json_text(job, "state") +
                    (json_at(job, "reason").is_null() ? "" : ": " + json_text(job, "reason")));
  if (const json::object* error = json_at(job, "error").if_object())
    html += "<pre class=\"fail\">" + html_escaped(json_text(*error, "message")) + "</pre>\n";
  for (const auto& rule : json_at(job, "rules").as_object())
    html += paragraph("rule", std::string(rule.key()) + ", version " +
                                  std::string(rule.value().as_string()).substr(0, 12));
  if (const json::object* gate = json_at(job, "gate").if_object())
    html += paragraph("gate", json_text(*gate, "dataset") + " " +
                                  (json_boolean(*gate, "passed") ? "passed" : "refused"));
  std::vector<Sheet> sheets;
  if (const json::object* books = json_at(job, "books").if_object();
      books != nullptr && books->contains("in"))
    sheets.push_back(books_sheet(*books));
  if (const json::array& indicators = json_at(job, "indicators").as_array(); !indicators.empty())
    sheets.push_back(sheet_of("indicators", indicators));
  if (const json::object* rows = json_at(job, "turned_away").if_object())
    if (const json::array& sample = json_at(*rows, "sample").as_array(); !sample.empty())
      sheets.push_back(sheet_of(json_text(*rows, "dataset") + ": the first of " +
                                    group_digits(json_integer(*rows, "rows")) + " rows",
                                sample));
  html += sheets_html(sheets);
  const std::string chart = trend_chart(trend.points(job));
  if (!chart.empty()) html += "<h3>rows by period, failed ones in red</h3>\n" + chart;
  const json::array& checks = json_at(job, "checks").as_array();
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const std::string outcome = json_text(checks[i].as_object(), "outcome");
    if (outcome == "fail" || outcome == "warn")
      html += check_details(checks[i].as_object(), name, i);
  }
  return html + "</article>\n";
}

std::string count_words(const json::object& checks) {
  return group_digits(json_integer(checks, "total")) +
         " checks: " + group_digits(json_integer(checks, "pass")) + " passed, " +
         group_digits(json_integer(checks, "fail")) + " failed, " +
         group_digits(json_integer(checks, "warn")) + " warned, " +
         group_digits(json_integer(checks, "not_applicable")) + " not applicable";
}

}  // namespace

std::string results_page(const json::object& results, StoreView& store, const RunRecord& run) {
  const std::string verdict = sentence_of(recorded_verdict(run));
  std::vector<std::string> lines{
      count_words(json_at(json_at(results, "statistics").as_object(), "checks").as_object())};
  if (const json::value* metrics = results.if_contains("metrics"))
    lines.push_back("started " + json_text(metrics->as_object(), "started_at") + " by " +
                    json_text(metrics->as_object(), "who"));
  const json::array& jobs = json_at(results, "jobs").as_array();
  std::string html = checks_table(jobs);
  const Trend trend(store, run);
  for (const json::value& job : jobs) html += job_section(job.as_object(), trend);
  return html_page(run.graph + " " + run.period + ": " + verdict,
                   run.graph + " " + run.period + ", run " + run.id + ": " + verdict, lines, html);
}

}  // namespace tallymill
