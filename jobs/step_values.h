#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/options.h"
#include "datasets/type.h"
#include "jobs/job.h"

namespace tallymill {

/// A reason code users read and count by: letters, digits, '_', '.' and '-'. Reports others at the
/// option and gives the fallback.
std::string reason_code(const Options& options, const std::string& fallback,
                        Diagnostics& diagnostics);

/// `text` as an SQL literal of `type`, read strictly; reports at `where` what is no value of it.
std::optional<std::string> literal_sql(const Type& type, const std::string& text,
                                       const SourcePosition& where, Diagnostics& diagnostics);

/// `text`, where `param(name)` stands for the run's parameter of that name. Empty after reporting
/// an unknown one, and in mode bind for one that only a run gives.
std::optional<std::string> value_text(JobContext& context, const std::string& text,
                                      const SourcePosition& where);

/// The mapping under `key` as rule parameters, `param(name)` resolved.
std::map<std::string, std::string> rule_params(JobContext& context, const Options& options,
                                               const std::string& key);

/// What a row does whose value a table does not have.
enum class IfMissing { reject, keep, null };
/// Option `option`: reject (also where it is not given), keep or null. Reports any other word.
std::optional<IfMissing> if_missing(const Options& options, const char* option, const char* step,
                                    Diagnostics& diagnostics);

/// Whether a table whose columns are `known` has `column`; reports at `where` if not.
bool table_has(const std::string& table, const std::vector<std::string>& known,
               const std::string& column, const SourcePosition& where, Diagnostics& diagnostics);

/// SQL that shows a column's value in a message: quoted, "***" where sensitive.
std::string shown_value_sql(const Column& column);

/// True if a Lua rule has nothing to say about a row: a column it needs is missing there.
std::string not_applicable_sql(const RuleInfo& rule);

}  // namespace tallymill
