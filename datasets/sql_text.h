#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallymill {

/// A `:name` or `$name` outside quotes and comments.
struct SqlParameter {
  std::string name;
  std::size_t offset = 0;  ///< of the mark
  std::size_t length = 0;  ///< mark and name
};

/// Finds the parameters of an SQL text in order of appearance. Casts (`::`), slices (`x[1:n]`),
/// struct fields (`{'a': b}`) and dollar quotes are told apart; inside [] and {} a parameter needs
/// an operator, a comma or a bracket before it.
std::vector<SqlParameter> sql_parameters(std::string_view sql);

/// `sql` with each parameter replaced by what `value` gives for it; empty leaves it as it is.
std::string replace_sql_parameters(
    std::string_view sql,
    const std::function<std::optional<std::string>(const SqlParameter&)>& value);

/// The names as quoted identifiers.
std::vector<std::string> quoted(const std::vector<std::string>& names);

/// With the letters of ASCII in lower case, as SQL compares its words and names.
std::string sql_lower(std::string text);

}  // namespace tallymill
