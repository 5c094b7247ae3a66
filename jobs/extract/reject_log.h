#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/engine.h"

namespace tallymill {

/// A source record that left at the door, with every reason.
struct Reject {
  std::size_t source = 0;  ///< index into the reader's sources
  std::int64_t line = 0;
  std::string column = {};   ///< of the first reason; empty: the record as a whole
  std::string reason = {};   ///< first code
  std::string reasons = {};  ///< all codes, joined by ';'
  std::string message = {};
  std::string original = {};
};

/// As much of a record's original text as a reject keeps: more is no help to anybody and may be a
/// whole broken file.
std::string_view kept_original(std::string_view original);

/// Collects rejects from several threads. Beyond a few megabytes they go to a file, so that a
/// source of nothing but rejects does not fill the memory.
class RejectLog {
 public:
  /// `file` is made when it is needed.
  explicit RejectLog(std::filesystem::path file) : file_(std::move(file)) {}

  void add(const Reject& reject);
  std::int64_t count() const { return count_; }
  /// How many rejects there are of each first reason.
  const std::map<std::string, std::int64_t>& counts_by_reason() const { return by_reason_; }

  /// Everything added so far as rows (source, line, column, reason, reasons, message, original),
  /// `sources` naming the sources. Nothing may be added any more.
  std::shared_ptr<TableSource> rows(const std::vector<std::string>& sources);

 private:
  void spill();

  std::filesystem::path file_;
  std::mutex mutex_;
  std::string pending_;  ///< encoded rejects
  std::ofstream out_;
  std::int64_t count_ = 0;
  std::map<std::string, std::int64_t> by_reason_;
};

}  // namespace tallymill
