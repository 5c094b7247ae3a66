#include "cli/state_access.h"

#include <unistd.h>

#include <cerrno>

#include "cli/followed_run.h"
#include "core/error.h"
#include "scheduler/requests.h"
#include "scheduler/socket_client.h"

namespace tallymill {

bool may_read_state(const Workspace& workspace) {
  return ::access(workspace.state.c_str(), R_OK | X_OK) == 0 || errno != EACCES;
}

std::optional<Exit> read_through_scheduler(const Invocation& invocation,
                                           const Workspace& workspace) {
  if (may_read_state(workspace)) return std::nullopt;
  auto client = SocketClient::connect(workspace.socket());
  if (!client)
    throw Error(ErrorClass::config, "you may not read the state folder '" +
                                        workspace.state.string() +
                                        "', and no scheduler listens at '" +
                                        workspace.socket().string() + "' to look for you");
  invocation.out().flush();
  invocation.err().flush();
  json::array arguments{json::string(invocation.command().name)};
  for (const Flag& flag : invocation.command().flags)
    for (const std::string& value : invocation.texts(flag.name))
      arguments.emplace_back("--" + flag.name + (flag.value.empty() ? "" : "=" + value));
  for (const Argument& argument : invocation.command().arguments)
    for (const std::string& value : invocation.texts(argument.name)) arguments.emplace_back(value);
  client->send_with(
      {{"format", kWireFormat}, {"request", "read"}, {"arguments", std::move(arguments)}},
      {STDOUT_FILENO, STDERR_FILENO});
  while (const auto line = client->next(std::chrono::milliseconds(-1))) {
    throw_if_refused(*line);
    if (line->contains("exit")) return static_cast<Exit>(json_integer(*line, "exit"));
  }
  throw Error(ErrorClass::transient, "the scheduler that looked for you has gone; try again");
}

}  // namespace tallymill
