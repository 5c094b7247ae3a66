#include "worker/inputs.h"

#include "core/error.h"
#include "core/text.h"
#include "datasets/version.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// A version that is not what was pinned must not be computed with.
Schema verified_schema(const std::string& dataset, const InputVersion& version) {
  Manifest manifest = Manifest::read(version.folder);
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorClass::data, what + "; the version was changed or damaged after it was made")
        .add_context("opening version " + version.version + " of dataset '" + dataset + "' in " +
                     version.folder.string());
  };
  if (manifest.dataset != dataset) refuse("its manifest names dataset '" + manifest.dataset + "'");
  if (manifest.digest != version.digest)
    refuse("its manifest has digest " + manifest.digest + ", pinned is " + version.digest);
  for (const Manifest::File& file : manifest.files) {
    std::error_code problem;
    const std::uintmax_t bytes = fs::file_size(version.folder / file.name, problem);
    if (problem) refuse("file " + file.name + " cannot be read: " + problem.message());
    if (bytes != static_cast<std::uintmax_t>(file.bytes))
      refuse("file " + file.name + " has " + std::to_string(bytes) + " bytes, its manifest says " +
             std::to_string(file.bytes));
  }
  return std::move(manifest.schema);
}

}  // namespace

const std::vector<InputVersion>& PublishedInputs::versions(const std::string& dataset) const {
  const auto it = inputs_.find(dataset);
  if (it == inputs_.end() || it->second.empty())
    throw Error(ErrorClass::bug, "the task pins no version of dataset '" + dataset + "'");
  return it->second;
}

const Schema& PublishedInputs::schema(const std::string& dataset) {
  if (const auto it = schemas_.find(dataset); it != schemas_.end()) return it->second;
  Schema schema;
  const InputVersion* first = nullptr;
  for (const InputVersion& version : versions(dataset)) {
    Schema found = verified_schema(dataset, version);
    if (first != nullptr && found != schema)
      throw Error(ErrorClass::data, "versions " + first->version + " and " + version.version +
                                        " of dataset '" + dataset +
                                        "' have different columns; make the older one again");
    if (first == nullptr) schema = std::move(found);
    first = &version;
  }
  return schemas_[dataset] = std::move(schema);
}

std::string PublishedInputs::select(const std::string& dataset) {
  std::vector<std::string> names;
  for (const std::string& name : schema(dataset).stored_names())
    names.push_back(quote_identifier(name));
  std::vector<fs::path> folders;
  for (const InputVersion& version : versions(dataset)) folders.push_back(version.folder);
  return "select " + join(names, ", ") + " from " + parquet_relation(folders);
}

const Schema& PlannedInputs::schema(const std::string& dataset) {
  const auto it = schemas_.find(dataset);
  if (it == schemas_.end()) throw UnknownSchema("dataset '" + dataset + "' has no schema");
  return it->second;
}

std::string PlannedInputs::select(const std::string& dataset) {
  const Schema& planned = schema(dataset);
  std::vector<std::string> columns;
  for (const std::string& name : planned.stored_names()) {
    const Column* column = planned.find(name);
    const Type type = column != nullptr     ? column->type
                      : name == kLineColumn ? Type::integer()
                                            : Type::text();
    columns.push_back("null::" + type.sql() + " as " + quote_identifier(name));
  }
  return "select " + join(columns, ", ") + " where false";
}

}  // namespace tallymill
