#include "worker/inputs.h"

#include <algorithm>
#include <span>

#include "core/error.h"
#include "core/text.h"
#include "datasets/sql_text.h"
#include "datasets/version.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A version that is not what was pinned must not be computed with.
Manifest verified_manifest(const std::string& dataset, const InputVersion& version) {
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
  return manifest;
}

}  // namespace

const std::vector<InputVersion>& PublishedInputs::versions(const std::string& input) const {
  const auto it = inputs_.find(input);
  if (it == inputs_.end() || (it->second.empty() && !task_.schemas.contains(input)))
    throw Error(ErrorClass::bug, "the task pins no version of dataset '" + input + "'");
  return it->second;
}

bool PublishedInputs::is_empty(const std::string& input) const { return versions(input).empty(); }

const Schema& PublishedInputs::schema(const std::string& input) {
  if (const auto it = schemas_.find(input); it != schemas_.end()) return it->second;
  if (is_empty(input))
    return schemas_[input] = Schema::from_json(task_.schemas.at(input).as_object());
  Schema schema;
  const InputVersion* first = nullptr;
  for (const InputVersion& version : versions(input)) {
    const std::string& dataset = version.dataset.empty() ? input : version.dataset;
    Manifest manifest = verified_manifest(dataset, version);
    totals_[input].push_back({.rows = manifest.rows, .amounts = std::move(manifest.amounts)});
    Schema found = std::move(manifest.schema);
    if (first != nullptr && found != schema)
      throw Error(ErrorClass::data, "versions " + first->version + " and " + version.version +
                                        " of dataset '" + dataset +
                                        "' have different columns; make the older one again");
    if (first == nullptr) schema = std::move(found);
    first = &version;
  }
  return schemas_[input] = std::move(schema);
}

std::vector<VersionTotals> PublishedInputs::totals(const std::string& input) {
  (void)schema(input);
  return totals_[input];
}

std::string PublishedInputs::select(const std::string& input) {
  const Schema& known = schema(input);
  const bool several = contains(task_.several, input);
  if (is_empty(input)) return select_nothing(known, several);
  const std::string columns = "select " + join(quoted(known.stored_names()), ", ");
  std::vector<fs::path> folders;
  std::vector<std::string> selects;
  for (const InputVersion& version : versions(input)) {
    folders.push_back(version.folder);
    selects.push_back(columns + ", " + quote_literal(version.period) + " as " + kPeriodColumn +
                      ", " + quote_literal(version.partition) + " as " + kPartitionColumn +
                      " from " + parquet_relation(std::span(&version.folder, 1)));
  }
  return several ? join(selects, " union all ") : columns + " from " + parquet_relation(folders);
}

std::string select_nothing(const Schema& schema, bool several) {
  std::vector<std::string> columns;
  for (const std::string& name : schema.stored_names()) {
    const Column* column = schema.find(name);
    const Type type = column != nullptr     ? column->type
                      : name == kLineColumn ? Type::integer()
                                            : Type::text();
    columns.push_back("null::" + type.sql() + " as " + quote_identifier(name));
  }
  for (const char* name : {kPeriodColumn, kPartitionColumn})
    if (several) columns.push_back("null::varchar as " + std::string(name));
  return "select " + join(columns, ", ") + " where false";
}

const Schema& PlannedInputs::schema(const std::string& input) {
  const auto name = datasets_.find(input);
  const auto it = schemas_.find(name == datasets_.end() ? input : name->second);
  if (it == schemas_.end()) throw UnknownSchema("dataset '" + input + "' has no schema");
  return it->second;
}

std::string PlannedInputs::select(const std::string& input) {
  return select_nothing(schema(input), several_.contains(input));
}

}  // namespace tallymill
