#include "cli/rule_stubs.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "datasets/type.h"
#include "rules/lua_library.h"
#include "rules/rule_kind.h"

namespace tallymill {
namespace {

constexpr std::string_view kRules = "rules/";
constexpr std::string_view kExtension = ".lua";

/// The class of Lua's values of a column.
std::string lua_class(const Type& type) {
  switch (type.kind) {
    case TypeKind::text:
      return "string";
    case TypeKind::ratio:
      return "number";
    case TypeKind::boolean:
      return "boolean";
    case TypeKind::enumeration: {
      std::vector<std::string> values;
      for (const std::string& value : type.values)
        values.push_back(json::serialize(json::value(value)));
      return join(values, "|");
    }
    default:
      return "integer";
  }
}

std::string dataset_class(const std::string& name, const Schema& schema) {
  std::string text = "\n---@class dataset." + name + "\n";
  for (const Column& column : schema.columns)
    if (is_identifier(column.name))
      text += "---@field " + column.name + " " + lua_class(column.type) + " " + column.type.name() +
              "\n";
  return text;
}

/// The datasets that jobs use each rule with: rows of a step may have columns of both sides.
std::map<std::string, std::set<std::string>> datasets_of_rules(const Workspace& workspace) {
  std::map<std::string, std::set<std::string>> result;
  for (const auto& entry : workspace.graphs) {
    for (const JobNode& job : entry.second->jobs) {
      for (const FileUse& use : job.shape.files) {
        if (!use.path.starts_with(kRules) || !use.path.ends_with(kExtension)) continue;
        const std::string rule =
            use.path.substr(kRules.size(), use.path.size() - kRules.size() - kExtension.size());
        for (const DatasetUse& dataset : job.shape.inputs) result[rule].insert(dataset.dataset);
        for (const DatasetUse& dataset : job.shape.outputs) result[rule].insert(dataset.dataset);
      }
    }
  }
  return result;
}

std::string rows_text(const Workspace& workspace, const json::object& schemas) {
  std::string text =
      "---@meta\n"
      "-- Made by 'tallymill rules stubs' from the columns of the graphs; it is written anew each "
      "time.\n";
  for (const auto& entry : schemas)
    text += dataset_class(entry.key(), Schema::from_json(entry.value().as_object()));
  for (const auto& [rule, datasets] : datasets_of_rules(workspace)) {
    std::vector<std::string> parents;
    for (const std::string& name : datasets)
      if (schemas.contains(name)) parents.push_back("dataset." + name);
    if (!parents.empty())
      text += "\n--- Rows that graphs give to rules/" + rule + ".lua.\n---@class rows." + rule +
              ": " + join(parents, ", ") + "\n";
  }
  return text;
}

std::string field_class(const OptionSpec& field, const RuleKindShape& shape) {
  if (field.name == shape.function) {
    if (shape.kind == RuleKind::group)
      return "fun(rows: any[], p: any): tallymill.Verdict|tallymill.Verdict[]|nil";
    const std::string given = shape.kind == RuleKind::check       ? "tallymill.Verdict?"
                              : shape.kind == RuleKind::transform ? "table?"
                              : shape.kind == RuleKind::threshold ? "tallymill.Verdict|string|nil"
                              : shape.kind == RuleKind::score     ? "table<string, number>?"
                              : shape.kind == RuleKind::classify  ? "string|string[]|nil"
                                                                  : "string?";
    return "fun(row: any, p: any): " + given;
  }
  switch (field.kind) {
    case OptionKind::map:
      return field.name == "params" ? "table<string, any>" : "table<string, string>";
    case OptionKind::list:
      return field.name == "tests" ? "tallymill.Test[]" : "string[]";
    case OptionKind::boolean:
      return "boolean";
    default:
      return "string";
  }
}

/// The constructors of rules, which lua/tallymill/kinds.lua makes in a loop no editor sees through.
std::string kinds_text() {
  std::string text =
      "---@meta tallymill.kinds\n\nlocal kinds = {}\n\n"
      "---@class tallymill.Rule\n\n"
      "---@class tallymill.Test\n"
      "---@field name? string\n"
      "---@field given table<string, any>|table<string, any>[]\n"
      "---@field params? table<string, any>\n"
      "---@field expect string|number|string[]|table<string, any>\n"
      "---@field message? string\n";
  for (const RuleKindShape& shape : rule_kinds()) {
    const std::string name(shape.name);
    text += "\n---@class tallymill." + name + "_rule\n";
    for (const OptionSpec& field : rule_fields(shape))
      text += "---@field " + field.name + (field.required ? " " : "? ") +
              field_class(field, shape) + " " + field.summary + "\n";
    text += "\n--- " + std::string(shape.summary) + "\n---@param fields tallymill." + name +
            "_rule\n---@return tallymill.Rule\nfunction kinds." + name + "_rule(fields) end\n";
  }
  return text +
         "\n--- A parameter whose type cannot be seen from a literal.\n"
         "---@param fields { type: string, default?: any, doc?: string, table?: string, by?: "
         "string, column?: string }\n"
         "---@return any\nfunction kinds.param(fields) end\n\nreturn kinds\n";
}

std::string in_folder(std::string_view file) {
  std::string path(kStubFolder);
  return path.append("/").append(file);
}

std::string path_of(std::string_view module) {
  std::string path = in_folder(module);
  std::replace(path.begin() + static_cast<std::ptrdiff_t>(path.find('/')), path.end(), '.', '/');
  return path.append(".lua");
}

}  // namespace

std::map<std::string, std::string> rule_stubs(const Workspace& workspace,
                                              const json::object& schemas) {
  std::map<std::string, std::string> files;
  for (const LuaModule& module : lua_library())
    if (module.name.starts_with("tallymill")) files[path_of(module.name)] = module.text;
  files[path_of("tallymill.kinds")] = kinds_text();
  files[path_of("rows")] = rows_text(workspace, schemas);
  files[in_folder(".gitignore")] = "*\n";
  return files;
}

std::map<std::string, std::string> rule_editor_settings() {
  return {{".luarc.json", R"({
  "runtime.version": "LuaJIT",
  "workspace.library": [".luals"],
  "workspace.ignoreDir": [".tallymill"]
}
)"},
          {".luacheckrc", R"(-- What rules may use: docs/rules/sandbox.md.
stds.tallymill = {
  read_globals = {
    "assert", "bit", "error", "ipairs", "pairs", "pcall", "require", "select", "string", "table",
    "tonumber", "tostring", "type", "unpack", "xpcall",
    math = {
      fields = {
        "abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod",
        "frexp", "huge", "ldexp", "log", "log10", "max", "min", "modf", "pi", "pow", "rad", "sin",
        "sinh", "sqrt", "tan", "tanh",
      },
    },
  },
}
std = "tallymill"
max_line_length = 130
unused_args = false -- a rule's function takes row and p, used or not
exclude_files = { ".luals", ".tallymill" }
)"}};
}

}  // namespace tallymill
