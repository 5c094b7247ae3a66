#include "cli/job_report.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cli/run_words.h"
#include "cli/text_table.h"
#include "core/text.h"

namespace tallymill {
namespace {

/// Longer lists are for programs.
constexpr std::size_t kMostLines = 20;

std::string cell_text(const json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_int64()) return group_digits(value.get_int64());
  return json::serialize(value);
}

bool is_scalar(const json::value& value) { return !value.is_object() && !value.is_array(); }

std::string titled(const std::string& title, const TextTable& table, std::size_t left_out) {
  if (table.empty()) return {};
  std::string text = "\n" + title + "\n" + table.text();
  if (left_out > 0)
    text += "  and " + group_digits(static_cast<std::int64_t>(left_out)) +
            " more, which --json shows\n";
  return text;
}

/// Objects alike as lines; the keys of the first are the columns.
std::string objects_text(const std::string& title, const json::array& objects) {
  if (objects.empty() || !objects.front().is_object()) return {};
  std::vector<TextTable::Column> columns;
  for (const auto& entry : objects.front().get_object())
    columns.push_back({std::string(entry.key()), entry.value().is_int64()});
  TextTable table(columns);
  for (std::size_t i = 0; i < std::min(objects.size(), kMostLines); ++i) {
    std::vector<std::string> line;
    for (const auto& entry : objects[i].as_object()) line.push_back(cell_text(entry.value()));
    table.add(std::move(line));
  }
  return titled(title, table, objects.size() - std::min(objects.size(), kMostLines));
}

/// {"duplicate": {"rows": 1, "first": 1}, ...} as lines with the name in front.
json::array named_objects(const json::object& object) {
  json::array lines;
  for (const auto& entry : object) {
    json::object line{{"name", json::string(entry.key())}};
    for (const auto& cell : entry.value().as_object()) line[cell.key()] = cell.value();
    lines.push_back(std::move(line));
  }
  return lines;
}

/// Of any report: single values first, then each list and each group of things alike as a table.
class ReportText {
 public:
  std::string text(const json::object& report) {
    add(report, "");
    return titled("report", values_, 0) + tables_;
  }

 private:
  void add(const json::object& object, const std::string& prefix) {
    for (const auto& entry : object) {
      const std::string name = prefix + std::string(entry.key());
      const json::value& value = entry.value();
      if (is_scalar(value))
        values_.add({name, cell_text(value)});
      else if (value.is_array())
        tables_ += objects_text(name, value.get_array());
      else if (is_table(value.get_object()))
        tables_ += objects_text(name, named_objects(value.get_object()));
      else
        add(value.get_object(), name + ".");
    }
  }

  static bool is_table(const json::object& object) {
    return !object.empty() && std::all_of(object.begin(), object.end(), [](const auto& entry) {
      const json::object* line = entry.value().if_object();
      return line != nullptr && std::all_of(line->begin(), line->end(), [](const auto& cell) {
               return is_scalar(cell.value());
             });
    });
  }

