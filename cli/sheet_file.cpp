#include "cli/sheet_file.h"

#include <filesystem>
#include <sstream>

#include "cli/sensitive_log.h"
#include "core/files.h"
#include "scheduler/query_runner.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// Spreadsheet programs take a CSV file for UTF-8 only with it.
constexpr const char* kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

json::object write_sheet_file(const Invocation& invocation, const Workspace& workspace, Task task,
                              SensitiveShown shown) {
  task.spec.as_object()["reveal"] = invocation.has("reveal");
  const fs::path file = fs::absolute(invocation.text("export"));
  const bool is_workbook = file.extension() == ".xlsx";
  if (is_workbook) task.spec.as_object()["workbook"] = file.string();
  json::object answer = run_query(workspace, std::move(task)).answer.as_object();
  record_reveal(invocation, workspace, std::move(shown));
  if (is_workbook) return answer;
  std::ostringstream text;
  text << kByteOrderMark;
  print_csv(row_answer(answer), text);
  write_file_durably(file, text.str(), 0600);
  return answer;
}

}  // namespace tallymill
