#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostics.h"
#include "core/json.h"
#include "core/options.h"
#include "core/registry.h"
#include "datasets/type.h"

namespace tallymill {

/// One field of a record from outside, as text; valid until the sink returns.
struct SourceField {
  std::string_view text;
  bool is_null = false;
};

/// Takes records as a reader finds them. Called by one thread at a time per cursor.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// `source` indexes RecordReader::sources(); `line` is the physical line the record starts on
  /// (1-based), or the row number of a query.
  virtual void record(std::size_t source, std::int64_t line, std::span<const SourceField> fields,
                      std::string_view original) = 0;
  /// A record that could not be taken apart: reason code (e.g. "unclosed_quote"), original text.
  virtual void malformed(std::size_t source, std::int64_t line, std::string_view reason,
                         std::string message, std::string_view original) = 0;
  /// True when the current chunk is full; the cursor stops after the record at hand.
  virtual bool is_full() const = 0;
};

/// An opened source. Every record reaches a sink exactly once, as record or as malformed.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  /// Names of the columns the fields stand for, in field order.
  virtual const std::vector<std::string>& columns() const = 0;
  /// What rows name as their `_source`: relative file names, or "connector/table".
  virtual const std::vector<std::string>& sources() const = 0;
  class Cursor {
   public:
    virtual ~Cursor() = default;
    /// Delivers records until the sink is full; false when this cursor has no more.
    virtual bool read(RecordSink& sink) = 0;
  };
  virtual std::unique_ptr<Cursor> open_cursor() = 0;
  virtual std::size_t max_threads() const = 0;
  /// Known after all cursors ended.
  virtual std::int64_t records_read() const = 0;
};

/// Digest-bearing description of what a source holds now, for fingerprints; null: cannot tell
/// without reading (a remote query), so it is always read again.
using SourceState = json::value;

/// An outside system, as `connectors:` in tallymill.yaml declares it.
class Connector {
 public:
  virtual ~Connector() = default;
  /// `from` is the job's mapping (path, table, where, dialect...), `:name` parameters in it are
  /// given by `parameters` and bound. `wanted` are the source columns to read, empty: all.
  virtual std::unique_ptr<RecordReader> open(
      const Options& from, const std::vector<std::string>& wanted,
      const std::vector<std::pair<std::string, std::string>>& parameters) = 0;
  virtual SourceState state(const Options& from) = 0;
};

struct ConnectorContext {
  std::filesystem::path workspace;  ///< relative roots and files are below it
  std::filesystem::path temp_folder;
};

struct ConnectorType {
  std::string name;
  std::string summary;
  std::vector<OptionSpec> options;       ///< in tallymill.yaml
  std::vector<OptionSpec> from_options;  ///< beside `connector:` in an extract's `from:`
  std::function<std::unique_ptr<Connector>(const Options&, const ConnectorContext&)> make;
};

void register_all_connectors(Registry<ConnectorType>& connectors);

}  // namespace tallymill
