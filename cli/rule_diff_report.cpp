#include "cli/rule_diff_report.h"

#include <functional>
#include <vector>

#include "cli/run_words.h"
#include "cli/sheet.h"
#include "core/text.h"

namespace tallymill {
namespace {

std::string count(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? group_digits(value->get_int64()) : "";
}

std::vector<std::string> names_of(const json::object& object, const char* key) {
  std::vector<std::string> names;
  if (const json::value* value = object.if_contains(key); value && value->is_object())
    for (const auto& entry : value->get_object()) names.emplace_back(entry.key());
  return names;
}

std::string distinct_title(const json::object& difference) {
  std::vector<std::string> names;
  for (const json::value& name : json_at(difference, "distinct_by").as_array())
    names.emplace_back(name.as_string());
  return names.empty() ? "" : "distinct " + join(names, ", ");
}

/// "12.30" with its sign: what becomes of a value.
std::string signed_amount(const std::string& amount) {
  const std::string text = grouped_amount(amount);
  return text.starts_with('-') ? text : "+" + text;
}

void add_amounts(const json::object& group, const std::vector<std::string>& money,
                 const std::vector<std::string>& values, std::vector<std::string>& row) {
  for (const std::string& name : money)
    row.push_back(grouped_amount(json_text(json_at(group, "money").as_object(), name)));
  for (const std::string& name : values) {
    const json::object& value = json_at(json_at(group, "values").as_object(), name).as_object();
    row.push_back(grouped_amount(json_text(value, "was")));
    row.push_back(grouped_amount(json_text(value, "becomes")));
    row.push_back(signed_amount(json_text(value, "difference")));
  }
}

/// Groups with or without a column in front that they are told apart by.
Sheet groups_sheet(const json::object& difference, const json::array& groups, std::string title,
                   const std::string& by) {
  Sheet sheet{.title = std::move(title), .columns = {}, .rows = {}};
  const std::vector<std::string> money = names_of(difference, "money");
  const std::vector<std::string> values = names_of(difference, "values");
  if (!by.empty()) sheet.columns.push_back({by});
  sheet.columns.insert(sheet.columns.end(), {{"column"}, {"was"}, {"becomes"}, {"rows", true}});
  sheet.columns.push_back({distinct_title(difference), true});
  for (const std::string& name : money) sheet.columns.push_back({name, true});
  for (const std::string& name : values)
    sheet.columns.insert(
        sheet.columns.end(),
        {{name + " was", true}, {name + " becomes", true}, {name + " difference", true}});
  const auto add = [&](const json::object& group, std::vector<std::string> front) {
    front.push_back(count(group, "rows"));
    front.push_back(count(group, "distinct"));
    add_amounts(group, money, values, front);
    sheet.rows.push_back(std::move(front));
  };
  for (const json::value& item : groups) {
    const json::object& group = item.as_object();
    std::vector<std::string> front;
    if (!by.empty()) front.push_back(json_text(group, "by"));
    front.insert(front.end(),
                 {json_text(group, "what"), json_text(group, "was"), json_text(group, "becomes")});
    add(group, std::move(front));
  }
  if (by.empty() && groups.size() > 1) {
    json::object all = difference;
    all["rows"] = json_at(difference, "changed");
    add(all, {"", "all", ""});
  }
  return sheet;
}

Sheet verdicts_sheet(const json::object& difference) {
  Sheet sheet{
      "verdicts", {{"verdict"}, {"was", true}, {"becomes", true}, {"difference", true}}, {}};
  if (const json::value* verdicts = difference.if_contains("verdicts"))
    for (const json::value& item : verdicts->as_array()) {
      const json::object& verdict = item.as_object();
      const std::int64_t more = json_integer(verdict, "becomes") - json_integer(verdict, "was");
      sheet.rows.push_back({json_text(verdict, "verdict"), count(verdict, "was"),
                            count(verdict, "becomes"), (more > 0 ? "+" : "") + group_digits(more)});
    }
  return sheet;
}

Sheet jobs_sheet(const json::object& difference) {
  Sheet sheet{"where the rule was asked",
              {{"job"}, {"period"}, {"partition"}, {"rows", true}, {"changed", true}},
              {}};
  for (const json::value& item : json_at(difference, "jobs").as_array()) {
    const json::object& job = item.as_object();
    sheet.rows.push_back({json_text(job, "graph") + "." + json_text(job, "job"),
                          json_text(job, "period"), json_text(job, "partition"), count(job, "rows"),
                          count(job, "changed")});
  }
  return sheet;
}

Sheet gaps_sheet(const json::object& difference) {
  Sheet sheet{"not looked at", {{"job"}, {"period"}, {"why"}}, {}};
  for (const json::value& item : json_at(difference, "not_looked_at").as_array()) {
    const json::object& gap = item.as_object();
    sheet.rows.push_back({json_text(gap, "graph") + "." + json_text(gap, "job"),
                          json_text(gap, "period"), json_text(gap, "why")});
  }
  return sheet;
}

std::string cell(const json::value& value) {
  return value.is_string() ? std::string(value.get_string())
         : value.is_null() ? ""
                           : json::serialize(value);
}

/// One sheet per kind of difference: some of its rows.
std::vector<Sheet> sample_sheets(const json::object& difference) {
  std::vector<Sheet> sheets;
  for (const json::value& item : json_at(difference, "groups").as_array()) {
    const json::object& group = item.as_object();
    const json::value* samples = group.if_contains("samples");
    if (samples == nullptr || samples->as_array().empty()) continue;
    const std::string what = json_text(group, "what");
    Sheet sheet{.title = (what.empty() ? "" : what + ": ") + json_text(group, "was") + " -> " +
                         json_text(group, "becomes"),
                .columns = {{"period"}},
                .rows = {}};
    for (const auto& entry : json_at(samples->as_array().front().as_object(), "row").as_object())
      sheet.columns.push_back({std::string(entry.key())});
    sheet.columns.insert(sheet.columns.end(), {{"said"}, {"says"}});
    for (const json::value& sample : samples->as_array()) {
      const json::object& fields = sample.as_object();
      std::vector<std::string> row{json_text(fields, "period")};
      for (const auto& entry : json_at(fields, "row").as_object())
        row.push_back(cell(entry.value()));
      row.resize(sheet.columns.size() - 2);
      row.push_back(cell(json_at(fields, "was_message")));
      row.push_back(cell(json_at(fields, "becomes_message")));
      sheet.rows.push_back(std::move(row));
    }
    sheets.push_back(std::move(sheet));
  }
  return sheets;
}

std::string head_line(const json::object& difference) {
  return "rule " + json_text(difference, "rule") + ": " +
         json_text(json_at(difference, "old").as_object(), "label") + " -> " +
         json_text(json_at(difference, "new").as_object(), "label");
}

/// "with params/rates.csv as it stands, other than what ran last", or nothing.
std::string params_line(const json::object& difference) {
  std::vector<std::string> changed;
  for (const json::value& path : json_at(difference, "changed_params").as_array())
    changed.emplace_back(path.as_string());
  return changed.empty()
             ? ""
             : "with " + join(changed, ", ") + " as it stands, other than what ran last";
}

std::string sum_line(const json::object& difference) {
  const std::int64_t changed = json_integer(difference, "changed");
  std::string line = json_text(difference, "from");
  if (json_text(difference, "to") != line) line += ".." + json_text(difference, "to");
  line += ": of " + count(difference, "rows") + " rows " +
          (changed == 0 ? std::string("none changes")
                        : group_digits(changed) + (changed == 1 ? " changes" : " change"));
  const std::string distinct = distinct_title(difference);
  if (changed > 0 && !distinct.empty())
    line += ", " + count(difference, "distinct") + " " + distinct;
  return line;
}

std::vector<Sheet> sheets_of(const json::object& difference) {
  std::vector<Sheet> sheets{verdicts_sheet(difference)};
  sheets.push_back(
      groups_sheet(difference, json_at(difference, "groups").as_array(), "what changes", ""));
  if (const json::value* by = difference.if_contains("by")) {
    const json::object& apart = by->as_object();
    sheets.push_back(groups_sheet(difference, json_at(apart, "groups").as_array(),
                                  "by " + json_text(apart, "column"), json_text(apart, "column")));
  }
  for (Sheet& sheet : sample_sheets(difference)) sheets.push_back(std::move(sheet));
  sheets.push_back(jobs_sheet(difference));
  sheets.push_back(gaps_sheet(difference));
  return sheets;
}

}  // namespace

std::string rule_diff_text(const json::object& difference) {
  std::string text = head_line(difference) + "\n";
  if (const std::string line = params_line(difference); !line.empty()) text += line + "\n";
  return text + sum_line(difference) + "\n" + sheets_text(sheets_of(difference));
}

std::string rule_diff_page(const json::object& difference) {
  std::vector<std::string> lines{sum_line(difference)};
  if (std::string line = params_line(difference); !line.empty()) lines.push_back(std::move(line));
  std::string body = sheets_html(sheets_of(difference));
  for (const char* side : {"old", "new"})
    body += "<h2>the " + std::string(side) + " text</h2>\n<pre>" +
            html_escaped(json_text(json_at(difference, side).as_object(), "text")) + "</pre>\n";
  return html_page("rule " + json_text(difference, "rule"), head_line(difference), lines, body);
}

}  // namespace tallymill
