#pragma once

#include <filesystem>
#include <string>

#include "worker/file_relation.h"

namespace tallymill {

/// The first sheet of a workbook as a relation of texts: its first row names the columns, `_line`
/// is the number of a row in the sheet. Cells that hold errors, and numbers that are only binary
/// fractions near a decimal one, go to context.diagnostics(), named with `file`.
FileRelation read_workbook_relation(JobContext& context, const std::filesystem::path& path,
                                    const std::string& file);

}  // namespace tallymill
