#include "scheduler/job_changes.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/error.h"
#include "core/files.h"
#include "core/rule_version.h"
#include "core/stored_text.h"
#include "scheduler/file_options.h"
#include "scheduler/job_name.h"

namespace tallymill {
namespace {

constexpr std::size_t kShownDigits = 12;

/// Without what stands before the hexadecimal digits: "v1:120:4fa1...".
std::string short_digest(const std::string& digest) {
  const std::size_t colon = digest.rfind(':');
  return digest.substr(colon == std::string::npos ? 0 : colon + 1, kShownDigits);
}

std::string name_of(const PinnedVersion& version) {
  return version.dataset + " of " + version.period +
         (version.partition.empty() ? "" : ", " + version.partition);
}

/// The keys of a job that decide what it makes, as one text.
std::string spec_text(const YamlNode& spec) {
  const std::vector<std::string>& common = common_job_keys();
  std::map<std::string, std::string> keys;
  for (std::size_t i = 0; spec.is_mapping() && i < spec.size(); ++i)
    if (const std::string key(spec.key(i).text());
        std::find(common.begin(), common.end(), key) == common.end())
      keys[key] = spec[i].canonical();
  std::string text;
  for (const auto& [key, value] : keys) text += key + ": " + value + "\n";
  return text;
}

class ChangeFinder {
 public:
  ChangeFinder(const JobNow& now, const ResultRecord& previous, StoreView& view,
               const StateFolder& state)
      : now_(now), previous_(previous), view_(view), state_(state) {}

