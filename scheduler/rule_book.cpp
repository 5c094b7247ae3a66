#include "scheduler/rule_book.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/requests.h"

namespace tallymill {
namespace {

constexpr std::array kWords{RuleWord::proposed, RuleWord::approved, RuleWord::activated,
                            RuleWord::rolled_back, RuleWord::shadowed};

Error refusal(const std::string& message) { return Error(ErrorClass::config, message); }

RuleWord word_of(std::string_view kind) {
  for (const RuleWord word : kWords)
    if (kind == "rule_" + std::string(to_string(word))) return word;
  throw Error(ErrorClass::data, "the store has a change of a rule of kind '" + std::string(kind) +
                                    "', which this tallymill does not know");
}

constexpr std::string_view kVersionColumns =
    "select rule, version, path, sha256, rule_abi, who, kept_at";

RuleVersionRecord version_of(const SqlRow& row) {
  return {.rule = row.text(0),
          .version = row.text(1),
          .file = row.text(2),
          .sha256 = row.text(3),
          .text = {},
          .rule_abi = static_cast<int>(row.integer(4)),
          .who = row.text(5),
          .kept_at = row.text(6)};
}

std::string shortened(const std::vector<RuleVersionRecord>& versions) {
  std::vector<std::string> names;
  for (const RuleVersionRecord& version : versions) names.push_back(short_version(version.version));
  return join(names, ", ");
}

/// "rule 'x'"
std::string subject_title(const std::string& subject) {
  return std::string(subject_word(subject)) + " '" + subject + "'";
}

/// "version 3f2a91c0de of rule 'x'"
std::string title_of(const std::string& rule, const std::string& version) {
  return "version " + short_version(version) + " of " + subject_title(rule);
}

std::set<std::string> rule_files(const Graph& graph) {
  std::set<std::string> files;
  for (const JobNode& job : graph.jobs)
    for (const FileUse& use : job.shape.files)
      if (!rule_subject_of(use.path).empty()) files.insert(use.path);
  return files;
}

const RuleChange* find_word(const std::vector<RuleChange>& history, RuleWord word,
                            const std::string& version) {
  const auto found = std::find_if(history.begin(), history.end(), [&](const RuleChange& change) {
    return change.word == word && change.version == version;
  });
  return found == history.end() ? nullptr : &*found;
}

/// Decides about one order; what it refuses changes nothing.
class Decision {
 public:
  Decision(const Workspace& workspace, StoreView& view, const RuleOrder& order,
           const std::string& who)
      : workspace_(workspace),
        book_(view),
        order_(order),
        who_(who),
        history_(book_.history(order.rule)) {}

  std::vector<Event> events() {
    if (!workspace_.rules_need_approval && order_.word != RuleWord::shadowed)
      throw refusal(
          "rules of this workspace need no approval: the file of a rule counts as it stands; "
          "'rules: { approval: required }' in tallymill.yaml makes files proposals");
    switch (order_.word) {
      case RuleWord::proposed:
        return propose();
      case RuleWord::approved:
        return approve();
      case RuleWord::activated:
        return activate();
      case RuleWord::rolled_back:
        return roll_back();
      case RuleWord::shadowed:
        return shadow();
    }
    return {};
  }

 private:
  std::vector<Event> propose() {
    std::vector<Event> events;
    const std::string version = keep(events);
    if (const RuleChange* before = find_word(history_, RuleWord::proposed, version))
      throw refusal(title_of(order_.rule, version) + " was proposed by " + before->who + " at " +
                    before->at);
    events.push_back(decided(version, ""));
    return events;
  }

  std::vector<Event> approve() {
    const std::string version = known();
    const RuleChange* proposal = find_word(history_, RuleWord::proposed, version);
    if (proposal == nullptr)
      throw refusal(title_of(order_.rule, version) +
                    " has not been proposed; whoever wants it says 'tallymill rules propose " +
                    order_.rule + "'");
    if (const RuleChange* before = find_word(history_, RuleWord::approved, version))
      throw refusal(title_of(order_.rule, version) + " was approved by " + before->who + " at " +
                    before->at);
    if (proposal->who == who_)
      throw refusal(title_of(order_.rule, version) + " was proposed by " + who_ +
                    ", who cannot approve it, too; a second person has to");
    return {decided(version, "")};
  }

