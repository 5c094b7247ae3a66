#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// Adds an SQL function of one value that says whether it is one of those `select` gives, and tells
/// its name: asked once for each entry of a column's dictionary, and otherwise in a fraction of the
/// time of a join. `select` has one column of type `type`; its nulls are no values, and what null
/// is asked for is false. Nothing where the values take more than `memory` bytes, or have more than
/// eight but are no text.
std::optional<std::string> add_value_lookup(Engine& engine, const std::string& select,
                                            const Type& type, std::int64_t memory);

}  // namespace tallymill
