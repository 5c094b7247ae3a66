#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/money.h"
#include "datasets/engine.h"

namespace tallymill {

/// Digits a measure of association is told and compared with.
inline constexpr int kAssociationScale = 9;

/// Names: pearson, spearman, cramers_v, mutual_information.
const std::vector<std::string>& association_names();

/// SQL text over aggregates, each followed by kFilter: what pearson() needs of the pairs of two
/// numbers (BIGINT) that both have a value.
std::string pearson_evidence(const std::string& a, const std::string& b);
/// SELECT of one text over `rows`, in which both cells have a value: what association_units()
/// needs.
std::string association_pass(std::string_view name, const std::string& a, const std::string& b,
                             const std::string& rows);

/// The measure in units of 10^-9, empty where it has none (a column of one value). Correlations are
/// exact, cut off behind the last digit; the others are doubles of counts of rows, added up in an
/// order of their own, rounded.
std::optional<Int128> association_units(std::string_view name, std::string_view evidence);

}  // namespace tallymill
