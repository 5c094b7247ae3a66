#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "verify/allocation.h"

namespace tallymill::verify {

/// The receivers of a job in the order of its hierarchy, then of their keys, with the nodes of the
/// hierarchy that each stands in. Throws Error(data) for a place that is no place.
class OrderedReceivers {
 public:
  OrderedReceivers(Engine& engine, const RecordedJob& job, const AllocationInputs& inputs);

  struct Node {
    std::string name;  ///< "branch B1, grid G2"
    int level = 0;     ///< 0: the top
  };
  using Path = std::vector<std::uint32_t>;  ///< numbers of nodes, from the top down

  const std::vector<std::uint32_t>& order() const { return order_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const Path& path_of(std::uint32_t receiver) const { return paths_[path_of_[receiver]]; }
  const std::string& name_of_receiver(std::uint32_t receiver) const { return names_[receiver]; }

 private:
  /// Where a receiver stands, as bytes that order paths, and the names of the nodes above it.
  struct Place {
    std::string bytes;
    std::vector<std::size_t> ends;  ///< of each node's bytes
    std::vector<std::string> names;
  };
  void read_places(const Options& hierarchy);
  void read_receivers(const std::vector<std::string>& placed,
                      const std::function<Place(const Row&, const std::vector<Column>&)>& place_of);
  std::uint32_t path(const Place& place);
  void sort();

  Engine& engine_;
  const RecordedJob& job_;
  const AllocationInputs& inputs_;
  std::vector<Node> nodes_;
  std::map<std::string, std::uint32_t> node_by_bytes_;
  std::vector<Path> paths_;
  std::vector<std::string> path_bytes_;
  std::map<std::string, std::uint32_t> path_by_bytes_;
  std::vector<std::uint32_t> path_of_;  ///< by receiver
  std::vector<std::string> keys_;       ///< by receiver, in order
  std::vector<std::string> names_;      ///< by receiver
  std::vector<std::uint32_t> order_;
};

}  // namespace tallymill::verify
