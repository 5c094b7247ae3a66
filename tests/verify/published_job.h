#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/yaml.h"
#include "tests/worker/attempt.h"
#include "verify/verify.h"

namespace tallymill {

/// An attempt that a real worker ran, as the journal would tell of it.
class PublishedJob : public Attempt {
 public:
  explicit PublishedJob(const std::string& name) : Attempt("verify_" + name) {}

  /// Runs the job; its versions are those it staged.
  void publish();
  verify::RecordedJob recorded() const;
  verify::RecordedVersion& made(const std::string& dataset);

  /// What verification finds, as lines "dataset/file:line: identity: expected X, found Y".
  static std::vector<std::string> mismatches(const json::object& proof);
  json::object verify(bool certificate = false) const;

  /// Replaces the rows of a made version by those of `select` over "rows", in a new folder. The
  /// manifest stays as it was, or tells of the new rows.
  void rewrite(const std::string& dataset, const std::string& select, bool with_manifest);
  /// As if the journal told of what lies there now.
  void believe(const std::string& dataset);

  Engine& engine() { return *engine_; }
  std::filesystem::path root() const { return task.workspace; }

 private:
  verify::RecordedJob job_;
  std::shared_ptr<const YamlDocument> options_;
  std::unique_ptr<Engine> engine_;
  int rewritten_ = 0;
};

}  // namespace tallymill
