#include "core/error.h"
#include "core/files.h"
#include "datasets/version.h"

namespace tallymill {
namespace {

constexpr int kManifestFormat = 1;

}  // namespace

json::object Manifest::to_json() const {
  json::object sums;
  for (const auto& [column, amount] : amounts) sums[column] = amount;
  json::array list;
  for (const File& file : files)
    list.push_back({{"name", file.name}, {"bytes", file.bytes}, {"xxh3", file.xxh3}});
  return {{"format", kManifestFormat},
          {"dataset", dataset},
          {"graph", graph},
          {"job", job},
          {"period", period},
          {"partition", partition},
          {"evidence", evidence},
          {"schema", schema.to_json()},
          {"rows", rows},
          {"digest", digest},
          {"provenance", provenance},
          {"amounts", std::move(sums)},
          {"files", std::move(list)}};
}

Manifest Manifest::from_json(const json::object& object) {
  if (const std::int64_t format = json_integer(object, "format"); format != kManifestFormat)
    throw Error(ErrorClass::data, "manifest format " + std::to_string(format) +
                                      " is not known; this program writes and reads format " +
                                      std::to_string(kManifestFormat));
  Manifest manifest{.dataset = json_text(object, "dataset"),
                    .graph = json_text(object, "graph"),
                    .job = json_text(object, "job"),
                    .period = json_text(object, "period"),
                    .partition = json_text(object, "partition"),
                    .evidence = json_boolean(object, "evidence"),
                    .schema = Schema::from_json(json_at(object, "schema").as_object()),
                    .rows = json_integer(object, "rows"),
                    .digest = json_text(object, "digest"),
                    .provenance = json_text_or(object, "provenance", ""),
                    .amounts = {},
                    .files = {}};
  for (const auto& pair : json_at(object, "amounts").as_object())
    manifest.amounts[pair.key()] = std::string(pair.value().as_string());
  for (const json::value& value : json_at(object, "files").as_array()) {
    const json::object& file = value.as_object();
    manifest.files.push_back({.name = json_text(file, "name"),
                              .bytes = json_integer(file, "bytes"),
                              .xxh3 = json_text(file, "xxh3")});
  }
  return manifest;
}

Manifest Manifest::read(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "manifest.json";
  try {
    if (!std::filesystem::exists(file))
      throw Error(ErrorClass::data, "there is no manifest.json in the version's folder");
    return from_json(parse_json(read_file(file), file.string()).as_object());
  } catch (Error& error) {
    error.add_context("reading the dataset version in " + folder.string());
    throw;
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorClass::data, std::string("manifest.json is malformed: ") + error.what())
        .add_context("reading the dataset version in " + folder.string());
  }
}

}  // namespace tallymill
