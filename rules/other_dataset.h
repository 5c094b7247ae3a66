#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rules/check.h"

namespace tallymill {

/// Columns of this dataset beside the columns of another one they are compared with.
struct ColumnPairs {
  CheckContext::Reference other;
  std::vector<std::string> names;   ///< of this dataset
  std::vector<std::string> mine;    ///< SQL over its rows
  std::vector<std::string> theirs;  ///< SQL over the other relation, of comparable types
  std::vector<bool> fits;           ///< the other's values are of this dataset's type
};

/// Pairs `columns` (empty: all columns of the dataset but `ignored`) with the columns of the same
/// names of `dataset`. A table's values are text, so they meet the canonical text of a column.
/// Reports every column that is missing or of another type.
std::optional<ColumnPairs> pair_columns(CheckContext& context, const Options& options,
                                        const std::string& dataset_option);

/// What FailingKeys asks for, up to a condition: the distinct rows of `rows`, each with its count
/// "tm:n", beside those of the other dataset that `joined` selects as as_keys(theirs): "anti join
/// (select ...)". Null equals null.
std::string rows_beside(const ColumnPairs& pairs, const std::string& rows,
                        const std::string& joined);

/// tables/<name>.csv, which may also be a dataset, for Check::files().
std::vector<FileUse> table_file(const std::string& name, const SourcePosition& where);

/// The options `columns` and `ignore` that pair_columns() reads.
std::vector<OptionSpec> pair_options(const std::string& dataset_summary);

}  // namespace tallymill
