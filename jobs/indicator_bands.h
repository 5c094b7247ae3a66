#pragma once

#include <string>
#include <vector>

#include "datasets/type.h"
#include "jobs/job.h"

namespace tallymill {

/// What an indicator says about a row, as SQL over it. Null where it has nothing to say.
struct Judgement {
  std::string band = "CAST(NULL AS VARCHAR)";
  std::string severity = "CAST(NULL AS VARCHAR)";  ///< none, warn or error
  std::string message = "CAST(NULL AS VARCHAR)";
  std::string error = "CAST(NULL AS VARCHAR)";  ///< why a rule could not say
  std::string call = "NULL";                    ///< evaluated once, as tm_call
};

/// `bands: [{ name: normal, to: "0.05" }, { name: high, from: "0.05", severity: warn }]`: ranges
/// from <= value < to that leave no gap and do not overlap, open at both ends, so that every value
/// is in exactly one. Reports what is not so. `value` is the type of column value.
Judgement judge_by_bands(JobContext& context, const std::vector<YamlNode>& bands,
                         const Type& value);

/// `threshold: { rule: r, params: {...}, severity: { high: error } }`: a threshold rule over `row`,
/// the columns of `relation`.
/// A rule says what is worth telling by giving a message, which warns; `severity` may say otherwise
/// by band. Reports a rule that does not fit.
Judgement judge_by_rule(JobContext& context, const Options& threshold, const Schema& row,
                        const std::string& relation);

}  // namespace tallymill