  TextTable values_{{{"what"}, {"is", true}}};
  std::string tables_;
};

void add_entries(const json::object& ledger, const std::string& side,
                 const std::vector<std::string>& amounts, TextTable& table) {
  for (const json::value& value : json_at(ledger, side).as_array()) {
    const json::object& entry = value.as_object();
    std::vector<std::string> line{side, json_text(entry, "name"),
                                  group_digits(json_integer(entry, "rows"))};
    for (const std::string& column : amounts)
      line.push_back(
          grouped_amount(json_text_or(json_at(entry, "amounts").as_object(), column, "")));
    table.add(std::move(line));
  }
}

/// What came in, what went out, and whether the two are equal.
std::string books_text(const json::object& ledger) {
  if (!ledger.contains("in")) return {};
  std::vector<TextTable::Column> columns{{"side"}, {"class"}, {"rows", true}};
  std::vector<std::string> amounts;
  for (const char* side : {"in", "out"})
    for (const json::value& entry : json_at(ledger, side).as_array())
      for (const auto& amount : json_at(entry.as_object(), "amounts").as_object())
        if (std::find(amounts.begin(), amounts.end(), amount.key()) == amounts.end())
          amounts.emplace_back(amount.key());
  for (const std::string& column : amounts) columns.push_back({column, true});
  TextTable table(columns);
  add_entries(ledger, "in", amounts, table);
  add_entries(ledger, "out", amounts, table);
  const bool balances = json_boolean(ledger, "balances");
  return "\nbooks, which " + std::string(balances ? "close" : "do not close") + "\n" + table.text();
}

std::string checks_text(const json::array& checks) {
  TextTable table({{"check"},
                   {"severity"},
                   {"verdict"},
                   {"checked", true},
                   {"failed", true},
                   {"warned", true},
                   {"not applicable", true},
                   {"found"},
                   {"expected"}});
  for (const json::value& value : checks) {
    const json::object& check = value.as_object();
    const auto count = [&](const char* key) { return group_digits(json_integer(check, key)); };
    table.add({json_text(check, "name"), json_text(check, "severity"), json_text(check, "verdict"),
               count("rows_checked"), count("rows_failed"), count("rows_warned"),
               count("rows_not_applicable"), json_text(check, "observed"),
               json_text(check, "expected")});
  }
  return titled("checks", table, 0);
}

/// With one digit behind the point.
std::string fixed(double value) {
  const std::string tenths = std::to_string(std::llround(value * 10));
  return value < 0.95
             ? "0." + tenths
             : tenths.substr(0, tenths.size() - 1) + "." + tenths.substr(tenths.size() - 1);
}

/// What rules did, and how fast: rules of a set share one loop over the rows.
std::string rules_text(const json::object& metrics) {
  const json::value* sets = metrics.if_contains("rules");
  if (sets == nullptr) return {};
  TextTable table({{"rule"},
                   {"kind"},
                   {"runs"},
                   {"evaluated", true},
                   {"hits", true},
                   {"not applicable", true},
                   {"errors", true},
                   {"ns a row", true},
                   {"rows a second", true},
                   {"note"}});
  for (const json::value& item : sets->as_array()) {
    const json::object& set = item.as_object();
    const json::array& rules = json_at(set, "rules").as_array();
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const json::object& rule = rules[i].as_object();
      const auto count = [&](const char* key) { return group_digits(json_integer(rule, key)); };
      std::vector<std::string> line{json_text(rule, "rule"),
                                    json_text(set, "kind"),
                                    json_text_or(set, "mode", ""),
                                    group_digits(json_integer(set, "rows")),
                                    count("hits"),
                                    count("not_applicable"),
                                    count("errors")};
      if (i == 0) {
        line.push_back(std::to_string(std::lround(json_at(set, "ns_per_row").to_number<double>())));
        line.push_back(group_digits(json_integer(set, "rows_per_second")));
      } else {
        line.insert(line.end(), {"with it", ""});
      }
      line.push_back(json_text(rule, "note"));
      table.add(std::move(line));
    }
  }
  return titled("rules", table, 0);
}

/// "a, b and 3 more": the JSON document has them all.
std::string some_of(const json::array& names, std::size_t most) {
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
    shown.emplace_back(names[i].as_string());
  const std::size_t more = names.size() - shown.size();
  return join(shown, ", ") + (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

}  // namespace

std::string check_costs(const json::object& result) {
  const json::value* passes = json_at(result, "metrics").as_object().if_contains("checks");
  if (passes == nullptr) return "\nno check of this attempt was timed\n";
  constexpr std::size_t kMostNames = 10;
  TextTable table({{"pass"},
                   {"rows", true},
                   {"ms", true},
                   {"ns a row", true},
                   {"checks", true},
                   {"ns a row and check", true},
                   {"which"}});
  for (const json::value& value : passes->as_array()) {
    const json::object& pass = value.as_object();
    const json::array& names = json_at(pass, "checks").as_array();
    const auto number = [&](const char* key) { return json_at(pass, key).to_number<double>(); };
    const auto checks = static_cast<double>(std::max<std::size_t>(names.size(), 1));
    table.add({json_text(pass, "pass"), group_digits(json_integer(pass, "rows")),
               fixed(number("seconds") * 1e3), fixed(number("ns_per_row")),
               std::to_string(names.size()), fixed(number("ns_per_row") / checks),
               some_of(names, kMostNames)});
  }
  return titled("cost of the checks, of which those of a pass share it", table, 0);
}

std::string job_report(const json::object& result) {
  const auto list = [&](const char* key) { return json_at(result, key).as_array(); };
  return books_text(json_at(result, "ledger").as_object()) + checks_text(list("checks")) +
         rules_text(json_at(result, "metrics").as_object()) +
         objects_text("indicators", list("indicators")) +
         ReportText().text(json_at(result, "report").as_object());
}

}  // namespace tallymill
