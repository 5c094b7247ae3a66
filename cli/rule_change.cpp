#include "cli/rule_change.h"

#include "cli/application.h"
#include "cli/catalog.h"
#include "cli/followed_run.h"
#include "cli/rule_files.h"
#include "cli/scheduler_link.h"
#include "cli/state_access.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "rules/param_table.h"
#include "scheduler/query_runner.h"
#include "scheduler/requests.h"
#include "scheduler/socket_client.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kPatience = 30s;

RuleText text_of(const RuleVersionRecord& record, std::string label) {
  return {record.file, record.version, record.text, std::move(label), false};
}

RuleText text_of_file(const fs::path& file, std::string path, std::string label) {
  std::string text = read_file(file);
  std::string version = rule_version({path, sha256_hex(text)});
  return {std::move(path), std::move(version), std::move(text), std::move(label), true};
}

/// For people of the operators' group, who reach the scheduler but not its state.
Exit ask_over_socket(const Invocation& invocation, const Workspace& workspace,
                     const RuleOrder& order, const std::string& said) {
  auto client = SocketClient::connect(workspace.socket());
  if (!client || !client->send(to_wire(order)))
    throw Error(ErrorClass::transient,
                "the state folder '" + workspace.state.string() +
                    "' belongs to somebody else, and no scheduler that could be asked is at work; "
                    "start one: tallymill scheduler");
  while (const auto line = client->next(kPatience)) {
    throw_if_refused(*line);
    if (!line->contains("done")) continue;
    invocation.err() << said << std::endl;
    if (invocation.json()) invocation.out() << pretty_json(json::object{{"done", said}});
    return Exit::ok;
  }
  throw Error(ErrorClass::transient, "the scheduler has not answered; 'tallymill rules history " +
                                         order.rule + "' tells whether it was done");
}

bool looks_like_path(const std::string& word) {
  return word.find('/') != std::string::npos || word.find('.') != std::string::npos;
}

}  // namespace

std::string subject_text(const std::string& subject) {
  return std::string(subject_word(subject)) + " " + subject;
}

RuleText rule_text_of_file(const Workspace& workspace, const std::string& name) {
  const PinnedFile file = rule_files(workspace, name).front();
  return text_of_file(file.blob, file.path, file.path + " as it stands");
}

RuleText rule_text_of(const Workspace& workspace, RuleBook& book, const std::string& name,
                      const std::string& word) {
  if (!looks_like_path(word)) {
    const RuleVersionRecord record = book.find(name, word);
    return text_of(record, short_version(record.version));
  }
  fs::path file = fs::absolute(word);
  if (!fs::exists(file)) file = workspace.root / word;
  if (!fs::is_regular_file(file))
    throw Error(ErrorClass::config, "there is no file '" + word +
                                        "'; give the path of a rule file, or the first "
                                        "digits of a version, which 'tallymill rules "
                                        "history " +
                                        name + "' lists");
  return text_of_file(file, rule_files(workspace, name).front().path, word);
}

RuleText rule_text_that_counts(const Workspace& workspace, RuleBook& book,
                               const std::string& name) {
  if (workspace.rules_need_approval) {
    const std::vector<RuleActivation> standing = book.activations(name);
    if (!standing.empty())
      if (const auto record = book.version(name, standing.back().version))
        return text_of(*record, short_version(record->version) + ", active from " +
                                    standing.back().from.text());
  }
  if (const auto record = book.version(name, book.last_run(name)))
    return text_of(*record, short_version(record->version) + ", run last");
  throw Error(ErrorClass::config, "no version of " + subject_text(name) +
                                      " has run or is active yet, so there is nothing to compare "
                                      "with; name two: tallymill rules diff " +
                                      name + " OLD NEW");
}

namespace {

void require_sound_table(const Workspace& workspace, const RuleText& table) {
  FileTexts texts{{table.file, table.text}};
  for (const PinnedFile& file : files_behind(workspace, table.file, table.text))
    texts.emplace(file.path, read_file(file.blob));
  Diagnostics diagnostics;
  for (const auto& [path, text] : texts)
    diagnostics.add_source(path, std::make_shared<const std::string>(text));
  read_param_tables(texts, workspace.currency_scale, diagnostics);
  if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
}

Task test_of(const Workspace& workspace, const std::string& name, const RuleText& rule) {
  Task task;
  task.mode = TaskMode::query;
  task.spec = json::object{{"query", "rules_test"}};
  task.files[rule.file] = file_of_query(rule.file, rule.text);
  for (PinnedFile& file : files_behind(workspace, rule.file, rule.text))
    task.files.emplace(file.path, std::move(file));
  const fs::path file = workspace.root / rule.file;
  if (fs::is_regular_file(file) && read_file(file) == rule.text)
    if (const auto table = rule_test_table(workspace, name)) task.files[table->path] = *table;
  return task;
}

}  // namespace

void require_sound_rule(const Workspace& workspace, const std::string& name, const RuleText& rule) {
  if (rule_name_of(rule.file).empty()) return require_sound_table(workspace, rule);
  Task task = test_of(workspace, name, rule);
  const json::object answer = run_query(workspace, std::move(task)).answer.as_object();
  Diagnostics diagnostics = Diagnostics::from_json(json_at(answer, "diagnostics").as_array());
  diagnostics.add_source(rule.file, std::make_shared<const std::string>(rule.text));
  if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
  std::string failed;
  std::int64_t count = 0;
  for (const json::value& item : json_at(answer, "rules").as_array())
    for (const json::value& test : json_at(item.as_object(), "tests").as_array())
      if (!json_boolean(test.as_object(), "passed")) {
        ++count;
        failed += "\n  " + json_text(test.as_object(), "name") + ": " +
                  json_text(test.as_object(), "message");
      }
  if (count > 0)
    throw Error(ErrorClass::config, "version " + short_version(rule.version) + " of rule '" + name +
                                        "' fails " + group_digits(count) +
                                        " of its own tests, so it cannot count:" + failed);
}

Argument rule_argument() {
  return {.name = "NAME", .summary = "The rule (rules/NAME.lua), or params/TABLE."};
}

Flag rule_reason_flag() {
  return {.name = "reason", .value = "TEXT", .summary = "Why; it is recorded with your name."};
}

Exit give_order(const Invocation& invocation, Workspace workspace, const RuleOrder& order,
                const std::string& said) {
  if (!may_read_state(workspace)) return ask_over_socket(invocation, workspace, order, said);
  const UnitCatalog catalog;
  return SchedulerLink(invocation, catalog, std::move(workspace),
                       "tallymill " + invocation.command().name + " " + order.rule)
      .decide(order, said);
}

}  // namespace tallymill
