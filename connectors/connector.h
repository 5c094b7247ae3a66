#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostics.h"
#include "core/json.h"
#include "core/money.h"
#include "core/options.h"
#include "core/registry.h"
#include "core/task.h"
#include "datasets/type.h"

namespace tallymill {

/// One field of a record, as text; valid until the call it is passed to returns.
struct SourceField {
  std::string_view text;
  bool is_null = false;
  /// The source holds a floating-point number and `text` is only its shortest decimal form: it
  /// must not become money, a decimal or an integer unasked.
  bool is_inexact = false;
};

/// Takes records as a cursor finds them. Each cursor has its own sink.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// `source` indexes RecordReader::sources(); `line` is the physical line the record starts on
  /// (1-based), or the row number of a query. `original` is the record as it stood there; empty
  /// where the source has no text form of its own.
  virtual void record(std::size_t source, std::int64_t line, std::span<const SourceField> fields,
                      std::string_view original) = 0;
  /// A record that could not be taken apart: reason code (e.g. "unclosed_quote"), original text.
  /// `message` and `original` are valid UTF-8.
  virtual void malformed(std::size_t source, std::int64_t line, std::string_view reason,
                         std::string message, std::string_view original) = 0;
  /// True when the current chunk is full; the cursor stops after the record at hand.
  virtual bool is_full() const = 0;
};

/// Digest-bearing description of what a source held, for fingerprints. Null: cannot be told, so it
/// is always read again.
using SourceState = json::value;

/// An opened source. Every record reaches a sink exactly once, as record or as malformed.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  /// Names of the columns the fields stand for, in field order: the wanted ones, or all.
  virtual const std::vector<std::string>& columns() const = 0;
  /// Columns of the source that are not read, each with the source that has it.
  virtual std::vector<std::pair<std::string, std::string>> ignored_columns() const = 0;
  /// What rows name as their `_source`: relative file names, or "connector/table".
  virtual const std::vector<std::string>& sources() const = 0;
  /// Whether the source still holds exactly what `previous` (a state()) describes. Called before
  /// any cursor, if at all. May have to hash the source.
  virtual bool is_unchanged(const SourceState& previous) = 0;

  class Cursor {
   public:
    virtual ~Cursor() = default;
    /// Delivers records until the sink is full; false when this cursor has no more.
    virtual bool read(RecordSink& sink) = 0;
  };
  /// Cursors share the source's records between them; each is used by one thread at a time.
  virtual std::unique_ptr<Cursor> open_cursor() = 0;
  virtual std::size_t max_threads() const = 0;

  /// After all cursors ended: throws Error(transient) if the source changed while it was read.
  virtual void finish() = 0;
  /// After finish(): the records the source itself counted, apart from what sinks received.
  virtual std::int64_t records_read() const = 0;
  /// After finish(), or after is_unchanged() said yes: what was read.
  virtual SourceState state() const = 0;
  /// After finish(): facts worth a line of the report, functions of the content alone.
  virtual json::object report() const = 0;
};

/// A value for `:name` in a connector's `where`.
struct SourceParameter {
  std::string name;
  TaskParam value;
};

/// A source column, and where the graph asks for it.
struct WantedColumn {
  std::string name;
  SourcePosition where = {};
};

struct ReadRequest {
  Options from;                           ///< beside `connector:` (path, table, where, dialect)
  std::vector<WantedColumn> wanted = {};  ///< to read, in this order; empty: all
  std::vector<SourceParameter> parameters = {};
  /// ${...} in paths and texts.
  std::function<std::string(const std::string& text, const SourcePosition& where)> expand = {};
  std::string zone = {};  ///< the graph's, by IANA name; empty: UTC
};

/// Who delivers what: the marker a target keeps beside the data, so that an attempt that lost its
/// right to publish cannot overwrite its successor.
struct Publication {
  std::string graph;
  std::string job;
  std::string period;
  std::string partition;
  Epoch epoch;
  std::string digest;  ///< of the dataset version delivered
};

struct WriteRequest {
  Options to;  ///< beside `connector:`
  std::vector<Column> columns;
  std::vector<std::string> key;
  Publication publication;
  std::function<std::string(const std::string& text, const SourcePosition& where)> expand = {};
};

/// What the target holds after a write, read back from it.
struct WriteReceipt {
  std::string where;  ///< relative file name, or "connector/table"
  std::int64_t rows = 0;
  std::map<std::string, Int128> amounts;  ///< of the summable columns, by name
};

/// A write that becomes visible as a whole or not at all.
class RecordWriter {
 public:
  virtual ~RecordWriter() = default;  ///< without commit(), as if nothing had been written
  /// Rows in key order, fields in column order as canonical text (12.30, 2026-01-31, true).
  virtual void write(std::span<const SourceField> fields) = 0;
  /// Ends the writing and counts and sums what the target would show, read back from it. Nothing is
  /// visible yet, so books that do not close publish nothing.
  virtual WriteReceipt read_back() = 0;
  /// After read_back(): makes it visible. Throws Error(config) if a newer epoch, or another store,
  /// has published to this target already.
  virtual void commit() = 0;
};

enum class Capability {
  read,
  write,
  compare,  ///< computes hashes of a table where its rows are
};

class ComparedTable;
struct CompareRequest;

/// An outside system, as `connectors:` in tallymill.yaml declares it.
class Connector {
 public:
  virtual ~Connector() = default;
  /// Ask before opening anything: calling what a connector cannot is a bug.
  virtual bool can(Capability capability) const = 0;
  virtual std::unique_ptr<RecordReader> open_reader(const ReadRequest& request);
  virtual std::unique_ptr<RecordWriter> open_writer(const WriteRequest& request);
  virtual std::unique_ptr<ComparedTable> open_comparison(const CompareRequest& request);
};

struct ConnectorContext {
  std::string name;                 ///< in tallymill.yaml
  std::filesystem::path workspace;  ///< relative roots and files are below it
  std::filesystem::path temp_folder;
};

struct ConnectorType {
  std::string name;
  std::string summary;
  std::vector<OptionSpec> options;       ///< in tallymill.yaml
  std::vector<OptionSpec> from_options;  ///< beside `connector:` in an extract's `from:`
  std::vector<OptionSpec> to_options;    ///< beside `connector:` in an export's `to:`
  /// Beside `connector:` in `table:` of a comparison; those of `from:` where there are none.
  std::vector<OptionSpec> compare_options = {};
  /// Reports what the specs cannot say about a `from:`; may be empty.
  std::function<void(const Options& from, Diagnostics&)> check_from = {};
  std::function<std::unique_ptr<Connector>(const Options&, const ConnectorContext&)> make = {};
};

void register_all_connectors(Registry<ConnectorType>& connectors);

/// The connector `name` as a task carries it ({"type", "spec", "file"}). Throws Error(config) if
/// the task has none of that name or its type is unknown.
struct NamedConnector {
  const ConnectorType* type = nullptr;
  std::shared_ptr<const YamlDocument> document;  ///< keeps the options alive
  std::unique_ptr<Connector> connector;
};
NamedConnector open_connector(const Registry<ConnectorType>& types, const Task& task,
                              const std::string& name, const SourcePosition& where);

}  // namespace tallymill
