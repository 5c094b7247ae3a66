#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostics.h"
#include "core/error.h"
#include "core/source_position.h"
#include "datasets/engine.h"

namespace tallymill {

/// Why SQL written by users may not use a name, and what to write instead.
struct SqlRefusal {
  std::string_view name;
  std::string_view reason;
  std::string_view hint;
};

/// Functions no user SQL may call: they read files, settings or the clock, are random, or work in
/// doubles. In name order.
std::span<const SqlRefusal> refused_functions();
/// Aggregates and window functions whose result depends on row order unless an ORDER BY is given.
std::span<const std::string_view> ordered_functions();
/// Table functions user SQL may call; all others read files or the engine itself.
std::span<const std::string_view> allowed_table_functions();

/// Checks one SELECT written by a user, without binding it: it is exactly one SELECT, reads only
/// tables it can see, and gives the same result for the same rows on any machine at any time, in
/// exact numbers (docs/architecture.md, 6). Every problem is reported at `where`; false then.
bool check_user_sql(Engine& engine, const std::string& sql, const SourcePosition& where,
                    Diagnostics& diagnostics);

/// The same for one expression over the columns of a row. It cannot break out of the place it is
/// put: what is not exactly one expression is refused.
bool check_user_expression(Engine& engine, const std::string& expression,
                           const SourcePosition& where, Diagnostics& diagnostics);

/// check_user_sql(), then binds it: what does not bind, and casts that may round or misread, are
/// reported too. Empty if anything was reported.
std::optional<std::vector<BoundColumn>> bind_user_sql(Engine& engine, const std::string& sql,
                                                      const SourcePosition& where,
                                                      Diagnostics& diagnostics);

/// The tables one SELECT reads, each once in name order; names of its own WITH parts are left out.
std::vector<std::string> tables_read(Engine& engine, const std::string& sql);

/// The first sentence of a DuckDB message as a diagnostic, its candidates as the hint.
void report_sql_error(const Error& error, const SourcePosition& where, Diagnostics& diagnostics);

}  // namespace tallymill
