#include "scheduler/notify/notify_reader.h"

#include <doctest/doctest.h>

#include "core/yaml.h"

using namespace tallymill;

namespace {

struct Read {
  std::map<std::string, NotifyChannel> channels;
  NotifyRules rules;
  std::string problems;
};

Read read(const std::string& text) {
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("tallymill.yaml", text, diagnostics);
  REQUIRE(document);
  Read result;
  const YamlNode root = document->root();
  validate_options(root, {channels_option(), notify_option()}, "workspace", diagnostics);
  result.channels = read_channels(root.find("channels"), diagnostics);
  result.rules = read_notify(root.find("notify"), result.channels, diagnostics);
  for (const Diagnostic& problem : diagnostics.sorted())
    result.problems += std::to_string(problem.where.line) + ":" +
                       std::to_string(problem.where.column) + " " + problem.message + "; " +
                       problem.hint + "\n";
  return result;
}

}  // namespace

TEST_CASE("notify: channels of every type, one or several of them per kind") {
  const Read found = read(
      "channels:\n"
      "  ops: { type: mail, server: \"smtp://mail:25\", from: a@b, to: [c@d], tls: none }\n"
      "  hook: { type: webhook, url: \"https://x/\", headers: { Authorization: t }, timeout: 5s }\n"
      "  page: { type: command, run: [page, --loud] }\n"
      "notify:\n"
      "  failed: [ops, hook]\n"
      "  late: page\n"
      "  finished: []\n");
  CHECK(found.problems == "");
  CHECK(found.channels.at("hook").timeout == std::chrono::seconds(5));
  CHECK(found.channels.at("page").timeout == std::chrono::seconds(30));
  CHECK(found.channels.at("page").spec.at("run").as_array().size() == 2);
  CHECK(found.rules.at(NotificationKind::failed) == std::vector<std::string>{"ops", "hook"});
  CHECK(found.rules.at(NotificationKind::late) == std::vector<std::string>{"page"});
  CHECK(found.rules.at(NotificationKind::finished).empty());
  CHECK(!found.rules.contains(NotificationKind::blocked));
}

TEST_CASE("notify: a misspelt channel, kind, type or option is reported where it stands") {
  const Read found = read(
      "channels:\n"
      "  ops: { type: mial }\n"
      "  hook: { type: webhook, ulr: \"https://x/\" }\n"
      "  bad: { type: webhook, url: \"ftp://secret@x/\" }\n"
      "  page: { type: command, run: [page] }\n"
      "notify:\n"
      "  failed: [pgae]\n"
      "  flied: page\n");
  CHECK(found.problems.find("2:16 unknown channel type 'mial'; did you mean 'mail'?\n") !=
        std::string::npos);
  CHECK(found.problems.find("3:26 unknown option 'ulr' for channel 'hook'; did you mean 'url'?") !=
        std::string::npos);
  CHECK(found.problems.find("4:30 option 'url' must begin with http:// or https://") !=
        std::string::npos);
  CHECK(found.problems.find("secret") == std::string::npos);
  CHECK(found.problems.find("7:12 there is no channel 'pgae'; did you mean 'page'?") !=
        std::string::npos);
  CHECK(found.problems.find("unknown option 'flied'") != std::string::npos);
}