  std::vector<Event> activate() {
    const std::string version = order_.version.empty() ? approved_last() : known();
    require_abi(version);
    if (find_word(history_, RuleWord::approved, version) == nullptr)
      throw refusal(title_of(order_.rule, version) +
                    " has not been approved; somebody other than its proposer says 'tallymill "
                    "rules approve " +
                    order_.rule + " " + short_version(version) + "'");
    const auto from = Period::parse(order_.from);
    if (!from) throw refusal("'" + order_.from + "' is no period; write e.g. --from 2026-03");
    const std::vector<RuleActivation> standing = book_.activations(order_.rule);
    if (!standing.empty() && standing.back().from.first_day() >= from->first_day())
      throw refusal(subject_title(order_.rule) + ": version " +
                    short_version(standing.back().version) + " counts from " +
                    standing.back().from.text() + " on, which overlaps with " + order_.from +
                    "; give a later --from, or take it back first: tallymill rules rollback " +
                    order_.rule);
    if (!standing.empty() && standing.back().version == version)
      throw refusal(title_of(order_.rule, version) + " counts already, from " +
                    standing.back().from.text() + " on");
    return {decided(version, from->text())};
  }

  std::vector<Event> roll_back() {
    const std::vector<RuleActivation> standing = book_.activations(order_.rule);
    if (standing.empty())
      throw refusal(subject_title(order_.rule) + " has no activation to take back");
    return {decided(standing.back().version, standing.back().from.text())};
  }

  std::vector<Event> shadow() {
    if (order_.rule.starts_with(kParamFolder))
      throw refusal(
          subject_title(order_.rule) +
          " cannot run beside by itself; 'tallymill rules diff RULE' of a rule that names "
          "it shows what a change would do");
    std::vector<Event> events;
    std::string version;
    if (!order_.text.empty())
      version = keep(events);
    else if (!order_.version.empty())
      version = known();
    if (version == book_.shadow(order_.rule))
      throw refusal(version.empty() ? subject_title(order_.rule) + " has no shadow"
                                    : title_of(order_.rule, version) + " is its shadow already");
    events.push_back(decided(version, ""));
    return events;
  }

  /// Keeps the text that came with the order unless the store has it.
  std::string keep(std::vector<Event>& events) {
    if (rule_subject_of(order_.file) != order_.rule)
      throw refusal("'" + order_.file + "' is not the file of " + subject_title(order_.rule));
    if (!is_valid_utf8(order_.text))
      throw refusal(order_.file + " is not UTF-8 text; save it as UTF-8");
    const RulePart part{order_.file, sha256_hex(order_.text)};
    std::string version = rule_version(part);
    if (!book_.holds(order_.rule, version))
      events.push_back(to_event(RuleKept{order_.rule, version, part, order_.text}));
    return version;
  }

  std::string approved_last() const {
    for (auto it = history_.rbegin(); it != history_.rend(); ++it)
      if (it->word == RuleWord::approved) return it->version;
    throw refusal("no version of " + subject_title(order_.rule) +
                  " has been approved; 'tallymill rules history " + order_.rule +
                  "' tells how far it is");
  }

  std::string known() { return book_.find(order_.rule, order_.version).version; }

  void require_abi(const std::string& version) {
    const auto record = book_.version(order_.rule, version);
    if (record && record->rule_abi != kRuleAbi)
      throw refusal(title_of(order_.rule, version) + " was made for rule_abi " +
                    std::to_string(record->rule_abi) + ", this tallymill has " +
                    std::to_string(kRuleAbi) + "; propose the text anew");
  }

  Event decided(const std::string& version, const std::string& from) const {
    return to_event(RuleDecided{order_.word, order_.rule, version, from, order_.why});
  }

