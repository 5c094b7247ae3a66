#include "core/rule_version.h"

#include "core/digest.h"

namespace tallymill {
namespace {

constexpr std::string_view kFolder = "rules/";
constexpr std::size_t kShortDigits = 10;

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

bool is_rule_file(std::string_view path) {
  return path.starts_with(kFolder) && path.find('/', kFolder.size()) == std::string_view::npos;
}

std::string rule_name_of(std::string_view path) {
  path.remove_prefix(kFolder.size());
  return std::string(path.substr(0, path.find('.')));
}

}  // namespace tallymill
