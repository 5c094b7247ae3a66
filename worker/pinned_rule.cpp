#include "worker/pinned_rule.h"

#include "rules/rule_requirements.h"
#include "worker/pinned_table.h"

namespace tallymill {

std::optional<RuleSource> pinned_rule(const Task& task, const std::string& name,
                                      Diagnostics& diagnostics) {
  const FileReader read = [&](const std::string& path) { return read_pinned(task, path); };
  const auto path = find_rule_file(name, read, diagnostics);
  if (!path) return std::nullopt;
  RuleSource source{.name = name, .file = *path, .text = read(*path).value()};
  for (const FileUse& use : rule_requirements(*path, source.text, read, diagnostics))
    source.files[use.path] = read(use.path).value();
  return source;
}

}  // namespace tallymill
