#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/files.h"
#include "core/task.h"
#include "core/yaml.h"
#include "datasets/version.h"
#include "tests/folders.h"
#include "tests/hand_made_task.h"

namespace tallymill {

/// A hand-made attempt folder that the real tallymill-worker runs in; of this process alone, and
/// removed at the end.
class Attempt {
 public:
  explicit Attempt(const std::string& name)
      : root_(std::filesystem::temp_directory_path() /
              ("tallymill_worker_" + name + "_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(root_);
    task = hand_made_task(root_);
    task.folder = root_ / "attempt";
    std::filesystem::create_directories(task.folder);
    task.memory_bytes = std::int64_t{1} << 30;
  }
  ~Attempt() { std::filesystem::remove_all(root_); }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// Publishes `select` as a version of `dataset` and pins it.
  void add_input(const std::string& dataset, const std::string& select, const Schema& schema) {
    task.inputs[dataset].push_back(
        make_version(root_ / ("made_" + dataset), dataset, select, schema));
  }

  void add_file(const std::string& path, const std::string& text) {
    pin_file(task, root_, path, text);
  }

  /// The job's mapping, as it would stand under `jobs:`; sets the type.
  void set_job(const std::string& yaml) {
    Diagnostics diagnostics;
    const auto document = YamlDocument::parse("graphs/g.yaml", yaml, diagnostics);
    REQUIRE_MESSAGE(document, diagnostics.render());
    task.type = std::string(document->root().find("type").text());
    task.spec = document->root().to_json();
  }

  TaskResult run() {
    write_file_durably(task.folder / "task.json", json::serialize(task.to_json()));
    exit_code = start();
    const std::filesystem::path file = task.folder / "result.json";
    REQUIRE(std::filesystem::exists(file));
    return TaskResult::from_json(parse_json(read_file(file), "result.json"));
  }

  int start() const {
    const std::string command = std::string(kBuildFolder) + "/bin/tallymill-worker " +
                                task.folder.string() + " 2> " + (root_ / "stderr").string();
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string standard_error() const { return read_file(root_ / "stderr"); }
  std::string log() const { return read_file(task.folder / "log.jsonl"); }

  /// Rows of a staged dataset, ordered by all columns, cells joined by '|'.
  std::string rows(const std::string& dataset) const {
    const std::vector<std::filesystem::path> folders{task.folder / "staging" / dataset};
    Engine engine({.threads = 1, .readable = folders});
    const Rows found = engine.query("select * from " + parquet_relation(folders) + " order by all");
    std::string text;
    for (const auto& row : found.cells) {
      for (std::size_t i = 0; i < row.size(); ++i)
        text += (i == 0 ? "" : "|") + row[i].value_or("null");
      text += "\n";
    }
    return text;
  }

  const std::filesystem::path& root() const { return root_; }

  Task task;
  int exit_code = -1;

 private:
  std::filesystem::path root_;
};

inline Schema make_schema(std::vector<Column> columns, std::vector<std::string> key) {
  Schema schema;
  schema.columns = std::move(columns);
  schema.key = std::move(key);
  return schema;
}

/// Three bills of two customers: 10.00, 20.05 and -3.00.
inline void add_bills(Attempt& attempt) {
  attempt.add_input("bills",
                    "select * from (values ('b1', 'ann', 10.00::decimal(18,2)), ('b2', 'bob', "
                    "20.05), ('b3', 'ann', -3.00)) t(bill, customer, amount)",
                    make_schema({{.name = "bill", .type = Type::text()},
                                 {.name = "customer", .type = Type::text(), .sensitive = true},
                                 {.name = "amount", .type = Type::money(2)}},
                                {"bill"}));
}

}  // namespace tallymill
