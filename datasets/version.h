#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/task.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// manifest.json of a version folder. Everything but `files` is a function of the content.
struct Manifest {
  std::string dataset;
  std::string graph;
  std::string job;
  std::string period;
  std::string partition;
  bool evidence = false;
  Schema schema;
  std::int64_t rows = 0;
  std::string digest;  ///< content digest, see content_digest()
  /// Digest of the rows with their _source and _line; empty if they have none, or of a version
  /// made before it was computed.
  std::string provenance = {};
  std::map<std::string, std::string> amounts;  ///< summable column -> exact sum, nulls as nothing
  struct File {
    std::string name;
    std::int64_t bytes = 0;
    std::string xxh3;
  };
  std::vector<File> files;

  json::object to_json() const;
  static Manifest from_json(const json::object& object);
  /// Reads `folder`/manifest.json; throws Error(data) naming the folder if it is missing or wrong.
  static Manifest read(const std::filesystem::path& folder);
};

/// Count and sum modulo 2^128 of xxh3-128 over type-tagged, length-prefixed values of the business
/// columns: equal for equal rows in any order and at any thread count. Text "v1:<rows>:<32 hex>".
/// `relation` is anything that can stand behind FROM. Detects accident, not malice.
std::string content_digest(Engine& engine, const std::string& relation, const Schema& schema);

struct StageRequest {
  std::string dataset;
  /// Gives the schema's columns by name and, if has_provenance, _source and _line.
  std::string select = {};
  Schema schema = {};
  bool evidence = false;
  /// Asked when the rows of `select` are written: gives a select of more rows. Unset: none.
  std::function<std::string()> more = {};
  /// The maker knows that the key is unique, as file and line of an extract are.
  bool has_unique_key = false;
  /// The maker casts every column to the schema's type itself, having judged what it casts.
  bool has_exact_types = false;
  /// Asked only if a key comes twice in what was written, with a relation over that: gives the
  /// select of the rows to keep, which are written instead. Unset: duplicates are an error.
  std::function<std::string(const std::string& relation)> without_duplicates = {};
};

/// What stage_dataset() made and what of its time the proof took.
struct StagedDataset {
  TaskOutput output;               ///< goes into result.json
  std::chrono::nanoseconds proof;  ///< digest, sums, key comparison and manifest
};

/// Writes `select` as Parquet to <task.folder>/staging/<dataset>/, then its digest, sums and
/// manifest; fsyncs all of it. Refuses columns whose type is not exactly the schema's (a DOUBLE
/// never becomes money) and, for data with a key, duplicate or null keys: Error(data) with the
/// first few.
StagedDataset stage_dataset(Engine& engine, const Task& task, const StageRequest& request);

/// Bytes that sets of key hashes may take in an attempt, beside DuckDB's six tenths of its memory.
std::int64_t key_memory(const Task& task);

}  // namespace tallymill
