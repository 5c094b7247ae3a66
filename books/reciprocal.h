#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tallymill::books {

/// Service centres that serve each other and final receivers. What a centre bears in the end is its
/// own cost plus its shares of what the centres that serve it bear: linear equations, solved in
/// rational numbers, one strongly connected component at a time, those nearest to the receivers
/// first. Method: reciprocal (simultaneous) allocation.
struct Service {
  std::string from;
  std::string to;
  std::int64_t units = 0;  ///< not negative; a centre's service to itself is left out of account
};
struct ServicePool {
  std::string centre;
  std::int64_t amount = 0;  ///< minor units, any sign
};

/// What of a centre's own cost ends at a receiver.
struct ServicePart {
  std::string centre;
  std::string receiver;
  std::int64_t amount = 0;
};
/// A centre none of whose cost can end anywhere, since it serves a loop that nothing leaves.
struct ClosedLoop {
  std::string centre;
  std::string loop;  ///< "A -> B -> A"
};

struct ReciprocalSplit {
  /// By centre, then receiver; the parts of a centre add up to its cost. One that serves nobody
  /// keeps its own. Rounded once, by largest remainder, ties to the smaller receiver.
  std::vector<ServicePart> parts;
  std::vector<ClosedLoop> closed;  ///< by centre; these have no parts
};

/// `pools`: each centre once. Throws Error(data) that names a service of negative units.
ReciprocalSplit split_reciprocally(const std::vector<ServicePool>& pools,
                                   const std::vector<Service>& services);

}  // namespace tallymill::books
