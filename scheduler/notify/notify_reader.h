#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/options.h"
#include "core/yaml.h"
#include "scheduler/notify/notification.h"

namespace tallymill {

/// `channels:` of tallymill.yaml and `notify:` of it and of graphs, for workspace_options() and
/// graph_options().
OptionSpec channels_option();
OptionSpec notify_option();
/// The options of a channel by its type: command, mail, webhook.
const std::map<std::string, std::vector<OptionSpec>>& channel_types();

/// `channels:`, with every problem where it stands.
std::map<std::string, NotifyChannel> read_channels(YamlNode node, Diagnostics& diagnostics);

/// `notify:`; a name that is no channel is reported with the nearest one.
NotifyRules read_notify(YamlNode node, const std::map<std::string, NotifyChannel>& channels,
                        Diagnostics& diagnostics);

}  // namespace tallymill
