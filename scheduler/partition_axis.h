#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/yaml.h"

namespace tallymill {

struct Workspace;

/// `partition:` of a job: the second axis along which it runs, publishes and fails. Its values are
/// declared, or listed by a job of the graph when the run gets there.
struct PartitionAxis {
  std::string name;                 ///< city, branch, ...
  std::vector<std::string> values;  ///< declared ones, in their order
  std::string list_job = {};        ///< makes the list; empty: the values are declared
  YamlNode list = {};  ///< its options, of a job the loader makes; absent: it is declared
  SourcePosition list_place = {};  ///< where a declared one is named
  std::string file = {};           ///< the table the declared values stand in; empty: none
  SourcePosition where = {};

  bool is_listed() const { return !list_job.empty(); }
  bool has(const std::string& value) const;
};

/// One partition, as people name it: city=beijing.
struct PartitionChoice {
  std::string name;
  std::string value;
};

/// Reads `partition:` of a graph or job; null for `none`, for an absent one and for one that is not
/// sound. Values of a table are read from the workspace. Reports values that are empty, twice
/// there, or too long for a folder's name.
std::shared_ptr<const PartitionAxis> read_partition(YamlNode node, const Workspace& workspace,
                                                    Diagnostics& diagnostics);

/// How people are told of a partition: "city beijing".
std::string partition_words(const PartitionAxis& axis, const std::string& value);

}  // namespace tallymill
