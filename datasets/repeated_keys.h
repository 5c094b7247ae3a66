#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// Hashes of keys, ascending. Equal keys have equal hashes, so a key that is not in here did not
/// come twice; one that is may not have.
using KeyHashes = std::vector<std::uint64_t>;

/// The hashes that come more than once among the keys of `relation`: one pass and about 16 bytes a
/// row, in several passes where that is more than `memory`. A relation that costs to be counted is
/// taken to have `rows`, the most it may have.
KeyHashes find_repeated_keys(Engine& engine, const std::string& relation,
                             const std::vector<Column>& key, std::int64_t memory,
                             std::optional<std::int64_t> rows = std::nullopt);

/// Which keys of a relation's rows are looked at for repetition.
struct KeySearch {
  std::vector<Column> key;
  bool nulls_are_values = false;  ///< else keys with a null are left out
  std::string where;              ///< SQL over the row; empty: every row
};

/// For each search the hashes of all keys that come more than once, and of about one in a thousand
/// of the others; nothing where they are of more than an eighth of the rows: grouping all rows is
/// cheaper then. As many in one pass as `memory` has room for, at five bytes a row; where it has
/// less for one, its filter is coarser and it gives up sooner.
std::vector<std::optional<KeyHashes>> find_likely_repeated(Engine& engine,
                                                           const std::string& relation,
                                                           std::int64_t rows, std::int64_t memory,
                                                           const std::vector<KeySearch>& searches);

/// SQL that says whether the key in columns of these names is one of `hashes`.
std::string is_among_sql(Engine& engine, const std::vector<Column>& key,
                         std::shared_ptr<const KeyHashes> hashes);

}  // namespace tallymill
