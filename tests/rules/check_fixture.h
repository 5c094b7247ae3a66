#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/text.h"
#include "rules/check_run.h"
#include "rules/findings_sql.h"

namespace tallymill {

/// A dataset in an engine, and what a check needs to know of it. Conditions are not vetted as the
/// worker does; parameters are not bound.
class CheckFixture final : public CheckContext {
 public:
  /// `rows`: SQL VALUES or a SELECT that gives `columns` in order.
  CheckFixture(std::vector<Column> columns, const std::string& rows, bool has_provenance = false)
      : engine_(EngineSettings{}), rules_(&engine_, {}, 2) {
    schema_.columns = std::move(columns);
    schema_.has_provenance = has_provenance;
    create("data", schema_, rows);
  }

  const Schema& schema() const override { return schema_; }
  Engine& engine() override { return engine_; }
  Diagnostics& diagnostics() override { return diagnostics_; }
  RuleRuntime& rules() override { return rules_; }
  std::int64_t as_of() const override { return as_of_; }
  std::optional<std::string> expand(const std::string& text, const SourcePosition&) override {
    return text;
  }
  std::optional<std::string> condition(const std::string& sql,
                                       const SourcePosition& where) override {
    try {
      engine_.describe("select " + sql + " from data");
      return sql;
    } catch (const Error&) {
      diagnostics_.error(where, "'" + sql + "' does not bind");
      return std::nullopt;
    }
  }
  std::optional<Reference> reference(const std::string& name,
                                     const SourcePosition& where) override {
    const auto it = std::find_if(references_.begin(), references_.end(),
                                 [&](const Reference& known) { return known.name == name; });
    if (it != references_.end()) return *it;
    diagnostics_.error(where, "no dataset '" + name + "'");
    return std::nullopt;
  }
  std::optional<Period> period() const override { return period_; }
  std::optional<PeriodKind> period_kind() const override {
    return period_ ? std::optional(period_->kind()) : std::nullopt;
  }
  MeasureHistory past(const std::string& measure) override { return past_[measure]; }
  const RuleInfo* rule(const std::string& name, const SourcePosition&) override {
    return rules_.load({name, "rules/" + name + ".lua", rule_texts_[name]}, diagnostics_);
  }

  void add_reference(const std::string& name, std::vector<Column> columns, const std::string& rows,
                     bool is_table = false) {
    Schema schema;
    schema.columns = columns;
    create(name, schema, rows);
    references_.push_back({name, quote_identifier(name), std::move(columns), is_table});
  }
  void add_rule(const std::string& name, std::string text) { rule_texts_[name] = std::move(text); }
  void set_as_of(std::int64_t micros) { as_of_ = micros; }

  std::optional<Period> period_;
  std::map<std::string, MeasureHistory> past_;  ///< by measure

  /// Runs the checks of a YAML list; any problem of them fails the test.
  SuiteOutcome run(const std::string& yaml, std::int64_t max_rule_errors = 100,
                   std::int64_t key_memory = 64 << 20) {
    plan(yaml);
    INFO(problems());
    REQUIRE(diagnostics_.empty());
    return run_suite(engine_, planned_, "data", schema_, max_rule_errors, key_memory);
  }
  /// The only check's result.
  CheckResult run_one(const std::string& yaml) {
    const SuiteOutcome outcome = run(yaml);
    REQUIRE(outcome.checks.size() == 1);
    return outcome.checks[0];
  }
  /// Headlines of what loading and planning reports.
  std::string problems_of(const std::string& yaml) {
    plan(yaml);
    return problems();
  }
  /// One line "<columns> | <_check> | ..." for each finding, sorted.
  std::vector<std::string> findings(const SuiteOutcome& outcome, const std::string& columns) {
    std::vector<std::string> lines;
    if (!outcome.findings_select) return lines;
    for (const auto& cells :
         engine_.query("select " + columns + " from (" + *outcome.findings_select + ")").cells) {
      std::string line;
      for (const auto& cell : cells) line += (line.empty() ? "" : " | ") + cell.value_or("null");
      lines.push_back(std::move(line));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

 private:
  void create(const std::string& name, const Schema& schema, const std::string& rows) {
    std::string columns;
    for (const Column& column : schema.columns)
      columns +=
          (columns.empty() ? "" : ", ") + quote_identifier(column.name) + " " + column.type.sql();
    if (schema.has_provenance) columns += ", _source VARCHAR, _line BIGINT";
    engine_.execute("create table " + quote_identifier(name) + " (" + columns + ")");
    engine_.execute("insert into " + quote_identifier(name) + " " + rows);
  }
  void plan(const std::string& yaml) {
    document_ = YamlDocument::parse("t.yaml", yaml, diagnostics_);
    REQUIRE(document_ != nullptr);
    suite_ = load_checks(document_->root(), check_types(), diagnostics_);
    if (!diagnostics_.has_errors()) planned_ = plan_suite(suite_, *this);
  }
  std::string problems() const {
    Diagnostics headlines;  // has no source text, so renders headlines only
    for (const Diagnostic& problem : diagnostics_.sorted()) headlines.add(problem);
    return headlines.render();
  }

  Engine engine_;
  RuleRuntime rules_;
  Schema schema_;
  Diagnostics diagnostics_;
  std::int64_t as_of_ = 0;
  std::vector<Reference> references_;
  std::map<std::string, std::string> rule_texts_;
  std::shared_ptr<const YamlDocument> document_;
  std::vector<SuiteCheck> suite_;
  PlannedSuite planned_;
};

}  // namespace tallymill
