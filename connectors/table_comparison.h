#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.h"

namespace tallymill {

/// A column of a table that is compared, and the type its values must have on both sides.
struct ComparedColumn {
  std::string name;  ///< in the table
  Type type;
  SourcePosition where = {};
};

struct CompareRequest {
  Options table;                             ///< beside `connector:`
  std::vector<ComparedColumn> key = {};      ///< in the order of the other side
  std::vector<ComparedColumn> columns = {};  ///< beside the key
  std::vector<SourceParameter> parameters = {};
  /// In front of everything that is hashed: who makes the data cannot choose rows that collide.
  std::string salt = {};
  /// ${...} in paths and texts.
  std::function<std::string(const std::string& text, const SourcePosition& where)> expand = {};
};

/// What all rows of one segment come to: their number, and of their hashes the sums of four parts
/// of 32 bits, so that the same change of two rows, or a row that is there twice, does not cancel.
struct SegmentSum {
  std::int64_t segment = 0;
  std::int64_t rows = 0;
  std::array<std::string, 4> sums;  ///< whole numbers

  friend bool operator==(const SegmentSum&, const SegmentSum&) = default;
};

/// A table seen through hashes. A row's text is that of its fields, each "-" where it is null, else
/// a letter for its kind, its length in bytes, ':' and the value: t text, n number without zeros at
/// its end, d day, s instant of UTC, b boolean, x what is no value of the type. The key hash is
/// SHA-256 of salt and key, the row hash that of salt, key, '|' and the other fields; 32 hex digits
/// of each. A segment is the first `bits` bits of the key hash, so segments are alike in size
/// whatever the keys are.
///
/// All calls see the table at one instant. Throws Error: config for a table or column that is not
/// there, transient for a connection that is lost.
class ComparedTable {
 public:
  virtual ~ComparedTable() = default;

  /// In order of their numbers, those that have rows. `bits` is from 0 to 16.
  virtual std::vector<SegmentSum> segments(int bits) = 0;

  using TakeHashes = std::function<void(std::string_view key, std::string_view row)>;
  /// Of the rows in these segments.
  virtual void hashes(int bits, std::span<const std::int64_t> segments, const TakeHashes& take) = 0;

  using TakeRow =
      std::function<void(std::string_view key, std::span<const std::optional<std::string>> fields)>;
  /// Key hash and values (key, then columns, as they were hashed) of the rows with these keys.
  virtual void rows(std::span<const std::string> keys, const TakeRow& take) = 0;
};

/// The letter of a type in a row's text.
char field_letter(const Type& type);

/// The table of a connector that cannot compute hashes where the rows are: it is read instead, once
/// for each call.
std::unique_ptr<ComparedTable> compare_by_reading(Connector& connector, CompareRequest request);

}  // namespace tallymill
