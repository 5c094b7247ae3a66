#include "worker/pinned_rule.h"

#include "core/error.h"
#include "rules/rule_requirements.h"
#include "worker/pinned_table.h"

namespace tallymill {
namespace {

RuleSource with_requirements(const std::string& name, const std::string& path,
                             const FileReader& read, Diagnostics& diagnostics) {
  const auto text = read(path);
  if (!text) throw Error(ErrorClass::bug, "the task does not carry " + path);
  RuleSource source{.name = name, .file = path, .text = *text};
  for (const FileUse& use : rule_requirements(path, source.text, read, diagnostics))
    source.files[use.path] = read(use.path).value();
  return source;
}

}  // namespace

std::optional<RuleSource> pinned_rule(const Task& task, const std::string& name,
                                      Diagnostics& diagnostics) {
  const FileReader read = [&](const std::string& path) { return read_pinned(task, path); };
  const auto path = find_rule_file(name, read, diagnostics);
  if (!path) return std::nullopt;
  return with_requirements(name, *path, read, diagnostics);
}

RuleSource pinned_version(const Task& task, const std::string& file, bool is_shadow,
                          Diagnostics& diagnostics) {
  const FileReader read = [&](const std::string& path) {
    auto text = is_shadow ? read_pinned(task, std::string(kShadowPrefix) + path) : std::nullopt;
    return text ? text : read_pinned(task, path);
  };
  if (is_shadow && !task.files.contains(std::string(kShadowPrefix) + file))
    throw Error(ErrorClass::bug, "the task does not carry another version of " + file);
  return with_requirements(rule_name_of(file), file, read, diagnostics);
}

}  // namespace tallymill
