#include "connectors/connector.h"
#include "connectors/csv/dialect.h"
#include "connectors/files/csv_reader.h"
#include "connectors/files/csv_writer.h"
#include "connectors/files/file_expectations.h"
#include "connectors/files/found_files.h"
#include "core/error.h"

namespace tallymill {

namespace {

/// Files below one folder.
class Files final : public Connector {
 public:
  Files(const Options& options, const ConnectorContext& context)
      : root_(context.workspace / options.text("root"), options.position("root")) {}

  bool can(Capability capability) const override { return capability != Capability::compare; }

  std::unique_ptr<RecordReader> open_reader(const ReadRequest& request) override {
    const SourcePosition where = request.from.position("path");
    const std::string path = expanded(request.from.text("path"), where, request.expand);
    std::vector<FoundFile> files = find(path, where, request.from.boolean("optional"));
    FileExpectations::require(files, request);
    return std::make_unique<CsvReader>(std::move(files), csv::Dialect::from(request.from),
                                       request.wanted);
  }

  std::unique_ptr<RecordWriter> open_writer(const WriteRequest& request) override {
    const SourcePosition where = request.to.position("path");
    const std::string path = expanded(request.to.text("path"), where, request.expand);
    return std::make_unique<CsvWriter>(path, root_.place(path, where), request,
                                       CsvStyle::from(request.to));
  }

 private:
  template <class Expand>
  static std::string expanded(const std::string& text, const SourcePosition& where,
                              const Expand& expand) {
    return expand ? expand(text, where) : text;
  }

  std::vector<FoundFile> find(const std::string& path, const SourcePosition& where,
                              bool is_optional) const {
    if (is_optional && !has_wildcard(path) && !root_.has(path, where)) return {};
    std::vector<FoundFile> files = root_.find(path, where);
    if (files.empty() && !is_optional)
      throw Error(ErrorClass::data,
                  "no file below '" + root_.path().string() + "' matches '" + path +
                      "'; if there may be none, say optional: true",
                  where);
    return files;
  }

  FileRoot root_;
};

std::vector<OptionSpec> from_options() {
  std::vector<OptionSpec> options{
      {"path", OptionKind::path,
       "The file below the connector's root, or several by `*`, `?` and `[...]` within a path "
       "component. Hidden files never match.",
       true},
      {"optional", OptionKind::boolean, "Whether there may be no such file.", false, "false"},
  };
  for (OptionSpec& option : FileExpectations::options()) options.push_back(std::move(option));
  for (OptionSpec& option : csv::dialect_options()) options.push_back(std::move(option));
  return options;
}

void check_from(const Options& from, Diagnostics& diagnostics) {
  csv::check_dialect(from, diagnostics);
  FileExpectations::check(from, diagnostics);
}

std::vector<OptionSpec> to_options() {
  std::vector<OptionSpec> options{
      {"path", OptionKind::path,
       "The file to write, below the connector's root; its folders are made.", true}};
  for (OptionSpec& option : CsvStyle::options()) options.push_back(std::move(option));
  return options;
}

}  // namespace

void register_files(Registry<ConnectorType>& connectors) {
  connectors.add({
      .name = "files",
      .summary = "CSV files below one folder, plain or gzip, UTF-8 or GB18030.",
      .options = {{"root", OptionKind::path,
                   "The folder, relative to the workspace or absolute; nothing outside of it is "
                   "read or written.",
                   true}},
      .from_options = from_options(),
      .to_options = to_options(),
      .check_from = check_from,
      .make = [](const Options& options, const ConnectorContext& context)
          -> std::unique_ptr<Connector> { return std::make_unique<Files>(options, context); },
  });
}

}  // namespace tallymill
