#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/check_context.h"

namespace tallymill {

/// The columns of these names, or nothing after every unknown one was reported.
std::optional<std::vector<const Column*>> check_columns(CheckContext& context,
                                                        const std::vector<std::string>& names,
                                                        const SourcePosition& where);

/// Whether values of the two types can be compared exactly: numbers with numbers, texts with texts,
/// else the same type.
bool are_comparable(const Type& a, const Type& b);
/// Numbers, dates and timestamps.
bool has_order(const Type& type);
bool is_number(const Type& type);

/// Whether the column holds texts, which is all that `check` takes; reports it at `where` if not.
bool require_text(CheckContext& context, const Column& column, const SourcePosition& where,
                  const std::string& check, const std::string& hint = {});

/// SQL of a number as an exact decimal of `scale` fraction digits; an overflow is an error.
std::string as_exact(const std::string& sql, int scale);

/// Reads an amount written in a graph (perhaps as param(name)) in units of 10^-scale. Reports one
/// that is no number, has more digits, or is negative where `may_be_negative` is false.
std::optional<Int128> check_amount(CheckContext& context, const Options& options,
                                   const std::string& option, const std::string& text, int scale,
                                   bool may_be_negative);

}  // namespace tallymill
