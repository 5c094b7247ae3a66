#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/source_position.h"
#include "datasets/engine.h"

namespace tallymill {

/// Keys of the tables a SELECT may read, by name; an empty key is no key.
using TableKeys = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Reports what `sql`, one SELECT that parses, would answer differently when rows arrive in another
/// order, because its ORDER BY leaves ties: row_number() and the like, a LIMIT, DISTINCT ON, a
/// list.
///
/// An order is total if it holds the key of a table, or of grouped rows the columns they are
/// grouped by. Only a SELECT straight from tables with known keys, or joins of them, is judged:
/// what a subquery or an expression makes unique nobody can tell here. Of a join one table's key is
/// enough, so that not every order with ties is found; but what is reported has them.
void check_total_order(Engine& engine, const std::string& sql, const SourcePosition& where,
                       const TableKeys& keys, Diagnostics& diagnostics);

}  // namespace tallymill
