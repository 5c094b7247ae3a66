#include "rules/rule_requirements.h"

#include <algorithm>

#include "core/text.h"
#include "rules/decision_reader.h"
#include "rules/lua_tokens.h"
#include "rules/param_table.h"
#include "rules/rule_outline.h"

namespace tallymill {
namespace {

/// A parameter table a rule names.
struct TableName {
  std::string name;
  SourcePosition where;
  bool has_default = false;  ///< the parameter has one
};

/// `table = "x"` inside `t.param { ... }`, from the tokens: no rule runs for this.
std::vector<TableName> tables_of_lua(const std::string& path, const std::string& text) {
  std::vector<TableName> tables;
  const std::vector<LuaToken> tokens = lua_tokens(text);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!tokens[i].is("param")) continue;
    std::size_t at = tokens[i + 1].is("(") ? i + 2 : i + 1;
    if (at >= tokens.size() || !tokens[at].is("{")) continue;
    const std::size_t first = tables.size();
    bool has_default = false;
    for (int depth = 0; at + 3 < tokens.size(); ++at) {
      if (tokens[at].is("{")) ++depth;
      if (tokens[at].is("}") && --depth == 0) break;
      if (depth != 1 || !tokens[at + 1].is("=")) continue;
      has_default = has_default || tokens[at].is("default");
      if (tokens[at].is("table") && tokens[at + 2].kind == LuaToken::Kind::text)
        tables.push_back(
            {std::string(text_content(tokens[at + 2])), position_of(path, tokens[at + 2])});
    }
    for (std::size_t table = first; table < tables.size(); ++table)
      tables[table].has_default = has_default;
  }
  return tables;
}

}  // namespace

std::optional<std::string> find_rule_file(const std::string& name, const FileReader& read,
                                          Diagnostics& diagnostics) {
  std::vector<std::string> found;
  for (const std::string& path : rule_paths(name))
    if (auto text = read(path)) {
      diagnostics.add_source(path, std::make_shared<const std::string>(std::move(*text)));
      found.push_back(path);
    }
  if (found.empty()) return std::nullopt;
  if (found.size() == 1) return found.front();
  for (std::size_t i = 1; i < found.size(); ++i)
    diagnostics.error({found[i], 1, 1, 1}, "rule '" + name + "' stands in " + found[0] + ", too",
                      "rename or remove one of them");
  return std::nullopt;
}

std::optional<std::string> find_param_table(const std::string& name, const SourcePosition& where,
                                            const FileReader& read, Diagnostics& diagnostics) {
  const std::string csv = std::string(kParamFolder) + name + ".csv";
  const std::string yaml = std::string(kParamFolder) + name + ".yaml";
  const bool has_csv = is_identifier(name) && read(csv).has_value();
  const bool has_yaml = is_identifier(name) && read(yaml).has_value();
  if (has_csv != has_yaml) return has_csv ? csv : yaml;
  if (has_csv)
    diagnostics.error(where,
                      "parameter table '" + name + "' stands in both " + csv + " and " + yaml,
                      "rename or remove one of them");
  else
    diagnostics.error(where, "there is no parameter table '" + name + "'",
                      "it would stand in " + csv + " or " + yaml);
  return std::nullopt;
}

std::vector<FileUse> rule_requirements(const std::string& path, const std::string& text,
                                       const FileReader& read, Diagnostics& diagnostics) {
  std::vector<FileUse> files;
  const auto add = [&](const std::string& file, const SourcePosition& where) {
    const bool is_new = std::none_of(files.begin(), files.end(),
                                     [&](const FileUse& use) { return use.path == file; });
    if (is_new) files.push_back({file, where});
  };
  diagnostics.add_source(path, std::make_shared<const std::string>(text));
  if (!path.ends_with(".lua")) return files;
  for (const TableName& table : tables_of_lua(path, text)) {
    const auto file = find_param_table(table.name, table.where, read, diagnostics);
    if (!file) continue;
    add(*file, table.where);
    for (const std::string& other : param_table_files(*file, read(*file).value_or("")))
      if (read(other)) add(other, table.where);  // reading the table reports it otherwise
  }
  return files;
}

void check_param_period(const std::string& path, const Period& period, const FileReader& read,
                        int currency_scale, Diagnostics& diagnostics) {
  if (!path.ends_with(".lua")) return;
  const std::string rule = read(path).value_or("");
  Diagnostics ignored;  // loading has reported
  for (const TableName& table : tables_of_lua(path, rule)) {
    const auto file = find_param_table(table.name, table.where, read, ignored);
    if (!file) {
      diagnostics.add_source(path, std::make_shared<const std::string>(rule));
      diagnostics.error(
          table.where,
          "the version of the rule that counts for " + period.text() + " names parameter table '" +
              table.name + "', which the rule's file as it stands does not",
          "let the file name it as long as that version counts, or activate one from " +
              period.text() + " on that does without it");
      continue;
    }
    if (table.has_default) continue;
    const std::string text = read(*file).value_or("");
    FileTexts files;
    for (const std::string& other : param_table_files(*file, text))
      files[other] = read(other).value_or("");
    const auto values = ParamTable::read(*file, text, files, currency_scale, ignored);
    if (values == nullptr) continue;
    diagnostics.add_source(*file, std::make_shared<const std::string>(text));
    values->check_period(period, diagnostics);
  }
}

std::vector<FileUse> judge_rule_tables(const std::string& path, const FileReader& read,
                                       int currency_scale, Diagnostics& diagnostics) {
  std::vector<FileUse> files = rule_requirements(path, read(path).value_or(""), read, diagnostics);
  FileTexts texts;
  for (const FileUse& file : files) texts[file.path] = read(file.path).value_or("");
  read_param_tables(texts, currency_scale, diagnostics);
  if (!path.ends_with(".lua"))
    read_decision_table(rule_name_of(path), path, read(path).value_or(""), currency_scale,
                        diagnostics);
  return files;
}

}  // namespace tallymill
