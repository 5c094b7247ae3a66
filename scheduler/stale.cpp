#include "scheduler/stale.h"

#include "scheduler/job_name.h"

namespace tallymill {

std::string stale_cause(StoreView& view, const VersionRecord& version) {
  return StaleFinder(view).cause(version);
}

StaleFinder::Maker StaleFinder::maker_of(const VersionRecord& version) {
  return {version.graph, version.period, version.job, version.partition};
}

void StaleFinder::look_at_inputs(const VersionRecord& version, Finding& finding) {
  for (const PinnedVersion& input : view_.result_inputs(version.graph, version.period,
                                                        job_name(version.job, version.partition))) {
    auto visible = view_.visible(input.dataset, input.period, input.partition);
    if (!visible) continue;
    if (input.version.empty()) {
      finding.cause = "it was made when there was no '" + input.dataset + "' of " + input.period +
                      ", and now there is version " + visible->id;
      finding.is_known = true;
      return;
    }
    if (visible->digest != input.digest) {
      finding.cause = "it was made from '" + input.dataset + "' version " + input.version +
                      ", which version " + visible->id + " has replaced";
      finding.is_known = true;
      return;
    }
    finding.inputs.push_back(*std::move(visible));
  }
}

void StaleFinder::conclude(Finding& finding) {
  for (const VersionRecord& input : finding.inputs)
    if (finding.cause.empty()) finding.cause = findings_[maker_of(input)].cause;
  finding.is_known = true;
  finding.inputs.clear();
}

const std::string& StaleFinder::cause(const VersionRecord& version) {
  // A work list, not a recursion: a chain may be as long as the graph. A maker is concluded when it
  // comes up again, after all that it reads from.
  std::vector<VersionRecord> open{version};
  while (!open.empty()) {
    const auto [entry, is_new] = findings_.try_emplace(maker_of(open.back()));
    Finding& finding = entry->second;
    if (is_new) {
      look_at_inputs(open.back(), finding);
      for (const VersionRecord& input : finding.inputs)
        if (!findings_.contains(maker_of(input))) open.push_back(input);
      if (!finding.is_known) continue;
    }
    if (!finding.is_known) conclude(finding);
    open.pop_back();
  }
  return findings_.at(maker_of(version)).cause;
}

}  // namespace tallymill
