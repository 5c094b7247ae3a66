#include "connectors/connector.h"
#include "connectors/sqlite/reader.h"
#include "connectors/sqlite/writer.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {

namespace {

namespace fs = std::filesystem;

/// A SQLite database file.
class Sqlite final : public Connector {
 public:
  Sqlite(const Options& options, const ConnectorContext& context)
      : name_(context.name),
        file_((context.workspace / options.text("file")).lexically_normal()),
        where_(options.position("file")) {}

  bool can(Capability capability) const override { return capability != Capability::compare; }

  std::unique_ptr<RecordReader> open_reader(const ReadRequest& request) override {
    if (!fs::is_regular_file(file_))
      throw Error(
          ErrorClass::config,
          "no such database: " + file_.string() + hint() + "; reading never creates a database",
          where_);
    return std::make_unique<SqliteReader>(file_, source(request.from), request);
  }

  std::unique_ptr<RecordWriter> open_writer(const WriteRequest& request) override {
    return std::make_unique<SqliteWriter>(file_, source(request.to), request);
  }

 private:
  std::string source(const Options& options) const { return name_ + "/" + options.text("table"); }

  std::string hint() const {
    std::vector<std::string> names;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(file_.parent_path(), error))
      names.push_back(entry.path().filename().string());
    const std::string meant = did_you_mean(file_.filename().string(), names);
    return meant.empty() ? "" : "; " + meant;
  }

  std::string name_;
  fs::path file_;
  SourcePosition where_;
};

}  // namespace

void register_sqlite(Registry<ConnectorType>& connectors) {
  connectors.add({
      .name = "sqlite",
      .summary = "Tables of a SQLite database file.",
      .options = {{"file", OptionKind::path,
                   "The database file, relative to the workspace or absolute.", true}},
      .from_options =
          {{"table", OptionKind::text, "The table or view to read.", true},
           {"where", OptionKind::text,
            "An SQL condition without `;`. :period, :period_first_day, :period_last_day and "
            ":param_NAME are bound values."}},
      .to_options = {{"table", OptionKind::name, "The table to write.", true},
                     {"replace", OptionKind::column,
                      "The column that holds the period: only rows of the run's period are "
                      "replaced. Without it the table is made anew."}},
      .make = [](const Options& options, const ConnectorContext& context)
          -> std::unique_ptr<Connector> { return std::make_unique<Sqlite>(options, context); },
  });
}

}  // namespace tallymill
