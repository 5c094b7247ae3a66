#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace tallymill {

/// The check of a check job that says what a dbt data test says, as one YAML line:
/// "not_null: customer_id". Empty where there is none.
std::string check_for_dbt_test(const json::object& test);

/// `text` without line breaks and other control characters, so that it stays one comment.
std::string one_line(std::string_view text);

}  // namespace tallymill
