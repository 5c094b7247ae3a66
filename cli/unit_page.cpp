#include "cli/unit_page.h"

#include <algorithm>
#include <array>

#include "cli/case_runner.h"
#include "core/text.h"
#include "rules/check_suite.h"
#include "rules/decision_table.h"
#include "rules/param_table.h"
#include "rules/rule_kind.h"
#include "scheduler/file_options.h"

namespace tallymill {
namespace {

/// "csv, json"; marks in quotes: "',', ';', tab".
std::string choices_text(const std::vector<std::string>& choices) {
  std::vector<std::string> shown;
  for (const std::string& choice : choices)
    shown.push_back(is_identifier(choice) || choice.size() > 1 ? choice : "'" + choice + "'");
  return join(shown, ", ");
}

/// One line of an options table.
struct OptionRow {
  std::string name;
  const OptionSpec* spec;
};

void add_rows(const OptionSpec& spec, const std::string& name, std::vector<OptionRow>& rows);

/// Rows for what stands inside a value of `spec`, which itself has its row already.
void add_inner_rows(const OptionSpec& spec, const std::string& name, std::vector<OptionRow>& rows) {
  switch (spec.kind) {
    case OptionKind::object:
      for (const OptionSpec& field : spec.fields) add_rows(field, name + "." + field.name, rows);
      return;
    case OptionKind::list:
      for (const OptionSpec& element : spec.fields) add_inner_rows(element, name + "[]", rows);
      return;
    case OptionKind::map:
      for (const OptionSpec& value : spec.fields) add_inner_rows(value, name + ".<name>", rows);
      return;
    case OptionKind::either:
      for (const OptionSpec& alternative : spec.fields) add_inner_rows(alternative, name, rows);
      return;
    default:
      return;
  }
}

void add_rows(const OptionSpec& spec, const std::string& name, std::vector<OptionRow>& rows) {
  // Alternatives may share keys: the first one describes them.
  const bool is_known =
      std::any_of(rows.begin(), rows.end(), [&](const OptionRow& row) { return row.name == name; });
  if (!is_known) rows.push_back({name, &spec});
  add_inner_rows(spec, name, rows);
}

std::vector<OptionRow> rows_of(const UnitPage::Section& section) {
  std::vector<OptionRow> rows;
  for (const OptionSpec& spec : section.options) add_rows(spec, spec.name, rows);
  return rows;
}

using Cells = std::array<std::string, 5>;

std::vector<Cells> table_of(const UnitPage::Section& section) {
  std::vector<Cells> table{{"option", "kind", "required", "default", "meaning"}};
  for (const OptionRow& row : rows_of(section))
    table.push_back({row.name, kind_text(*row.spec), row.spec->required ? "yes" : "no",
                     row.spec->default_text, row.spec->summary});
  return table;
}

std::string aligned(const std::vector<Cells>& table) {
  std::array<std::size_t, 5> width{};
  for (const Cells& row : table)
    for (std::size_t i = 0; i < row.size(); ++i)
      width[i] = std::max(width[i], display_width(row[i]));
  std::string text;
  for (const Cells& row : table) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += "  " + row[i] + std::string(width[i] - display_width(row[i]), ' ');
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  return text;
}

/// Text of a cell: `|` ends no column, and `<name>` is no HTML tag.
std::string markdown_cell(const std::string& cell) {
  std::string escaped;
  bool is_code = false;
  for (const char c : cell) {
    if (c == '`') is_code = !is_code;
    if (c == '|' || (c == '<' && !is_code)) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string markdown_row(const Cells& cells) {
  std::string line = "|";
  for (const std::string& cell : cells)
    line += cell.empty() ? " |" : " " + markdown_cell(cell) + " |";
  return line + "\n";
}

json::array options_json(const std::vector<OptionSpec>& options) {
  json::array array;
  for (const OptionSpec& spec : options) {
    json::object object{{"name", spec.name},
                        {"kind", kind_text(spec)},
                        {"required", spec.required},
                        {"default", spec.default_text},
                        {"summary", spec.summary}};
    if (!spec.fields.empty()) object["fields"] = options_json(spec.fields);
    array.push_back(std::move(object));
  }
  return array;
}

void add_file_pages(std::vector<UnitPage>& pages) {
  pages.push_back({"file",
                   "workspace",
                   "tallymill.yaml, which makes a folder a workspace.",
                   {},
                   {{"options", workspace_options()}}});
  pages.push_back({"file",
                   "graph",
                   "graphs/<name>.yaml, a graph of jobs.",
                   {},
                   {{"options", graph_options()}, {"options of each param", param_options()}}});
  pages.push_back({"file",
                   "common",
                   "The keys every job may have beside those of its type.",
                   {},
                   {{"options", common_job_options()}}});
  pages.push_back({"file",
                   "decision_table",
                   "rules/<name>.yaml or .csv, a rule written as a table.",
                   {},
                   {{"options", decision_table_options()}}});
  pages.push_back({"file",
                   "parameter_table",
                   "params/<name>.yaml or .csv, values that differ by org and change over time.",
                   {},
                   {{"options", param_table_options()}}});
  pages.push_back({"file",
                   "case",
                   "tests/<case>/case.yaml, a case that 'tallymill test' runs.",
                   {},
                   {{"options", case_options()}}});
}

void add_rule_pages(std::vector<UnitPage>& pages) {
  for (const RuleKindShape& shape : rule_kinds())
    pages.push_back({"rule",
                     std::string(shape.name) + "_rule",
                     std::string(shape.summary),
                     {},
                     {{"fields", rule_fields(shape)}}});
}

}  // namespace

std::string kind_text(const OptionSpec& option) {
  constexpr std::array<std::string_view, 13> kWords{
      "text",   "name",    "integer",    "ratio", "decimal", "boolean", "duration",
      "column", "columns", "expression", "sql",   "path",    "choice"};
  switch (option.kind) {
    case OptionKind::choice:
      return choices_text(option.choices);
    case OptionKind::list:
      return option.fields.empty() ? "list" : "list of " + kind_text(option.fields[0]);
    case OptionKind::map:
      return option.fields.empty() || option.fields[0].kind == OptionKind::any
                 ? "mapping"
                 : "mapping to " + kind_text(option.fields[0]);
    case OptionKind::object:
      return "mapping";
    case OptionKind::unit:
      return option.units;
    case OptionKind::any:
      return "any";
    case OptionKind::either: {
      std::vector<std::string> kinds;
      for (const OptionSpec& field : option.fields)
        if (std::string kind = kind_text(field);
            std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
          kinds.push_back(std::move(kind));
      return join(kinds, " or ");
    }
    default:
      return std::string(kWords[static_cast<std::size_t>(option.kind)]);
  }
}

std::vector<UnitPage> unit_pages(const UnitCatalog& catalog) {
  std::vector<UnitPage> pages;
  for (const auto& [name, unit] : catalog.checks())
    pages.push_back({"check", name, unit.summary, unit.main, {{"options", check_options(unit)}}});
  for (const auto& [name, unit] : catalog.connectors())
    pages.push_back({"connector",
                     name,
                     unit.summary,
                     {},
                     {{"options in tallymill.yaml", unit.options},
                      {"options in 'from:' of an extract", unit.from_options},
                      {"options in 'to:' of an export", unit.to_options},
                      {"options in 'table:' of a compare_table", unit.compare_options}}});
  add_file_pages(pages);
  for (const auto& [name, unit] : catalog.jobs())
    pages.push_back({"job", name, unit.summary, {}, {{"options", unit.options}}});
  add_rule_pages(pages);
  for (const auto& [name, unit] : catalog.steps())
    pages.push_back(
        {"step",
         name,
         unit.summary,
         unit.main,
         {{unit.keys_are_columns ? "options of each column" : "options", unit.options}}});
  return pages;
}

std::string page_text(const UnitPage& page) {
  std::string text = page.kind + " " + page.name + ": " + page.summary + "\n";
  for (const UnitPage::Section& section : page.sections) {
    if (section.options.empty()) continue;
    text += "\n" + section.title + "\n" + aligned(table_of(section));
  }
  if (!page.main.empty())
    text += "\nThe option '" + page.main + "' may stand alone: '" + page.name + ": ...' says '" +
            page.name + ": { " + page.main + ": ... }'.\n";
  if (page.kind == "rule")
    text += "\nrules/<name>.lua returns t." + page.name +
            " { ... }, where t is require \"tallymill\".\n";
  if (page.kind == "job") text += "\n'tallymill explain common' shows the keys every job has.\n";
  return text;
}

std::string page_markdown(const UnitPage& page) {
  std::string text;
  for (const UnitPage::Section& section : page.sections) {
    if (section.options.empty()) continue;
    if (page.sections.size() > 1)
      text += (text.empty() ? "O" : "\nO") + section.title.substr(1) + ":\n\n";
    std::vector<Cells> table = table_of(section);
    text += markdown_row(table.front()) + "|---|---|---|---|---|\n";
    for (std::size_t i = 1; i < table.size(); ++i) text += markdown_row(table[i]);
  }
  return text;
}

json::object page_json(const UnitPage& page) {
  json::object sections;
  for (const UnitPage::Section& section : page.sections)
    sections[section.title] = options_json(section.options);
  return {{"kind", page.kind},
          {"name", page.name},
          {"summary", page.summary},
          {"main", page.main},
          {"sections", std::move(sections)}};
}

}  // namespace tallymill
