#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/task.h"
#include "datasets/type.h"

namespace tallymill {

/// A dataset whose schema nobody could tell because the job that makes it has problems itself.
/// Caught in mode bind, where reporting it would only repeat those problems.
struct UnknownSchema : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What the manifest of one version says it holds.
struct VersionTotals {
  std::int64_t rows = 0;
  std::map<std::string, std::string> amounts;  ///< by column, exact
};

/// What the datasets a job reads look like and where their rows are.
class Inputs {
 public:
  virtual ~Inputs() = default;
  /// Throws UnknownSchema or Error.
  virtual const Schema& schema(const std::string& dataset) = 0;
  /// A SELECT of the business columns and the provenance columns, in that order.
  virtual std::string select(const std::string& dataset) = 0;
  /// Of each version of `dataset`; none where there are no rows to be read.
  virtual std::vector<VersionTotals> totals(const std::string& dataset) = 0;
};

/// The pinned versions of a task (modes run and query). Each version's manifest must say what the
/// task says, and its files must have the size the manifest says: Error(data) otherwise.
class PublishedInputs final : public Inputs {
 public:
  explicit PublishedInputs(const Task& task) : task_(task), inputs_(task.inputs) {}
  const Schema& schema(const std::string& dataset) override;
  std::string select(const std::string& dataset) override;
  std::vector<VersionTotals> totals(const std::string& dataset) override;
  bool has(const std::string& dataset) const { return inputs_.contains(dataset); }

 private:
  const std::vector<InputVersion>& versions(const std::string& input) const;
  /// Reads no rows: nobody has made any of its versions, and the job said that this means none.
  bool is_empty(const std::string& input) const;

  const Task& task_;
  const std::map<std::string, std::vector<InputVersion>>& inputs_;
  std::map<std::string, Schema> schemas_;
  std::map<std::string, std::vector<VersionTotals>> totals_;
};

/// A SELECT of no rows with the columns of `schema`, and those above if `several`.
std::string select_nothing(const Schema& schema, bool several);

/// Datasets that exist only as schemas (mode bind): empty tables.
class PlannedInputs final : public Inputs {
 public:
  void add(const std::string& dataset, Schema schema) { schemas_[dataset] = std::move(schema); }
  bool has(const std::string& dataset) const { return schemas_.contains(dataset); }
  /// What the job that is planned now calls its inputs, and which of them are of several versions.
  void name_inputs(std::map<std::string, std::string> datasets, std::set<std::string> several) {
    datasets_ = std::move(datasets);
    several_ = std::move(several);
  }
  const Schema& schema(const std::string& dataset) override;
  std::string select(const std::string& dataset) override;
  std::vector<VersionTotals> totals(const std::string&) override { return {}; }
  const std::map<std::string, Schema>& schemas() const { return schemas_; }

 private:
  std::map<std::string, Schema> schemas_;
  std::map<std::string, std::string> datasets_;  ///< by what the job calls them
  std::set<std::string> several_;
};

}  // namespace tallymill
