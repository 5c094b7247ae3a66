#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"

namespace tallymill::verify {

/// Where something is not as it must be.
struct Mismatch {
  std::string dataset;
  std::string file = {};                  ///< part-0000.parquet; empty: of the whole version
  std::optional<std::int64_t> line = {};  ///< of the file's rows, the first is 1
  std::string identity;                   ///< what does not hold
  std::string expected;
  std::string found;
};

/// What was looked at, and what did not hold. Every mismatch counts; of those of one identity and
/// dataset the first kExamples are kept with their places.
class Proof {
 public:
  static constexpr std::int64_t kExamples = 20;

  /// `identity` was looked at `times` times (rows, pools, keys). Said also where it fails.
  void looked_at(const std::string& identity, std::int64_t times);
  void fails(Mismatch mismatch);
  /// What could not be recomputed, and why: it is never taken for proven.
  void leaves_out(std::string what) { left_out_.push_back(std::move(what)); }
  /// A line of the certificate: an object per pool or node.
  void certify(const std::string& list, json::object line);

  bool holds() const { return failures_ == 0; }
  json::object to_json() const;

 private:
  struct Identity {
    std::string name;
    std::int64_t times = 0;
    std::int64_t failures = 0;
    std::vector<Mismatch> examples = {};
  };
  Identity& identity(const std::string& name);

  std::vector<Identity> identities_;
  std::int64_t failures_ = 0;
  std::vector<std::string> left_out_;
  json::object lists_;
};

}  // namespace tallymill::verify
