#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/options.h"
#include "core/task.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// Rows of one dataset, as they lie in its versions.
struct StoredRows {
  std::string dataset;
  std::string period;
  std::string relation;
  Schema schema;
};

/// One allocation between the rows that are asked about and where they come from or go to.
struct LineageStage {
  std::shared_ptr<const YamlDocument> document;  ///< that the options live in
  Options options;                               ///< of the allocate job, as it was when it ran
  std::string job;
  StoredRows pools;
  StoredRows receivers;
  StoredRows parts;
  StoredRows trace;
  std::int64_t before = -1;  ///< the stage that made its pools (down) or took its parts (up)
};

/// Walks rows through allocations, unit by unit. The units of a pool lie over its parts in the
/// order of the receivers' keys; those of a pool that is a sum lie over its rows in key order, rows
/// of the other sign taking away the last. A row is walked as an interval of its units, so every
/// unit has one origin and one end at every stage, and pieces grow with rows, not with their
/// product.
class RowLineage {
 public:
  struct Question {
    StoredRows rows;
    std::vector<std::pair<std::string, std::string>> key;  ///< column, value as text
    bool down = false;                                     ///< to receivers; else to pools
    std::int64_t limit = 20;                               ///< rows shown under each row; 0: all
    bool reveal = false;
  };
  RowLineage(Engine& engine, Question question, std::vector<LineageStage> stages);

  /// {"dataset", "period", "total", "rows": [node]}. A node: {"row", "dataset", "period", "amount"
  /// (of the whole row), "piece", "first", "last" (units of the row that are meant, from 1),
  /// "source" (file:line, or null), "stages": [{"job", "method", ... , "total", "rows": [node]}]}.
  json::object answer();

 private:
  struct Level {
    std::string table;
    const StoredRows* rows = nullptr;
    Column amount;
  };

  Level start();
  Level step_up(const LineageStage& stage, const Level& level);
  Level step_down(const LineageStage& stage, const Level& level);
  Level keep(const StoredRows& rows, const Column& amount, const std::string& select);
  std::string laid_parts(const LineageStage& stage, const Level& level) const;
  std::string laid_pools(const LineageStage& stage, const Level& level) const;
  std::string units(const Column& column, const std::string& expression);
  json::array nodes(const Level& level, std::int64_t up, std::int64_t depth);
  json::object stage_of(const LineageStage& stage, const Level& parts, std::int64_t row);
  const Column& amount_of(const StoredRows& rows) const;
  std::vector<Column> shown_key(const StoredRows& rows) const;

  Engine& engine_;
  Question question_;
  std::vector<LineageStage> stages_;
  std::vector<Level> levels_;  ///< of each stage, behind it
};

}  // namespace tallymill
