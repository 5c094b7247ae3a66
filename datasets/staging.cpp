#include <sys/stat.h>

#include <algorithm>

#include "core/digest.h"
#include "core/disk_space.h"
#include "core/error.h"
#include "core/files.h"
#include "core/sync_all.h"
#include "core/text.h"
#include "datasets/parquet_format.h"
#include "datasets/sql_text.h"
#include "datasets/version.h"
#include "datasets/version_scan.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPart = "part-0000.parquet";
constexpr const char* kSecondPart = "part-0001.parquet";

[[noreturn]] void refuse(const std::string& dataset, const std::string& what) {
  throw Error(ErrorClass::config, "dataset '" + dataset + "': " + what);
}

/// A type that is nearly right would be cast by DuckDB without a word, and a double rounded.
void require_types(const StageRequest& request, const std::vector<BoundColumn>& bound) {
  const std::vector<Column> expected = request.schema.stored_columns();
  for (const Column& column : expected) {
    const auto it = std::find_if(bound.begin(), bound.end(), [&](const BoundColumn& candidate) {
      return candidate.name == column.name;
    });
    if (it == bound.end()) refuse(request.dataset, "column '" + column.name + "' is missing");
    if (it->sql_type != column.type.sql())
      refuse(request.dataset, "column '" + column.name + "' is " + it->sql_type + ", expected " +
                                  column.type.sql() + " (" + column.type.name() + ")");
  }
  for (const BoundColumn& column : bound)
    if (std::none_of(expected.begin(), expected.end(),
                     [&](const Column& known) { return known.name == column.name; }))
      refuse(request.dataset, "column '" + column.name + "' is not declared");
}

fs::path make_folder(const Task& task, const std::string& dataset) {
  fs::path folder = task.folder / "staging" / percent_encode(dataset);
  fs::create_directories(folder.parent_path());
  if (!fs::create_directory(folder))
    throw Error(ErrorClass::bug, "dataset '" + dataset + "' is staged twice");
  return folder;
}

/// Gives the number of rows.
std::int64_t write_part(Engine& engine, const StageRequest& request, const std::string& select,
                        const fs::path& file) {
  return engine
      .query("copy (select " + join(quoted(request.schema.stored_names()), ", ") + " from (" +
             select + "\n)) to " + quote_literal(file.string()) + " (" +
             (request.evidence ? evidence_format() : parquet_format()) + ")")
      .integer(0, 0);
}

std::vector<Manifest::File> files_of(const fs::path& folder) {
  std::vector<Manifest::File> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    files.push_back({.name = entry.path().filename().string(),
                     .bytes = static_cast<std::int64_t>(entry.file_size()),
                     .xxh3 = xxh3_128_file(entry.path()).hex()});
  std::sort(files.begin(), files.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  return files;
}

Manifest manifest_of(const Task& task, const StageRequest& request, const VersionScan& scan,
                     const fs::path& folder) {
  return {.dataset = request.dataset,
          .graph = task.graph,
          .job = task.job,
          .period = task.period,
          .partition = task.partition,
          .evidence = request.evidence,
          .schema = request.schema,
          .rows = scan.rows,
          .digest = scan.digests.content,
          .provenance = scan.digests.provenance,
          .amounts = scan.amounts,
          .files = files_of(folder)};
}

/// Nobody changes a version: not even its owner by accident.
void make_read_only(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    fs::permissions(entry.path(),
                    fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
}

/// Gives the number of rows.
std::int64_t write_parts(Engine& engine, const StageRequest& request, const fs::path& folder) {
  const auto checked = [&](const std::string& select) {
    if (!request.has_exact_types) require_types(request, engine.describe(select));
    return select;
  };
  const std::int64_t rows = write_part(engine, request, checked(request.select), folder / kPart);
  if (!request.more) return rows;
  const fs::path second = folder / kSecondPart;
  const std::int64_t more = write_part(engine, request, checked(request.more()), second);
  if (more == 0) fs::remove(second);
  return rows + more;
}

/// Scans what was written; where a key comes twice, writes it anew without, or refuses.
VersionScan scan_parts(Engine& engine, const Task& task, const StageRequest& request,
                       const fs::path& folder, std::int64_t rows) {
  const std::vector<fs::path> folders{folder};
  std::string relation = parquet_relation(folders);
  // Evidence shows rows as they were found, defects and all.
  const ScanRules rules{.is_strict = !request.evidence,
                        .compares_keys = !request.evidence && !request.has_unique_key,
                        .rows = rows,
                        .key_memory = key_memory(task)};
  VersionScan scan = scan_version(engine, relation, request.dataset, request.schema, rules);
  if (scan.repeated_keys > 0 && request.without_duplicates) {
    const fs::path rewritten = folder / "rewritten.parquet";
    write_part(engine, request, request.without_duplicates(relation), rewritten);
    fs::rename(rewritten, folder / kPart);
    fs::remove(folder / kSecondPart);
    relation = parquet_relation(folders);
    scan = scan_version(engine, relation, request.dataset, request.schema, rules);
  }
  if (scan.repeated_keys > 0) require_unique_key(engine, relation, request.dataset, request.schema);
  return scan;
}

StagedDataset stage(Engine& engine, const Task& task, const StageRequest& request) {
  const fs::path folder = make_folder(task, request.dataset);
  const std::int64_t rows = write_parts(engine, request, folder);
  const auto written = std::chrono::steady_clock::now();
  const VersionScan scan = scan_parts(engine, task, request, folder, rows);
  // Made before there is a file of it: it names all files of the folder.
  const std::string text = pretty_json(manifest_of(task, request, scan, folder).to_json());
  const fs::path manifest = folder / "manifest.json";
  write_all(open_for_appending(manifest), text, manifest);
  const auto proven = std::chrono::steady_clock::now();
  make_read_only(folder);
  std::vector<fs::path> written_paths = tree_of(folder);
  written_paths.push_back(folder.parent_path());
  sync_all(written_paths);
  return {.output = {.dataset = request.dataset,
                     .evidence = request.evidence,
                     .folder = "staging/" + folder.filename().string(),
                     .rows = scan.rows,
                     .digest = scan.digests.content,
                     .amounts = scan.amounts,
                     .provenance = scan.digests.provenance},
          .proof = proven - written};
}

}  // namespace

std::int64_t key_memory(const Task& task) {
  constexpr std::int64_t kWithoutLimit = std::int64_t{1} << 30;
  return task.memory_bytes > 0 ? task.memory_bytes / 10 : kWithoutLimit;
}

StagedDataset stage_dataset(Engine& engine, const Task& task, const StageRequest& request) {
  try {
    return stage(engine, task, request);
  } catch (Error& error) {
    error.add_context("writing dataset '" + request.dataset + "'");
    throw;
  } catch (const fs::filesystem_error& error) {
    throw file_problem(error).add_context("writing dataset '" + request.dataset + "'");
  }
}

}  // namespace tallymill
