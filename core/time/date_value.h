#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/time/local_time.h"
#include "core/time/period.h"

namespace tallymill {

/// What an expression of the date language is worth.
using DateValue = std::variant<std::int64_t, Date, LocalTime, Period, std::string>;

/// As it stands in an expanded text: dates and times in ISO form, periods as their literals.
std::string to_text(const DateValue& value);
/// "a date", "a number", ... for messages.
std::string_view kind_name(const DateValue& value);

/// `time` by a pattern of letters, as Java's formatters have them: yyyy yy MM M dd d HH H mm m ss
/// s, Q quarter, YYYY ISO week year, ww w ISO week, u weekday 1 to 7, DDD D day of the year; other
/// characters stand for themselves, letters in single quotes too.
/// Throws Error(config) that names a letter it does not know, or knows only in other numbers.
std::string format_time(LocalTime time, std::string_view pattern);

}  // namespace tallymill
