#pragma once

#include <string_view>

namespace tallymill {

/// ISO 3166-1 alpha-2, the 249 codes assigned: CN.
bool is_country_code(std::string_view text);
/// ISO 4217, codes of currencies and funds in use: CNY.
bool is_currency_code(std::string_view text);

}  // namespace tallymill
