#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/options.h"
#include "jobs/cleanse_flow.h"

namespace tallymill {

/// A table or dataset that rows look something up in by key. Keys are compared as texts, to the
/// letter.
struct Reference {
  struct Pair {
    std::string column;  ///< of the rows
    std::string other;   ///< of the reference
  };
  std::string name;
  std::string relation;
  std::vector<std::string> columns;
  std::vector<Pair> key;
  SourcePosition where;  ///< of its name
  bool is_sound = true;  ///< rows and reference have the columns of the key

  bool has(const std::string& column, const SourcePosition& at, Diagnostics& diagnostics) const;
};

/// Options `table` and `on`. Reports columns that rows or reference do not have; empty where there
/// is no reference.
std::optional<Reference> reference_of(CleanseFlow& flow, const Options& options);

/// False after reporting keys of the reference with more than one answer in `takes`: such a key
/// would multiply rows, or pick an answer by chance.
bool answers_once(CleanseFlow& flow, const Reference& reference,
                  const std::vector<std::string>& takes);

/// A hidden STRUCT of the texts of `takes`, called v0, v1, ...; null where the reference does not
/// know the row's key.
std::string keep_answers(CleanseFlow& flow, const Reference& reference,
                         const std::vector<std::string>& takes);

/// Whether a column of the reference must not be shown.
bool is_sensitive(CleanseFlow& flow, const Reference& reference, const std::string& column);

/// The options that reference_of() reads; `is_required`: the step always has them.
std::vector<OptionSpec> reference_options(bool is_required);

/// The file a step names in option `table`; none where it has no such option.
std::vector<FileUse> reference_files(const Options& options);

}  // namespace tallymill
