#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// Adds an SQL function of one value that says whether it is missing among those `select` gives,
/// and tells its name: asked once for each entry of a column's dictionary, and otherwise in a
/// fraction of the time of a join. `select` has one column of type `type`; its nulls are no values,
/// and null is not missing. Nothing where the values take more than `memory` bytes, or have more
/// than eight but are no text.
std::optional<std::string> add_value_lookup(Engine& engine, const std::string& select,
                                            const Type& type, std::int64_t memory);

/// Adds one that says whether the key of a row is among those `select` gives, of one or more
/// columns, in which a null equals a null; tells the call over columns of these names. Most keys
/// that are asked for should not be among them.
std::optional<std::string> add_key_lookup(Engine& engine, const std::string& select,
                                          const std::vector<Column>& key, std::int64_t memory);

}  // namespace tallymill
