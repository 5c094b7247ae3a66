#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// `names` as one SQL list, quoted, each behind `qualifier` ("p." or empty).
std::string column_list(const std::vector<Column>& columns, const std::string& qualifier = {});
std::string column_list(const std::vector<std::string>& names, const std::string& qualifier = {});

/// SQL that names a row for people: "cost_item C-01, org_code K0101". Sensitive columns show "***",
/// a missing value "(none)".
std::string row_name_sql(const std::vector<Column>& key);

/// Rows of `relation` that hold `where`, for a message: how many, and the first by key.
struct Examples {
  std::int64_t count = 0;
  std::string text;             ///< "cost_item C-01; cost_item C-02; and 7 more"
  std::string summary() const;  ///< "9 (cost_item C-01; cost_item C-02; and 7 more)"
};
Examples find_examples(Engine& engine, const std::string& relation, const std::vector<Column>& key,
                       const std::string& where);

/// Throws Error(data) "<what> is not unique / is missing" with examples unless `key` is unique and
/// never null in `relation`.
void require_unique_key(Engine& engine, const std::string& relation, const std::vector<Column>& key,
                        const std::string& what);

}  // namespace tallymill::books
