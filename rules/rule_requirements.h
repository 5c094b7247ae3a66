#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostics.h"
#include "core/job_shape.h"
#include "core/rule_version.h"
#include "core/time/period.h"

namespace tallymill {

/// The file rule `name` stands in. Reports a rule that stands in two files at both of them; empty
/// then, or if there is none.
std::optional<std::string> find_rule_file(const std::string& name, const FileReader& read,
                                          Diagnostics& diagnostics);

/// The files that the rule in `path` depends on beside its own, and what they depend on: parameter
/// tables and tables of orgs. A parameter table that is missing, or stands in two files, is
/// reported where it is named.
std::vector<FileUse> rule_requirements(const std::string& path, const std::string& text,
                                       const FileReader& read, Diagnostics& diagnostics);

/// The same, and judges what it can without running anything: parameter tables, and the rule itself
/// if it is a table.
std::vector<FileUse> judge_rule_tables(const std::string& path, const FileReader& read,
                                       int currency_scale, Diagnostics& diagnostics);

/// Reports what the parameter tables of a rule leave without a value in `period`, as far as the
/// rule has no default of its own: what is known before a run begins. `read` knows the files the
/// run would have: a version in effect may name a table that the rule's file no longer does, which
/// is reported, too.
void check_param_period(const std::string& path, const Period& period, const FileReader& read,
                        int currency_scale, Diagnostics& diagnostics);

/// The parameter table called `name` among files: params/<name>.csv or .yaml.
std::optional<std::string> find_param_table(const std::string& name, const SourcePosition& where,
                                            const FileReader& read, Diagnostics& diagnostics);

}  // namespace tallymill