  const Workspace& workspace_;
  RuleBook book_;
  const RuleOrder& order_;
  const std::string& who_;
  std::vector<RuleChange> history_;
};

}  // namespace

std::vector<RuleVersionRecord> RuleBook::versions(const std::string& rule) {
  std::vector<RuleVersionRecord> versions;
  for (const SqlRow& row : view_->database().select(
           std::string(kVersionColumns) + " from rule_version where rule = :p0 order by event desc",
           "ttttitt", {rule}))
    versions.push_back(version_of(row));
  return versions;
}

RuleVersionRecord RuleBook::find(const std::string& rule, const std::string& prefix) {
  std::vector<RuleVersionRecord> known = versions(rule);
  if (known.empty())
    throw refusal("the store has no version of " + subject_title(rule) +
                  ": none was run or proposed; 'tallymill rules propose " + rule + "' does");
  std::vector<RuleVersionRecord> found;
  for (const RuleVersionRecord& record : known)
    if (!prefix.empty() && record.version.starts_with(prefix)) found.push_back(record);
  if (found.empty())
    throw refusal(subject_title(rule) + " has no version '" + prefix + "'; it has " +
                  shortened(known));
  if (found.size() > 1)
    throw refusal("version '" + prefix + "' of " + subject_title(rule) + " may be any of " +
                  shortened(found) + "; write more of it");
  return *version(rule, found.front().version);
}

std::optional<RuleVersionRecord> RuleBook::version(const std::string& rule,
                                                   const std::string& version) {
  const auto rows = view_->database().select(
      std::string(kVersionColumns) + ", body from rule_version where rule = :p0 and version = :p1",
      "ttttittt", {rule, version});
  if (rows.empty()) return std::nullopt;
  RuleVersionRecord record = version_of(rows.front());
  record.text = rows.front().text(7);
  return record;
}

bool RuleBook::holds(const std::string& rule, const std::string& version) {
  return view_->database()
             .select("select count(*) from rule_version where rule = :p0 and version = :p1", "i",
                     {rule, version})
             .at(0)
             .integer(0) > 0;
}

std::vector<RuleChange> RuleBook::history(const std::string& rule) {
  std::vector<RuleChange> history;
  for (const SqlRow& row : view_->database().select(
           "select event, kind, version, from_period, who, changed_at, why from rule_change"
           " where rule = :p0 order by event",
           "itttttt", {rule}))
    history.push_back({.event = row.integer(0),
                       .word = word_of(row.text(1)),
                       .version = row.text(2),
                       .from = row.text(3),
                       .who = row.text(4),
                       .at = row.text(5),
                       .why = row.text(6)});
  return history;
}

std::vector<RuleActivation> RuleBook::activations(const std::string& rule) {
  std::vector<RuleActivation> standing;
  for (const RuleChange& change : history(rule)) {
    if (change.word == RuleWord::rolled_back && !standing.empty()) standing.pop_back();
    if (change.word != RuleWord::activated) continue;
    if (const auto from = Period::parse(change.from))
      standing.push_back({change.version, *from, change.who, change.at});
  }
  return standing;
}

std::optional<RuleActivation> RuleBook::effective(const std::string& rule, const Period& period) {
  std::optional<RuleActivation> effective;
  for (RuleActivation& activation : activations(rule))
    if (activation.from.first_day() <= period.first_day()) effective = std::move(activation);
  return effective;
}

std::string RuleBook::shadow(const std::string& rule) {
  const auto rows = view_->database().select(
      "select version from rule_change where rule = :p0 and kind = 'rule_shadowed'"
      " order by event desc limit 1",
      "t", {rule});
  return rows.empty() ? std::string() : rows.front().text(0);
}

std::vector<RuleShadowRecord> RuleBook::shadows_seen(const std::string& rule,
                                                     const std::string& version) {
  std::vector<RuleShadowRecord> seen;
  for (const SqlRow& row : view_->database().select(
           "select rule, version, attempt, run, job, row_count, changed, answer, seen_at"
           " from rule_shadow where rule = :p0 and (:p1 = '' or version = :p1) order by event desc",
           "tttttiitt", {rule, version}))
    seen.push_back({.rule = row.text(0),
                    .version = row.text(1),
                    .attempt = row.text(2),
                    .run = row.text(3),
                    .job = row.text(4),
                    .rows = row.integer(5),
                    .changed = row.integer(6),
                    .answer = parse_json(row.text(7), "the store").as_object(),
                    .seen_at = row.text(8)});
  return seen;
}

std::string RuleBook::last_run(const std::string& rule) {
  std::string pattern = rule.starts_with(kParamFolder) ? "" : std::string(kRuleFolder);
  for (const char c : rule) pattern += c == '_' ? std::string("!_") : std::string(1, c);
  const auto rows = view_->database().select(
      "select f.path, f.sha256 from run_file f join run r on r.id = f.run"
      " where f.path like :p0 escape '!' order by r.event desc limit 1",
      "tt", {pattern + ".%"});
  return rows.empty() ? std::string() : rule_version({rows.front().text(0), rows.front().text(1)});
}

RuleTexts rules_in_effect(const Workspace& workspace, const Graph& graph, const Period& period,
                          RulesOf rules, StoreView* view) {
  RuleTexts texts;
  if (!workspace.rules_need_approval) return texts;
  std::vector<std::string> missing;
  for (const std::string& path : rule_files(graph)) {
    const std::string rule = rule_subject_of(path);
    std::optional<RuleVersionRecord> record;
    if (view != nullptr) {
      RuleBook book(*view);
      std::optional<RuleActivation> activation = book.effective(rule, period);
      if (rules == RulesOf::now)
        if (std::vector<RuleActivation> standing = book.activations(rule); !standing.empty())
          activation = std::move(standing.back());
      if (activation) record = book.version(rule, activation->version);
    }
    if (record && record->rule_abi != kRuleAbi)
      throw refusal(title_of(rule, record->version) + " was made for rule_abi " +
                    std::to_string(record->rule_abi) + ", this tallymill has " +
                    std::to_string(kRuleAbi) + "; propose, approve and activate its text anew");
    if (record)
      texts.emplace(path, std::move(record->text));
    else
      missing.push_back(subject_title(rule));
  }
  if (missing.empty()) return texts;
  throw refusal(join(missing, ", ") + (missing.size() == 1 ? " has" : " have") +
                " no version in effect for " + period.text() +
                ", and files are proposals here (rules: { approval: required }); see 'tallymill "
                "rules history NAME', then propose, approve and activate one");
}

RuleTexts rules_in_shadow(const Graph& graph, StoreView& view) {
  RuleTexts texts;
  RuleBook book(view);
  for (const std::string& path : rule_files(graph)) {
    const std::string rule = rule_name_of(path);
    const std::string version = rule.empty() ? rule : book.shadow(rule);
    if (version.empty()) continue;
    if (auto record = book.version(rule, version))
      texts.emplace(std::string(kShadowPrefix) + path, std::move(record->text));
  }
  return texts;
}

std::map<std::string, std::string> rules_that_judged(StoreView& view, const std::string& run,
                                                     const JobNode& job) {
  std::map<std::string, std::string> rules;
  std::map<std::string, std::string> pinned;
  for (PinnedText& file : view.run_files(run)) pinned.emplace(file.path, std::move(file.sha256));
  for (const FileUse& use : job.shape.files)
    if (const auto file = pinned.find(use.path);
        !rule_subject_of(use.path).empty() && file != pinned.end())
      rules.emplace(rule_subject_of(use.path), rule_version({use.path, file->second}));
  return rules;
}

bool has_other_rule(StoreView& view, const ResultRecord& previous, const JobNode& job,
                    const PinnedFiles& files) {
  std::set<std::string> named;
  for (const FileUse& use : job.shape.files)
    if (!rule_subject_of(use.path).empty()) named.insert(use.path);
  if (named.empty()) return false;
  for (const SqlRow& row : view.database().select(
           "select f.path, f.sha256 from run_file f join attempt a on a.run = f.run"
           " where a.id = :p0",
           "tt", {previous.attempt}))
    if (const auto file = files.find(row.text(0));
        named.contains(row.text(0)) && file != files.end() && file->second.sha256 != row.text(1))
      return true;
  return false;
}

namespace {

/// What a shadow said of itself; empty: there is no such file, or nobody can read it.
std::optional<json::object> read_object(const std::filesystem::path& file) {
  try {
    return parse_json(read_file(file), file.string()).as_object();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<Event> shadow_events(const std::filesystem::path& attempt_folder,
                                 const PinnedFiles& files, const RuleShadowSeen& of) {
  std::vector<Event> events;
  const std::filesystem::path folder = attempt_folder / "shadow";
  for (const auto& [name, file] : files) {
    if (!name.starts_with(kShadowPrefix)) continue;
    const std::string path = name.substr(kShadowPrefix.size());
    RuleShadowSeen seen = of;
    seen.rule = rule_name_of(path);
    auto answer = read_object(folder / (seen.rule + ".json"));
    if (!answer) continue;
    // A rule that never ended was stopped by the watchdog, which says where.
    if (answer->contains("error"))
      if (const auto result = read_object(folder / "result.json"))
        (*answer)["error"] = json_text_or(*result, "error", json_text(*answer, "error"));
    seen.version = rule_version({path, file.sha256});
    if (const json::value* rows = answer->if_contains("rows")) seen.rows = rows->as_int64();
    if (const json::value* rows = answer->if_contains("changed")) seen.changed = rows->as_int64();
    seen.answer = std::move(*answer);
    events.push_back(to_event(seen));
  }
  return events;
}

std::vector<Event> rule_events(const Workspace& workspace, StoreView& view, const RuleOrder& order,
                               const std::string& who) {
  return Decision(workspace, view, order, who).events();
}

json::object to_wire(const RuleOrder& order) {
  return {{"format", kWireFormat},
          {"request", "rule"},
          {"word", json::string(to_string(order.word))},
          {"rule", order.rule},
          {"version", order.version},
          {"from", order.from},
          {"why", order.why},
          {"file", order.file},
          {"text", order.text}};
}

RuleOrder rule_order_from(const json::object& object) {
  const std::string word = json_text(object, "word");
  for (const RuleWord known : kWords)
    if (word == to_string(known))
      return {.word = known,
              .rule = json_text(object, "rule"),
              .version = json_text(object, "version"),
              .from = json_text(object, "from"),
              .why = json_text(object, "why"),
              .file = json_text(object, "file"),
              .text = json_text(object, "text")};
  throw Error(ErrorClass::data, "unknown word about a rule: '" + word + "'");
}

}  // namespace tallymill