  std::vector<JobChange> find() {
    const auto made_by =
        view_.database().select("select run from attempt where id = :p0", "t", {previous_.attempt});
    const auto run = made_by.empty() ? std::nullopt : view_.run(made_by[0].text(0));
    if (!run) return {};
    add_inputs();
    add_params(*run);
    for (const PinnedText& file : view_.run_files(run->id)) then_[file.path] = file.sha256;
    for (const FileUse& use : now_.job.shape.files) add_file("file", use.path);
    add_file("corrections", corrections_path(now_.job.spec.name));
    add_file("history", history_path(now_.job.spec.name));
    add_spec(now_.run.graph);
    if (changes_.empty()) add_others();
    return std::move(changes_);
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  static std::map<Key, PinnedVersion> by_key(const std::vector<PinnedVersion>& versions) {
    std::map<Key, PinnedVersion> keyed;
    for (const PinnedVersion& version : versions)
      keyed.emplace(Key{version.dataset, version.period, version.partition}, version);
    return keyed;
  }

  std::string maker_of(const PinnedVersion& version) {
    const auto record = view_.version(version.dataset, version.version);
    return record ? record->run : std::string();
  }

  void add_inputs() {
    const auto then =
        by_key(view_.result_inputs(now_.run.graph, now_.run.period, now_.job.spec.name));
    const auto now = by_key(now_.inputs);
    for (const auto& [key, version] : now) {
      const auto before = then.find(key);
      if (before == then.end())
        changes_.push_back(
            {"input", name_of(version), "", short_digest(version.digest), maker_of(version)});
      else if (before->second.digest != version.digest)
        changes_.push_back({"input", name_of(version), short_digest(before->second.digest),
                            short_digest(version.digest), maker_of(version)});
    }
    for (const auto& [key, version] : then)
      if (!now.contains(key))
        changes_.push_back({"input", name_of(version), short_digest(version.digest), "", ""});
  }

  /// Only those that the job names count, as in its fingerprint.
  void add_params(const RunRecord& then) {
    const std::string spec = spec_text(now_.job.spec.options.node());
    const auto is_used = [&](const std::string& name) {
      return spec.find(name) != std::string::npos;
    };
    for (const auto& [name, param] : now_.run.params) {
      if (!is_used(name)) continue;
      const auto before = then.params.find(name);
      if (before == then.params.end())
        changes_.push_back({"param", name, "", param.value, now_.run.id});
      else if (before->second.value != param.value || before->second.type != param.type)
        changes_.push_back({"param", name, before->second.value, param.value, now_.run.id});
    }
    for (const auto& [name, param] : then.params)
      if (is_used(name) && !now_.run.params.contains(name))
        changes_.push_back({"param", name, param.value, "", now_.run.id});
  }

  void add_file(const std::string& what, const std::string& path) {
    const auto before = then_.find(path);
    const auto after = now_.files.find(path);
    const std::string from = before == then_.end() ? "" : before->second;
    const std::string to = after == now_.files.end() ? "" : after->second.sha256;
    if (from == to) return;
    const std::string rule = rule_subject_of(path);
    if (rule.empty()) {
      changes_.push_back({what, path, short_digest(from), short_digest(to), now_.run.id});
      return;
    }
    const auto version = [&](const std::string& digest) {
      return digest.empty() ? digest : short_version(rule_version({path, digest}));
    };
    changes_.push_back({"rule", rule, version(from), version(to), now_.run.id});
  }

  /// The job as the graph's file had it when the result was made.
  void add_spec(const std::string& graph) {
    const std::string path = "graphs/" + graph + ".yaml";
    const auto before = then_.find(path);
    const auto after = now_.files.find(path);
    if (before == then_.end() || after == now_.files.end() ||
        before->second == after->second.sha256)
      return;
    try {
      Diagnostics ignored;
      const auto document =
          YamlDocument::parse(path, read_file(state_.blob(before->second)), ignored);
      const std::string name(split_job_name(now_.job.spec.name).job);
      const YamlNode then = document ? document->root().find("jobs").find(name) : YamlNode();
      if (then.is_mapping() && spec_text(then) == spec_text(now_.job.spec.options.node())) return;
    } catch (const std::exception&) {
      // Its text is gone: the file is all that can be named.
    }
    add_file("spec", path);
  }

  /// What is pinned beside: calendars, blocks, the workspace's settings.
  void add_others() {
    for (const auto& [path, file] : now_.files) {
      const bool is_known = path.starts_with("graphs/") || path.starts_with(kShadowPrefix) ||
                            is_stored_text(path) ||
                            std::any_of(now_.job.shape.files.begin(), now_.job.shape.files.end(),
                                        [&](const FileUse& use) { return use.path == path; });
      if (!is_known) add_file("file", path);
    }
    if (changes_.empty()) changes_.push_back({"settings", "tallymill.yaml", "", "", now_.run.id});
  }

  const JobNow& now_;
  const ResultRecord& previous_;
  StoreView& view_;
  const StateFolder& state_;
  std::map<std::string, std::string> then_;  ///< pinned files: path, content
  std::vector<JobChange> changes_;
};

}  // namespace

std::vector<JobChange> changes_since(const JobNow& now, const ResultRecord& previous,
                                     StoreView& view, const StateFolder& state) {
  return ChangeFinder(now, previous, view, state).find();
}

std::string change_sentence(const JobChange& change) {
  if (change.what == "settings")
    return "a setting of " + change.name + " that it depends on is another";
  const bool is_text = change.what == "param";
  const std::string what = change.what == "corrections" ? "what people say of its rejected rows"
                           : change.what == "history"   ? "what it measured in earlier periods"
                           : change.what == "input"     ? "'" + change.name + "'"
                           : change.what == "param"     ? "parameter " + change.name
                           : change.what == "rule"
                               ? std::string(subject_word(change.name)) + " " + change.name
                           : change.what == "spec" ? "its own text in " + change.name
                                                   : change.name;
  const std::string mark = is_text ? "'" : "";
  std::string text = what;
  if (change.from.empty())
    text += " is new (" + mark + change.to + mark;
  else if (change.to.empty())
    return what + " is not read any more (was " + mark + change.from + mark + ")";
  else
    text += " is another (was " + mark + change.from + mark + ", now " + mark + change.to + mark;
  if (change.what == "input" && !change.by.empty()) text += ", made by run " + change.by;
  return text + ")";
}

json::array changes_json(const std::vector<JobChange>& changes) {
  json::array list;
  for (const JobChange& change : changes)
    list.push_back(json::object{{"what", change.what},
                                {"name", change.name},
                                {"from", change.from},
                                {"to", change.to},
                                {"by", change.by}});
  return list;
}

std::vector<JobChange> changes_from(const json::array& list) {
  std::vector<JobChange> changes;
  for (const json::value& value : list) {
    const json::object& object = value.as_object();
    changes.push_back({json_text(object, "what"), json_text(object, "name"),
                       json_text(object, "from"), json_text(object, "to"),
                       json_text(object, "by")});
  }
  return changes;
}

}  // namespace tallymill
