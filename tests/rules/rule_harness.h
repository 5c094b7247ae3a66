#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "rules/rule_runtime.h"
#include "tests/lines.h"

namespace tallymill {

/// A rule runtime over rows written as SQL, for tests.
class RuleHarness {
 public:
  explicit RuleHarness(RuleLimits limits = {}, int threads = 1);

  /// Loads `text` as rules/<name>.lua.
  const RuleInfo* load(const std::string& name, const std::string& text,
                       const FileTexts& files = {});
  /// Problems so far, rendered without source lines.
  std::string problems() const;
  Diagnostics& diagnostics() { return diagnostics_; }

  /// Makes table `rows` from a SELECT and says what its columns are.
  void rows(const std::string& select, std::vector<Column> columns, bool has_provenance = false);
  const Schema& schema() const { return schema_; }

  std::optional<RuleCall> bind(const std::vector<std::string>& rules,
                               const std::map<std::string, std::string>& params = {});
  /// One line a finding: "<row> <rule> fail CC04: message", rows counted from 0 in table order.
  std::vector<std::string> check(const std::vector<std::string>& rules,
                                 const std::map<std::string, std::string>& params = {});
  /// Fields of a value rule's struct, one line a row: "a | b | error".
  std::vector<std::string> values(const std::vector<std::string>& rules,
                                  const std::map<std::string, std::string>& params = {});

  Engine& engine() { return engine_; }
  RuleRuntime& runtime() { return runtime_; }

 private:
  Engine engine_;
  RuleRuntime runtime_;
  Diagnostics diagnostics_;
  Schema schema_;
};

/// A check rule's file around a function body; `needs` as in the file, e.g. `gift = "money"`.
std::string check_rule_text(const std::string& name, const std::string& needs,
                            const std::string& body, const std::string& more = {});

/// Problems of rules/probe.lua with this text, rendered without source lines; empty if it is sound.
std::string rule_problems(const std::string& text);

/// The rule the README shows, gift_within_declaration.
std::string gift_rule_text();

Column column(const std::string& name, const Type& type);

}  // namespace tallymill
