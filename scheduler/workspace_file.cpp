#include "scheduler/workspace_file.h"

#include <algorithm>
#include <cstdlib>

#include "core/options.h"
#include "core/text.h"
#include "scheduler/file_options.h"
#include "scheduler/notify/notify_reader.h"
#include "scheduler/schedule_reader.h"

namespace tallymill {
namespace {

constexpr std::string_view kOpening = "${env:";
constexpr int kMostSlots = 1024;
constexpr int kMostScale = 6;
constexpr std::int64_t kMostOutput = 1'000'000;

/// `text` with every `${env:...}` replaced. Values are not looked at again, so a value that looks
/// like a reference stays as it is.
std::string expand_environment(YamlNode node, const Environment& environment,
                               Diagnostics& diagnostics) {
  const std::string_view text = node.text();
  std::string result;
  std::size_t from = 0;
  for (std::size_t at; (at = text.find(kOpening, from)) != std::string_view::npos;) {
    result += text.substr(from, at - from);
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) {
      diagnostics.error(node.position(), "'${env:' is not closed", "write ${env:NAME}");
      return result;
    }
    const std::string_view inside = text.substr(at + kOpening.size(), end - at - kOpening.size());
    const std::size_t otherwise = inside.find(":-");
    const std::string name(inside.substr(0, otherwise));
    if (!is_identifier(name))
      diagnostics.error(node.position(), "'" + name + "' is no name of an environment variable",
                        "write ${env:NAME} or ${env:NAME:-default}");
    else if (const auto value = environment(name))
      result += *value;
    else if (otherwise != std::string_view::npos)
      result += inside.substr(otherwise + 2);
    else
      diagnostics.error(node.position(), "environment variable '" + name + "' is not set",
                        "set it, or give a default: ${env:" + name + ":-default}");
    from = end + 1;
  }
  return result += text.substr(from);
}

/// A copy with the environment in place; the document itself if it names none.
std::shared_ptr<const YamlDocument> expand(const std::shared_ptr<const YamlDocument>& document,
                                           const Environment& environment,
                                           Diagnostics& diagnostics) {
  if (document->text().find(kOpening) == std::string::npos) return document;
  return document->with_texts([&](YamlNode node) {
    return node.text().find(kOpening) == std::string_view::npos
               ? std::string(node.text())
               : expand_environment(node, environment, diagnostics);
  });
}

void read_currency(YamlNode node, Workspace& workspace, Diagnostics& diagnostics) {
  if (const YamlNode code = node.find("code"); code.is_scalar()) {
    const std::string_view text = code.text();
    const bool is_code = text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) {
                           return c >= 'A' && c <= 'Z';
                         });
    if (is_code)
      workspace.currency = text;
    else
      diagnostics.error(code.position(), "currency code must be three capital letters, got '" +
                                             std::string(text) + "'");
  }
  const YamlNode scale = node.find("scale");
  if (const auto digits = scale.as_integer()) {
    if (*digits >= 0 && *digits <= kMostScale)
      workspace.currency_scale = static_cast<int>(*digits);
    else
      diagnostics.error(scale.position(),
                        "currency scale must be from 0 to 6, got " + std::string(scale.text()));
  }
}

void read_slots(YamlNode node, Workspace& workspace, Diagnostics& diagnostics) {
  const auto slots = node.as_integer();
  if (!slots) return;
  if (*slots >= 1 && *slots <= kMostSlots)
    workspace.slots = static_cast<int>(*slots);
  else
    diagnostics.error(node.position(),
                      "option 'slots' must be from 1 to 1024, got " + std::string(node.text()));
}

void read_output_budget(YamlNode node, Workspace& workspace, Diagnostics& diagnostics) {
  const auto mebibytes = node.as_integer();
  if (!mebibytes) return;
  if (*mebibytes >= 1 && *mebibytes <= kMostOutput)
    workspace.output_bytes = static_cast<std::uint64_t>(*mebibytes) << 20;
  else
    diagnostics.error(node.position(), "option 'output_mib' must be from 1 to 1000000, got " +
                                           std::string(node.text()));
}

void read_resource_pools(YamlNode node, Workspace& workspace, Diagnostics& diagnostics) {
  for (std::size_t i = 0; node.is_mapping() && i < node.size(); ++i) {
    const std::string name(node.key(i).text());
    const auto size = node[i].as_integer();
    if (name == kAllSlots)
      diagnostics.error(node.key(i).position(),
                        "resource pool 'cpu' is what every job runs in; its size is 'slots'",
                        "set 'slots:' instead");
    else if (!is_identifier(name))
      diagnostics.error(node.key(i).position(),
                        "resource pool '" + name +
                            "' must be letters, digits and '_', not starting with a digit");
    else if (size && (*size < 1 || *size > kMostSlots))
      diagnostics.error(node[i].position(), "the size of resource pool '" + name +
                                                "' must be from 1 to 1024, got " +
                                                std::string(node[i].text()));
    else if (size)
      workspace.resource_pools[name] = static_cast<int>(*size);
  }
}

