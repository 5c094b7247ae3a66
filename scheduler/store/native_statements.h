#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "scheduler/store/database.h"

namespace tallymill {

/// Statements run on the database's own handle, past the library: what Database does for both, for
/// one of them faster. Throws what the library throws.
class NativeStatements {
 public:
  virtual ~NativeStatements() = default;
  virtual std::int64_t execute(std::string_view sql, const std::vector<StoreValue>& parameters) = 0;
  virtual void each(std::string_view sql, std::string_view types,
                    const std::vector<StoreValue>& parameters,
                    const std::function<void(SqlRow&)>& take) = 0;

 protected:
  static std::vector<std::string>& texts_of(SqlRow& row) { return row.texts_; }
  static std::vector<std::int64_t>& integers_of(SqlRow& row) { return row.integers_; }
};

}  // namespace tallymill
