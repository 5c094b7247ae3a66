#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "core/error.h"
#include "core/text.h"
#include "tests/temporary_folder.h"

namespace tallymill {

/// A mapping of YAML as options, with its document.
class YamlOptions {
 public:
  explicit YamlOptions(const std::string& yaml) {
    Diagnostics diagnostics;
    document_ = YamlDocument::parse("t.yaml", yaml, diagnostics);
    REQUIRE_MESSAGE(document_, diagnostics.render());
  }
  Options options() const { return Options(document_->root()); }

 private:
  std::shared_ptr<const YamlDocument> document_;
};

/// Everything a reader delivered, as text: fields joined by '|', null as "null", an inexact number
/// with a '~' in front.
struct Delivered {
  std::vector<std::string> records;    ///< "source:line fields"
  std::vector<std::string> malformed;  ///< "source:line reason"
  std::vector<std::string> messages;   ///< of the malformed ones
  std::vector<std::string> originals;  ///< of the malformed ones
  std::vector<std::string> record_originals;
};

/// Collects; full after `capacity` records.
class CollectingSink final : public RecordSink {
 public:
  explicit CollectingSink(const RecordReader& reader, std::size_t capacity = SIZE_MAX)
      : reader_(reader), capacity_(capacity) {}

  void record(std::size_t source, std::int64_t line, std::span<const SourceField> fields,
              std::string_view original) override {
    std::string text = place(source, line);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      text += i == 0 ? " " : "|";
      if (fields[i].is_inexact) text += '~';
      text += fields[i].is_null ? std::string_view("null") : fields[i].text;
    }
    delivered.records.push_back(text);
    delivered.record_originals.emplace_back(original);
    ++taken_;
  }
  void malformed(std::size_t source, std::int64_t line, std::string_view reason,
                 std::string message, std::string_view original) override {
    CHECK(is_valid_utf8(original));
    CHECK(is_valid_utf8(message));
    delivered.malformed.push_back(place(source, line) + " " + std::string(reason));
    delivered.messages.push_back(std::move(message));
    delivered.originals.emplace_back(original);
  }
  bool is_full() const override { return taken_ >= capacity_; }
  void empty() { taken_ = 0; }

  Delivered delivered;

 private:
  std::string place(std::size_t source, std::int64_t line) const {
    return reader_.sources().at(source) + ":" + std::to_string(line);
  }

  const RecordReader& reader_;
  std::size_t capacity_;
  std::size_t taken_ = 0;
};

inline Delivered read_all(RecordReader& reader) {
  CollectingSink sink(reader);
  const auto cursor = reader.open_cursor();
  while (cursor->read(sink)) {
  }
  reader.finish();
  CHECK(reader.records_read() ==
        static_cast<std::int64_t>(sink.delivered.records.size() + sink.delivered.malformed.size()));
  return std::move(sink.delivered);
}

inline std::vector<WantedColumn> wanted(const std::vector<std::string>& names) {
  std::vector<WantedColumn> columns;
  for (const std::string& name : names) columns.push_back({name, {"t.yaml", 9, 5}});
  return columns;
}

/// A connector of type `type` in a workspace of its own.
class ConnectorFixture {
 public:
  explicit ConnectorFixture(const std::string& type, const std::string& yaml) : declared_(yaml) {
    register_all_connectors(types_);
    type_ = types_.find(type);
    REQUIRE(type_ != nullptr);
    make();
  }

  void make() {
    connector_ = type_->make(declared_.options(), {"c", folder_.path(), folder_.path() / "tmp"});
  }

  const std::filesystem::path& folder() const { return folder_.path(); }
  void write(const std::string& name, std::string_view bytes) const {
    const std::filesystem::path file = folder_.path() / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
  }

  std::unique_ptr<RecordReader> open(const std::string& from,
                                     const std::vector<std::string>& columns = {},
                                     std::vector<SourceParameter> parameters = {}) {
    from_ = std::make_unique<YamlOptions>(from);
    Diagnostics diagnostics;
    validate_options(from_->options().node(), type_->from_options, "from", diagnostics);
    if (type_->check_from) type_->check_from(from_->options(), diagnostics);
    REQUIRE_MESSAGE(!diagnostics.has_errors(), diagnostics.render());
    return connector_->open_reader({from_->options(), wanted(columns), std::move(parameters), {}});
  }
  Delivered read(const std::string& from, const std::vector<std::string>& columns = {},
                 std::vector<SourceParameter> parameters = {}) {
    return read_all(*open(from, columns, std::move(parameters)));
  }
  /// The message open() and reading end with; empty if they succeed.
  std::string failure(const std::string& from, const std::vector<std::string>& columns = {},
                      std::vector<SourceParameter> parameters = {}) {
    try {
      read(from, columns, std::move(parameters));
    } catch (const Error& error) {
      return error.message();
    }
    return "";
  }

  std::unique_ptr<RecordWriter> open_writer(const std::string& to, std::vector<Column> columns,
                                            std::vector<std::string> key,
                                            const Publication& publication) {
    to_ = std::make_unique<YamlOptions>(to);
    Diagnostics diagnostics;
    validate_options(to_->options().node(), type_->to_options, "to", diagnostics);
    REQUIRE_MESSAGE(!diagnostics.has_errors(), diagnostics.render());
    return connector_->open_writer(
        {to_->options(), std::move(columns), std::move(key), publication, {}});
  }

  Connector& connector() { return *connector_; }

 private:
  TemporaryFolder folder_;
  YamlOptions declared_;
  Registry<ConnectorType> types_;
  const ConnectorType* type_ = nullptr;
  std::unique_ptr<Connector> connector_;
  std::unique_ptr<YamlOptions> from_;
  std::unique_ptr<YamlOptions> to_;
};

/// The right to publish with epoch `number`.
inline Publication publication(std::int64_t number, const std::string& period = "2026-01") {
  return {"g",
          "j",
          period,
          "",
          {number, std::string(32, static_cast<char>('a' + number % 26)), std::string(32, '2')},
          "v1:0:0"};
}

/// Reads back, makes visible, and returns what was read back.
inline WriteReceipt publish(RecordWriter& writer) {
  WriteReceipt receipt = writer.read_back();
  writer.commit();
  return receipt;
}

/// Fields of a row; "null" is a null.
class Fields {
 public:
  explicit Fields(std::vector<std::string> texts) : texts_(std::move(texts)) {}
  std::vector<SourceField> fields() const {
    std::vector<SourceField> fields;
    for (const std::string& text : texts_) fields.push_back({text, text == "null", false});
    return fields;
  }

 private:
  std::vector<std::string> texts_;
};

}  // namespace tallymill
