#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostics.h"
#include "core/json.h"
#include "core/yaml.h"

namespace tallymill {

/// What a value of an option looks like.
enum class OptionKind {
  text,  ///< any scalar
  name,  ///< an identifier: job, dataset, rule, connector names (dots allowed in datasets)
  integer,
  ratio,    ///< 0..1 as a plain decimal
  decimal,  ///< a plain decimal of any size, kept as text
  boolean,
  duration,    ///< 30s, 10m
  column,      ///< the name of a column
  columns,     ///< one column name or a list of them
  expression,  ///< an SQL expression over the columns of the input
  sql,         ///< one SELECT
  path,        ///< a path relative to the workspace or connector root; ${...} allowed
  choice,      ///< one of `choices`
  list,        ///< a list; `fields[0]` describes an element
  map,         ///< a mapping with free keys; `fields[0]` describes a value
  object,      ///< a mapping with the keys in `fields`
  either,      ///< one of the alternatives in `fields`, told apart by YAML kind (or object keys)
  unit,        ///< a one-key mapping {unit name: its options}; `units` names the registry
  any,         ///< anything; the unit reads it itself
};

/// One key of a unit's YAML. The one schema for loading, `explain` and the JSON Schema.
struct OptionSpec {
  std::string name;
  OptionKind kind = OptionKind::text;
  std::string summary = {};  ///< one sentence
  bool required = false;
  std::string default_text = {};  ///< for pages and `explain`; the unit applies it
  std::vector<std::string> choices = {};
  std::vector<OptionSpec> fields = {};
  std::string units = {};     ///< with OptionKind::unit: "check", "step"
  bool may_be_empty = false;  ///< columns: [] is a value
};

/// Reports everything about `node` that `specs` do not allow: unknown keys (with the nearest known
/// one), missing keys, wrong kinds. `subject` completes the sentence, e.g. "check 'not_null'".
/// Keys in `also_allowed` are left to the caller.
void validate_options(YamlNode node, const std::vector<OptionSpec>& specs, std::string_view subject,
                      Diagnostics& diagnostics, const std::vector<std::string>& also_allowed = {});

/// The same for a unit whose option `main` may stand for all: `unique: [a, b]` says
/// `unique: { columns: [a, b] }`. Empty `main`: the unit always takes a mapping.
void validate_unit_options(YamlNode node, const std::vector<OptionSpec>& specs,
                           std::string_view main, std::string_view subject,
                           Diagnostics& diagnostics);

/// Typed reading of a mapping that validate_options() found sound. Reading an absent optional key
/// gives the fallback; reading a wrong kind is a bug and throws std::logic_error.
class Options {
 public:
  Options() = default;
  explicit Options(YamlNode node) : node_(node) {}
  /// Of a unit: a node that is no mapping is the value of option `main`.
  Options(YamlNode node, std::string main) : node_(node), main_(std::move(main)) {}

  bool has(std::string_view key) const;
  YamlNode node() const { return node_; }
  YamlNode node(std::string_view key) const;
  SourcePosition position(std::string_view key) const;  ///< of the value, or of the mapping

  std::string text(std::string_view key, std::string_view fallback = {}) const;
  std::int64_t integer(std::string_view key, std::int64_t fallback = 0) const;
  bool boolean(std::string_view key, bool fallback = false) const;
  std::chrono::milliseconds duration(std::string_view key,
                                     std::chrono::milliseconds fallback = {}) const;
  /// One name or a list of names.
  std::vector<std::string> columns(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const { return columns(key); }
  Options object(std::string_view key) const;
  std::vector<YamlNode> list(std::string_view key) const;

 private:
  YamlNode node_;
  std::string main_;
};

/// The JSON Schema of a mapping with these options; `$ref`s to "#/$defs/<units>" for unit kinds.
json::object options_schema(const std::vector<OptionSpec>& specs,
                            const std::vector<std::string>& also_allowed = {});
/// The JSON Schema of what validate_unit_options() accepts.
json::object unit_options_schema(const std::vector<OptionSpec>& specs, std::string_view main);

}  // namespace tallymill
