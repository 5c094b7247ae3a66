#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "jobs/job.h"
#include "tests/lines.h"

namespace tallymill {

/// One job over hand-made datasets, in this process but in the worker's own context: what it
/// stages is written, read back and digested as in an attempt. Removed at the end.
class JobFixture {
 public:
  JobFixture();
  ~JobFixture();
  JobFixture(const JobFixture&) = delete;
  JobFixture& operator=(const JobFixture&) = delete;

  /// Publishes `select` as a version of `dataset`; a second call for it replaces the first.
  void add_input(const std::string& dataset, const std::string& select, const Schema& schema);
  void add_table(const std::string& name, const std::string& csv);
  /// `lua` follows `local t = require "tallymill"`, which is line 1.
  void add_rule(const std::string& name, const std::string& lua);
  /// What people say of the job's rows; see corrections_text().
  void correct(const std::string& text) { add_file("corrections/j.json", text); }
  /// The output `dataset` of the last run becomes the input `name` of the next.
  void feed(const std::string& dataset, const std::string& name);

  /// The job's mapping, as it stands under `jobs:`, in file g.yaml.
  void set_job(const std::string& yaml);
  /// A cleanse of dataset `rows` into `clean` with these steps, indented by two, from line 5 on.
  void set_steps(const std::string& steps);

  /// What `validate` says before any data: options and shape. One line a problem.
  std::string shape_problems();
  /// What planning says. One line a problem.
  std::string plan_problems();
  /// Plans and runs in a new attempt; unless nothing changed, every dataset of the plan is staged.
  /// Throws what the job throws.
  const TaskResult& run();
  /// The message run() ends with; empty if it does not.
  std::string problem();

  /// Rows of a staged dataset, ordered by all columns: "a|b|-". `columns` is SQL.
  Lines rows(const std::string& dataset, const std::string& columns = "*") const;
  std::string digest(const std::string& dataset) const;
  std::string report() const;
  /// One side of the ledger, "in" or "out".
  std::string ledger(const std::string& side) const;

  Task task;
  TaskResult result;
  JobShape shape;
  std::map<std::string, Schema> schemas;

 private:
  void new_attempt();
  void add_file(const std::string& path, const std::string& text);

  std::filesystem::path root_;
  std::shared_ptr<const YamlDocument> document_;
  std::unique_ptr<EventLog> log_;
  int versions_ = 0;
};

/// `rows` as VALUES of the columns, cast to their types; provenance last.
std::string values_select(const std::string& rows, const Schema& schema);
/// add_input() from them.
void add_rows(JobFixture& fixture, const std::string& dataset, const std::string& rows,
              const Schema& schema);

inline Column text_column(const std::string& name) { return {.name = name, .type = Type::text()}; }
inline Column integer_column(const std::string& name) {
  return {.name = name, .type = Type::integer()};
}
inline Column money_column(const std::string& name) {
  return {.name = name, .type = Type::money(2)};
}
inline Schema columns_of(std::vector<Column> columns, std::vector<std::string> key = {}) {
  return {.columns = std::move(columns), .key = std::move(key)};
}
/// With provenance.
inline Schema sourced(std::vector<Column> columns) {
  return {.columns = std::move(columns), .key = {}, .has_provenance = true};
}

}  // namespace tallymill
