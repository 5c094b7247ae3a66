#include "scheduler/notify/notify_reader.h"

#include <algorithm>

#include "core/text.h"
#include "scheduler/option_words.h"

namespace tallymill {
namespace {

OptionSpec timeout_option() {
  return option("timeout", OptionKind::duration, "A delivery that takes longer is tried again.",
                "30s");
}

std::vector<OptionSpec> mail_options() {
  OptionSpec tls =
      option("tls", OptionKind::choice, "Whether the connection must be encrypted.", "required");
  tls.choices = {"required", "none"};
  return {required(option("server", OptionKind::text, "smtp://host:port, or smtps://host:port.")),
          required(option("from", OptionKind::text, "The sender's address.")),
          required(list_of("to", OptionKind::text, "The receivers' addresses.")),
          option("user", OptionKind::text, "To log in with."),
          option("password", OptionKind::text, "${env:NAME}, never the word itself."),
          tls,
          timeout_option()};
}

std::vector<OptionSpec> webhook_options() {
  OptionSpec headers = option("headers", OptionKind::map, "More HTTP headers, e.g. Authorization.");
  headers.fields = {option("", OptionKind::text, "")};
  return {required(option("url", OptionKind::text, "http:// or https://; gets a POST of JSON.")),
          headers, timeout_option()};
}

std::vector<OptionSpec> command_options() {
  return {required(list_of("run", OptionKind::text,
                           "The program and its arguments; the message comes on its input.")),
          timeout_option()};
}

/// The values as plain JSON: what the courier needs to know, without places.
json::value plain(const YamlNode& node) {
  if (node.is_sequence()) {
    json::array list;
    for (std::size_t i = 0; i < node.size(); ++i) list.push_back(plain(node[i]));
    return list;
  }
  if (!node.is_mapping()) return json::value(node.text());
  json::object object;
  for (std::size_t i = 0; i < node.size(); ++i) object[node.key(i).text()] = plain(node[i]);
  return object;
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> schemes) {
  return std::any_of(schemes.begin(), schemes.end(),
                     [&](std::string_view scheme) { return text.starts_with(scheme); });
}

void check_values(const NotifyChannel& channel, const YamlNode& node, Diagnostics& diagnostics) {
  const auto refuse = [&](std::string_view key, const std::string& what, const std::string& hint) {
    diagnostics.error(node.find(key).position(), what, hint);
  };
  // Values of these keys may hold secrets: what was found is not repeated.
  if (channel.type == "mail" &&
      !starts_with_any(node.find("server").text(), {"smtp://", "smtps://"}))
    refuse("server", "option 'server' must begin with smtp:// or smtps://",
           "write e.g. smtp://mail.example.com:587");
  if (channel.type == "webhook" &&
      !starts_with_any(node.find("url").text(), {"http://", "https://"}))
    refuse("url", "option 'url' must begin with http:// or https://", "");
  for (const std::string_view key : {"to", "run"})
    if (const YamlNode list = node.find(key); list && list.size() == 0)
      refuse(key, "option '" + std::string(key) + "' must have at least one entry", "");
}

void read_channel(const std::string& name, YamlNode key, YamlNode node,
                  std::map<std::string, NotifyChannel>& channels, Diagnostics& diagnostics) {
  NotifyChannel channel{.name = name, .type = std::string(node.find("type").text()), .spec = {}};
  channels[name] = channel;  // known by name also when its options are wrong
  if (!is_identifier(name))
    diagnostics.error(key.position(), "channel name '" + name +
                                          "' must be letters, digits and '_', not starting with a "
                                          "digit");
  std::vector<std::string> types;
  for (const auto& entry : channel_types()) types.push_back(entry.first);
  const auto type = channel_types().find(channel.type);
  if (type == channel_types().end()) {
    const YamlNode word = node.find("type");
    const std::string meant = did_you_mean(channel.type, types);
    diagnostics.error(word ? word.position() : node.position(),
                      word ? "unknown channel type '" + channel.type + "'"
                           : "channel '" + name + "' lacks the option 'type'",
                      meant.empty() ? "the types are " + join(types, ", ") : meant);
    return;
  }
  Diagnostics found;
  validate_options(node, type->second, "channel '" + name + "'", found, {"type"});
  const bool is_sound = !found.has_errors();
  diagnostics.add_all(found);
  if (!is_sound) return;
  check_values(channel, node, diagnostics);
  channel.spec = plain(node).as_object();
  channel.timeout = Options(node).duration("timeout", channel.timeout);
  channels[name] = std::move(channel);
}

}  // namespace

std::string_view to_string(NotificationKind kind) {
  constexpr std::array<std::string_view, 6> kNames{"failed",    "late",     "blocked",
                                                   "recovered", "finished", "findings"};
  return kNames[static_cast<std::size_t>(kind)];
}

const std::map<std::string, std::vector<OptionSpec>>& channel_types() {
  static const std::map<std::string, std::vector<OptionSpec>> types{
      {"command", command_options()}, {"mail", mail_options()}, {"webhook", webhook_options()}};
  return types;
}

OptionSpec channels_option() {
  OptionSpec spec = option("channels", OptionKind::map, "Ways to reach people, by name.");
  spec.fields = {option("", OptionKind::any,
                        "A mapping with `type:` command, mail or webhook, and its options.")};
  return spec;
}

OptionSpec notify_option() {
  constexpr std::array<std::string_view, 6> kWhen{
      "A job of a run has failed for good.",
      "A deadline has passed.",
      "A job cannot start: behind a failure, or a gate refused what it reads.",
      "A run ended well, and the one before it had failed.",
      "A run has ended, whatever it came to.",
      "A check, a reconciliation or a gate found something."};
  OptionSpec spec = option("notify", OptionKind::object, "Which channels are told of what.");
  for (const NotificationKind kind : kNotificationKinds) {
    const std::string name(to_string(kind));
    OptionSpec entry =
        option(name, OptionKind::either, std::string(kWhen[static_cast<std::size_t>(kind)]));
    entry.fields = {option(name, OptionKind::name, "One channel."),
                    list_of(name, OptionKind::name, "Several channels, or none.")};
    spec.fields.push_back(std::move(entry));
  }
  return spec;
}

std::map<std::string, NotifyChannel> read_channels(YamlNode node, Diagnostics& diagnostics) {
  std::map<std::string, NotifyChannel> channels;
  if (!node.is_mapping()) return channels;
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (!node[i].is_mapping()) {
      diagnostics.error(node[i].position(),
                        "a channel must be a mapping, got " + std::string(node[i].kind_name()),
                        "write at least 'type: ...'");
      continue;
    }
    read_channel(std::string(node.key(i).text()), node.key(i), node[i], channels, diagnostics);
  }
  return channels;
}

NotifyRules read_notify(YamlNode node, const std::map<std::string, NotifyChannel>& channels,
                        Diagnostics& diagnostics) {
  NotifyRules rules;
  if (!node.is_mapping()) return rules;
  std::vector<std::string> names;
  for (const auto& entry : channels) names.push_back(entry.first);
  for (const NotificationKind kind : kNotificationKinds) {
    const YamlNode value = node.find(to_string(kind));
    if (!value) continue;
    std::vector<std::string>& told = rules[kind];
    const std::size_t count = value.is_scalar() ? 1 : value.is_sequence() ? value.size() : 0;
    for (std::size_t i = 0; i < count; ++i) {
      const YamlNode word = value.is_scalar() ? value : value[i];
      const std::string name(word.text());
      told.push_back(name);
      if (channels.contains(name)) continue;
      const std::string meant = did_you_mean(name, names);
      diagnostics.error(word.position(), "there is no channel '" + name + "'",
                        !meant.empty()  ? meant
                        : names.empty() ? "declare it under 'channels:' of tallymill.yaml"
                                        : "the channels are " + join(names, ", "));
    }
  }
  return rules;
}

}  // namespace tallymill
