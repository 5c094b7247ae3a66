#include "core/rule_version.h"

#include <initializer_list>

#include "core/digest.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::size_t kShortDigits = 10;

/// The stem of a file right in `folder` with one of `endings`, if it is a name.
std::string stem_in(std::string_view folder, std::initializer_list<std::string_view> endings,
                    std::string_view path) {
  if (!path.starts_with(folder)) return {};
  path.remove_prefix(folder.size());
  for (const std::string_view ending : endings)
    if (path.ends_with(ending)) {
      const std::string_view stem = path.substr(0, path.size() - ending.size());
      return is_identifier(stem) ? std::string(stem) : std::string();
    }
  return {};
}

}  // namespace

std::string rule_version(const RulePart& rule, const std::vector<RulePart>& required,
                         int rule_abi) {
  Fingerprint version;
  version.add("tallymill rule " + std::to_string(rule_abi)).add(rule.file).add(rule.sha256);
  for (const RulePart& part : required) version.add(part.file).add(part.sha256);
  return version.hex();
}

std::string short_version(std::string_view version) {
  return std::string(version.substr(0, kShortDigits));
}

std::vector<std::string> rule_paths(std::string_view name) {
  const std::string stem = std::string(kRuleFolder) + std::string(name);
  return {stem + ".lua", stem + ".yaml", stem + ".csv"};
}

std::string rule_name_of(std::string_view path) {
  return stem_in(kRuleFolder, {".lua", ".yaml", ".csv"}, path);
}

std::string rule_subject_of(std::string_view path) {
  std::string rule = rule_name_of(path);
  if (!rule.empty()) return rule;
  const std::string table = stem_in(kParamFolder, {".csv", ".yaml"}, path);
  return table.empty() ? table : std::string(kParamFolder) + table;
}

std::string_view subject_word(std::string_view subject) {
  return subject.starts_with(kParamFolder) ? "parameter table" : "rule";
}

}  // namespace tallymill
