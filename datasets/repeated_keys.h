#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// Hashes of keys, ascending. Equal keys have equal hashes, so a key that is not in here did not
/// come twice; one that is may not have.
using KeyHashes = std::vector<std::uint64_t>;

/// The hashes that come more than once among the keys of `relation`: one pass and about 16 bytes a
/// row, in several passes where that is more than `memory`.
KeyHashes find_repeated_keys(Engine& engine, const std::string& relation,
                             const std::vector<Column>& key, std::int64_t memory);

/// SQL that says whether the key in columns of these names is one of `hashes`.
std::string is_among_sql(Engine& engine, const std::vector<Column>& key,
                         std::shared_ptr<const KeyHashes> hashes);

}  // namespace tallymill
