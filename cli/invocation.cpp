#include "cli/invocation.h"

#include <boost/program_options.hpp>

#include "core/error.h"
#include "core/money.h"
#include "core/text.h"
#include "scheduler/workspace.h"

namespace tallymill {
namespace {

namespace po = boost::program_options;

constexpr const char* kPositional = " positional";  // the blank keeps it from being typed

Error usage_error(const Command& command, std::string message) {
  message += "; see 'tallymill " + command.name + " --help'";
  return Error(ErrorClass::config, std::move(message));
}

po::options_description describe(const std::vector<Flag>& flags) {
  po::options_description description;
  for (const Flag& flag : flags) {
    std::string names = flag.name;
    if (flag.letter != '\0') names += std::string(",") + flag.letter;
    if (flag.value.empty())
      description.add_options()(names.c_str(), "");
    else
      description.add_options()(names.c_str(), po::value<std::vector<std::string>>(), "");
  }
  description.add_options()(kPositional, po::value<std::vector<std::string>>(), "");
  return description;
}

std::string unknown_flag(const std::vector<Flag>& flags, std::string typed) {
  while (typed.starts_with('-')) typed.erase(0, 1);
  std::vector<std::string> names;
  for (const Flag& flag : flags) names.push_back(flag.name);
  std::string message = "unknown option '--" + typed + "'";
  if (auto near = nearest_name(typed, names)) message += "; did you mean '--" + *near + "'?";
  return message;
}

po::parsed_options parse(const Command& command, const std::vector<Flag>& flags,
                         const po::options_description& description,
                         const std::vector<std::string>& arguments) {
  po::positional_options_description positional;
  positional.add(kPositional, -1);
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    return po::command_line_parser(arguments)
        .options(description)
        .positional(positional)
        .style(style)
        .run();
  } catch (const po::unknown_option& error) {
    throw usage_error(command, unknown_flag(flags, error.get_option_name()));
  } catch (const po::invalid_syntax& error) {
    const bool lacks_value = error.kind() == po::invalid_syntax::missing_parameter;
    throw usage_error(command, "option '" + error.get_option_name() + "' " +
                                   (lacks_value ? "needs a value" : "takes no value"));
  } catch (const po::error& error) {
    throw usage_error(command, error.what());
  }
}

}  // namespace

std::vector<Flag> all_flags(const Command& command) {
  std::vector<Flag> flags = command.flags;
  if (command.in_workspace)
    flags.push_back({.name = "workspace",
                     .value = "DIR",
                     .summary = "The workspace; default: the nearest folder with tallymill.yaml."});
  flags.push_back({.name = "help", .summary = "Print this help.", .letter = 'h'});
  return flags;
}

Invocation::Invocation(const Command& command, const Registry<Command>& commands,
                       const std::vector<std::string>& arguments, Terminal terminal)
    : command_(&command), commands_(&commands), terminal_(terminal) {
  const std::vector<Flag> flags = all_flags(command);
  for (const Flag& flag : flags) values_[flag.name];
  for (const Argument& argument : command.arguments) values_[argument.name];

  const po::options_description description = describe(flags);
  std::vector<std::string> positional;
  for (const auto& option : parse(command, flags, description, arguments).options) {
    if (option.position_key >= 0) {
      positional.insert(positional.end(), option.value.begin(), option.value.end());
      continue;
    }
    auto& values = values_[option.string_key];
    if (option.value.empty()) values.emplace_back("true");
    values.insert(values.end(), option.value.begin(), option.value.end());
  }
  wants_help_ = has("help");
  if (wants_help_) return;
  for (const Flag& flag : flags) {
    const std::size_t count = values_[flag.name].size();
    if (count > 1 && !flag.repeated && !flag.value.empty())
      throw usage_error(command, "option '--" + flag.name + "' is given more than once");
    // Scripts pass variables that are not set: a reason of no words is no reason.
    if (flag.name == "reason" && count > 0 && trim(values_["reason"].front()).empty())
      throw usage_error(command, "option '--reason " + flag.value + "' is empty");
    if (count == 0 && flag.required)
      throw usage_error(command, "option '--" + flag.name + " " + flag.value + "' is missing");
  }
  place_arguments(positional);
}

void Invocation::place_arguments(const std::vector<std::string>& given) {
  std::size_t used = 0;
  for (const Argument& argument : command_->arguments) {
    if (used == given.size()) {
      if (argument.required)
        throw usage_error(*command_, "argument " + argument.name + " is missing");
      continue;
    }
    const std::size_t count = argument.repeated ? given.size() - used : 1;
    for (std::size_t i = 0; i < count; ++i) values_[argument.name].push_back(given[used++]);
  }
  if (used < given.size())
    throw usage_error(*command_, "unexpected argument '" + given[used] + "'");
}

const std::vector<std::string>& Invocation::values(std::string_view name) const {
  auto it = values_.find(name);
  if (it == values_.end())
    throw std::logic_error("command '" + command_->name + "' does not declare '" +
                           std::string(name) + "'");
  return it->second;
}

bool Invocation::has(std::string_view name) const {
  auto it = values_.find(name);
  return it != values_.end() && !it->second.empty();
}

std::string Invocation::text(std::string_view name, std::string_view fallback) const {
  const auto& given = values(name);
  return given.empty() ? std::string(fallback) : given.front();
}

std::vector<std::string> Invocation::texts(std::string_view name) const { return values(name); }

std::int64_t Invocation::integer(std::string_view name, std::int64_t fallback,
                                 std::int64_t least) const {
  const auto& given = values(name);
  if (given.empty()) return fallback;
  const auto parsed = parse_integer(given.front());
  if (!parsed || parsed.value < least)
    throw usage_error(*command_, "option '--" + std::string(name) +
                                     "' must be a whole number of at least " +
                                     std::to_string(least) + ", got '" + given.front() + "'");
  return parsed.value;
}

std::filesystem::path Invocation::workspace_root() const {
  if (!has("workspace")) return Workspace::find_root(std::filesystem::current_path());
  const std::filesystem::path folder = std::filesystem::absolute(text("workspace"));
  if (!std::filesystem::is_regular_file(folder / "tallymill.yaml"))
    throw Error(ErrorClass::config, "'" + text("workspace") +
                                        "' is not a workspace: it has no tallymill.yaml; make one "
                                        "with 'tallymill init DIR'");
  return folder.lexically_normal();
}

}  // namespace tallymill