void read_connectors(YamlNode node, const JobCatalog& catalog, Workspace& workspace,
                     Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (!node.is_mapping()) return;
    const std::string name(node.key(i).text());
    if (!is_identifier(name))
      diagnostics.error(node.key(i).position(),
                        "connector name '" + name +
                            "' must be letters, digits and '_', not starting with a digit");
    catalog.check_connector(name, node[i], diagnostics);
    workspace.connectors[name] = {name, std::string(node[i].find("type").text()),
                                  node[i].to_json()};
  }
}

void read_socket(YamlNode root, Workspace& workspace, Diagnostics& diagnostics) {
  if (const YamlNode folder = root.find("socket_dir"); !folder.text().empty())
    workspace.socket_dir = (workspace.root / std::string(folder.text())).lexically_normal();
  const YamlNode group = root.find("operators_group");
  if (!group.is_scalar()) return;
  workspace.operators_group = group.text();
  if (workspace.socket_dir.empty())
    diagnostics.error(group.position(),
                      "'operators_group' needs 'socket_dir': the state folder is its owner's alone",
                      "add e.g. 'socket_dir: /run/tallymill'");
}

KeepRule read_keep_rule(YamlNode node, Diagnostics& diagnostics) {
  KeepRule rule;
  for (auto [key, value] : {std::pair{"days", &rule.days}, std::pair{"keep", &rule.keep}}) {
    const YamlNode number = node.find(key);
    *value = number.as_integer();
    if (*value && **value < 0)
      diagnostics.error(
          number.position(),
          "option '" + std::string(key) + "' must be 0 or more, got " + std::string(number.text()));
  }
  return rule;
}

void read_retention(YamlNode node, Workspace& workspace, Diagnostics& diagnostics) {
  if (!node.is_mapping()) return;
  workspace.retention = {.versions = read_keep_rule(node.find("versions"), diagnostics),
                         .logs = read_keep_rule(node.find("logs"), diagnostics),
                         .runs = read_keep_rule(node.find("runs"), diagnostics)};
}

void read_store(YamlNode node, Workspace& workspace, Diagnostics& diagnostics) {
  if (!node.is_mapping()) return;
  const bool is_server = node.find("type").text() == "postgresql";
  workspace.store = {.connect = std::string(node.find("connect").text()),
                     .password = std::string(node.find("password").text()),
                     .password_file = std::string(node.find("password_file").text())};
  if (is_server == workspace.store.connect.empty())
    diagnostics.error(node.position(),
                      is_server ? "a store of type postgresql needs 'connect'"
                                : "a store of type sqlite lies in the state folder",
                      is_server ? "write e.g. connect: host=db.example.org dbname=books"
                                : "leave 'connect' out, or write type: postgresql");
  if (!workspace.store.password.empty() && !workspace.store.password_file.empty())
    diagnostics.error(node.position(), "'password' and 'password_file' cannot both be given",
                      "keep one of them");
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

void read_workspace_file(std::string text, const Environment& environment,
                         const JobCatalog& catalog, Workspace& workspace,
                         Diagnostics& diagnostics) {
  workspace.state = workspace.root / ".tallymill";
  const std::string file(kWorkspaceFile);
  auto document = YamlDocument::parse(file, std::move(text), diagnostics);
  if (!document) return;
  document = expand(document, environment, diagnostics);
  const YamlNode root = document->root();
  if (!root.is_mapping()) {
    diagnostics.error(root.is_null() ? SourcePosition{file, 1, 1} : root.position(),
                      "the workspace file must be a mapping, got " + std::string(root.kind_name()),
                      "write at least 'workspace: name'");
    return;
  }
  validate_options(root, workspace_options(), "workspace", diagnostics);
  workspace.name = root.find("workspace").text();
  read_currency(root.find("currency"), workspace, diagnostics);
  read_slots(root.find("slots"), workspace, diagnostics);
  read_output_budget(root.find("output_mib"), workspace, diagnostics);
  read_resource_pools(root.find("resource_pools"), workspace, diagnostics);
  if (const YamlNode state = root.find("state"); !state.text().empty())
    workspace.state = (workspace.root / std::string(state.text())).lexically_normal();
  read_socket(root, workspace, diagnostics);
  workspace.zone = read_zone(root.find("timezone"), workspace.zone, diagnostics);
  if (const YamlNode calendar = root.find("calendar"); calendar.is_scalar()) {
    workspace.default_calendar = calendar.text();
    workspace.default_calendar_place = calendar.position();
  }
  read_retention(root.find("retention"), workspace, diagnostics);
  read_store(root.find("store"), workspace, diagnostics);
  workspace.rules_need_approval = root.find("rules").find("approval").text() == "required";
  read_connectors(root.find("connectors"), catalog, workspace, diagnostics);
  workspace.channels = read_channels(root.find("channels"), diagnostics);
  workspace.notify = read_notify(root.find("notify"), workspace.channels, diagnostics);
}

}  // namespace tallymill
