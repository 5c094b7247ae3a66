#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/registry.h"

namespace tallymill {

/// Cells of a source; an empty optional is a null.
using ContractRow = std::vector<std::optional<std::string>>;

/// An outside system the contract suite can fill by its own means, apart from our connector.
class ContractWorld {
 public:
  virtual ~ContractWorld() = default;
  /// The connector as tallymill.yaml would declare it.
  virtual std::string declaration() const = 0;
  /// `from:` (without `connector:`) that reads, and `to:` that writes, the collection `name`.
  virtual std::string from(const std::string& name) const = 0;
  virtual std::string to(const std::string& name) const = 0;
  /// Puts a collection there, replacing one of that name.
  virtual void put(const std::string& name, const std::vector<std::string>& columns,
                   const std::vector<ContractRow>& rows) = 0;
};

/// One per connector type, in tests/contract/<name>.cpp.
struct ContractFixture {
  std::string name;
  std::function<std::unique_ptr<ContractWorld>(const std::filesystem::path& folder)> make;
};

void register_all_fixtures(Registry<ContractFixture>& fixtures);

}  // namespace tallymill
