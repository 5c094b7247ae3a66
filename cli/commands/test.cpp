#include <stdlib.h>

#include <filesystem>

#include "cli/case_runner.h"
#include "cli/invocation.h"
#include "core/error.h"
#include "core/json.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// A folder of its own below the system's temporary one, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (fs::temp_directory_path() / "tallymill-test-XXXXXX").string();
    if (!mkdtemp(pattern.data()))
      throw Error(ErrorClass::transient, "cannot make a temporary folder like " + pattern);
    path_ = pattern;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    // Published versions are read-only folders; make them ours to delete.
    for (fs::recursive_directory_iterator it(path_, ignored), end; it != end; it.increment(ignored))
      if (it->is_directory(ignored) && !it->is_symlink(ignored))
        fs::permissions(it->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string_view state_name(CaseResult::State state) {
  switch (state) {
    case CaseResult::State::passed:
      return "passed";
    case CaseResult::State::failed:
      return "failed";
    case CaseResult::State::not_run:
      return "not run";
  }
  return "";
}

json::object case_json(const CaseResult& result) {
  return {{"case", result.name}, {"state", state_name(result.state)}, {"message", result.message}};
}

Exit run_test(const Invocation& invocation) {
  const ScratchFolder scratch;
  int passed = 0;
  int failed = 0;
  int not_run = 0;
  json::array items;
  run_cases(invocation.workspace_root(), invocation.text("CASE"), invocation.has("update"),
            scratch.path(), [&](const CaseResult& result) {
              passed += result.state == CaseResult::State::passed;
              failed += result.state == CaseResult::State::failed;
              not_run += result.state == CaseResult::State::not_run;
              items.push_back(case_json(result));
              if (invocation.json()) return;
              invocation.out() << state_name(result.state) << "  " << result.name;
              if (!result.message.empty()) invocation.out() << ": " << result.message;
              invocation.out() << '\n' << std::flush;
            });
  if (passed + failed + not_run == 0)
    throw Error(ErrorClass::config,
                "the workspace has no cases; make tests/<case>/case.yaml, which "
                "'tallymill explain case' explains");
  if (invocation.json())
    invocation.out() << pretty_json(json::object{{"cases", items}});
  else
    invocation.out() << passed << " passed, " << failed << " failed, " << not_run << " not run\n";
  return failed == 0 ? Exit::ok : Exit::findings;
}

}  // namespace

void register_test(Registry<Command>& commands) {
  commands.add({
      .name = "test",
      .summary = "Runs the workspace's own cases, tests/<case>, each in a copy of the workspace.",
      .example = "tallymill test december",
      .arguments = {{"CASE", "Only this case.", false}},
      .flags = {json_flag(), {.name = "update", .summary = "Rewrite what the cases expect."}},
      .run = run_test,
  });
}

}  // namespace tallymill
