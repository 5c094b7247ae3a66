#include "cli/load_workspace.h"

#include <set>

#include "cli/application.h"
#include "cli/rule_files.h"
#include "core/error.h"
#include "core/rule_version.h"
#include "rules/rule_requirements.h"
#include "scheduler/bind.h"
#include "scheduler/rule_book.h"
#include "scheduler/store_binding.h"
#include "scheduler/workspace_file.h"

namespace tallymill {

Workspace load_workspace(const Invocation& invocation, const UnitCatalog& catalog,
                         const std::string& only_graph) {
  Diagnostics diagnostics;
  Workspace workspace =
      Workspace::load(invocation.workspace_root(), catalog, diagnostics, only_graph);
  if (!diagnostics.has_errors()) return workspace;
  add_sources(workspace, diagnostics);
  throw InvalidInput(std::move(diagnostics));
}

namespace {

/// The files of a job as a run would have them: where files are proposals, `texts` count instead.
FileReader reader_of(const Workspace& workspace, const JobNode& job, const RuleTexts& texts) {
  if (!workspace.rules_need_approval) return reader_of(workspace);
  std::set<std::string> named;
  for (const FileUse& use : job.shape.files) named.insert(use.path);
  return [&, named, read = reader_of(workspace)](const std::string& path) {
    if (rule_subject_of(path).empty()) return read(path);
    const auto text = named.contains(path) ? texts.find(path) : texts.end();
    return text == texts.end() ? std::nullopt : std::optional(text->second);
  };
}

}  // namespace

void require_param_values(const Workspace& workspace, const std::string& graph,
                          const Period& period, RulesOf rules) {
  const auto found = workspace.graphs.find(graph);
  if (found == workspace.graphs.end()) return;
  RuleTexts texts;
  if (workspace.rules_need_approval) {
    auto view = StoreView::open(store_address(workspace));
    try {
      texts = rules_in_effect(workspace, *found->second, period, rules, view ? &*view : nullptr);
    } catch (const Error&) {
      return;  // whoever makes a run of it says so; an open run has its texts
    }
  }
  Diagnostics diagnostics;
  std::set<std::string> seen;
  for (const JobNode& job : found->second->jobs)
    for (const FileUse& use : job.shape.files)
      if (!rule_name_of(use.path).empty() && seen.insert(use.path).second)
        check_param_period(use.path, period, reader_of(workspace, job, texts),
                           workspace.currency_scale, diagnostics);
  if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
}

void require_sound_rules(const Workspace& workspace, const std::string& graph) {
  const auto found = workspace.graphs.find(graph);
  if (found == workspace.graphs.end() || workspace.rules_need_approval) return;
  std::set<std::string> files;
  for (const JobNode& job : found->second->jobs)
    for (const FileUse& use : job.shape.files)
      if (!rule_name_of(use.path).empty()) files.insert(use.path);
  if (files.empty()) return;
  files.insert(found->second->file);
  Diagnostics of_rules;
  try {
    BindResult bound = bind_workspace(workspace, {});
    for (const Diagnostic& problem : bound.diagnostics.sorted())
      if (files.contains(problem.where.file)) of_rules.add(problem);
  } catch (const Error&) {
    return;  // whoever may not start a worker here asks a scheduler that may: the job says it then
  }
  if (!of_rules.has_errors()) return;
  add_sources(workspace, of_rules);
  throw InvalidInput(std::move(of_rules));
}

Workspace load_workspace_to_look(const Invocation& invocation, const UnitCatalog& catalog) {
  Diagnostics diagnostics;
  Workspace workspace = Workspace::load(invocation.workspace_root(), catalog, diagnostics);
  Diagnostics of_workspace;
  for (const Diagnostic& problem : diagnostics.sorted())
    if (problem.where.file == kWorkspaceFile) of_workspace.add(problem);
  if (of_workspace.has_errors()) throw InvalidInput(std::move(of_workspace));
  return workspace;
}

}  // namespace tallymill
