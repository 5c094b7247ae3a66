#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostics.h"
#include "core/json.h"
#include "core/source_position.h"

namespace tallymill {

class YamlDocument;

/// A cheap handle to one node of a document; valid as long as its document lives.
class YamlNode {
 public:
  YamlNode() = default;
  YamlNode(const YamlDocument* document, std::uint32_t index)
      : document_(document), index_(index) {}

  explicit operator bool() const { return document_ != nullptr; }
  bool is_null() const;    ///< `~`, `null` or nothing, unquoted
  bool is_scalar() const;  ///< a text, quoted or not; null is not a scalar
  bool is_sequence() const;
  bool is_mapping() const;
  /// "text", "list", "mapping" or "nothing", for messages.
  std::string_view kind_name() const;

  /// The scalar's text as written, escapes resolved; empty for other kinds.
  std::string_view text() const;
  bool is_quoted() const;
  SourcePosition position() const;

  /// Elements of a sequence, or values of a mapping in written order.
  std::size_t size() const;
  YamlNode operator[](std::size_t i) const;
  YamlNode key(std::size_t i) const;
  /// The value under `name` in a mapping; an empty handle if there is none.
  YamlNode find(std::string_view name) const;

  /// YAML 1.2 core booleans only (`true`, `false`, and their capitalised forms), unquoted.
  std::optional<bool> as_boolean() const;
  /// Decimal digits with an optional sign, unquoted; `010` is ten. No octal, hex or `_`.
  std::optional<std::int64_t> as_integer() const;

  /// The subtree with positions, compact, to travel in a task file; see YamlDocument::from_json.
  json::value to_json() const;
  /// A canonical text of the subtree without positions or comments, for fingerprints: equal for
  /// equal content however it is laid out. Mapping order counts only in sequences.
  std::string canonical() const;

 private:
  const YamlDocument* document_ = nullptr;
  std::uint32_t index_ = 0;
};

/// A parsed YAML 1.2 file with the position of every node. Immutable. About 40 bytes a node.
/// Columns count characters, not bytes.
///
/// Guards what yaml-cpp lets through: bytes that are not UTF-8, control characters, duplicate keys,
/// keys that are not text, merge keys, anchors and tags other than the core ones, more than one
/// document, nesting over 64 levels are errors with positions.
class YamlDocument : public std::enable_shared_from_this<YamlDocument> {
 public:
  /// Parses `text` of `file`; returns null (with at least one error reported) if it is not YAML.
  /// Where only a guard above objects, the document comes back all the same (of duplicate keys the
  /// first counts), so that the caller can report its own findings in the same pass.
  /// An empty file is a document whose root is null. The text is added to `diagnostics`.
  static std::shared_ptr<const YamlDocument> parse(std::string file, std::string text,
                                                   Diagnostics& diagnostics);
  /// The same for a text that is clean UTF-8, by the parser of all of YAML alone: parse() reads
  /// plain texts in a quicker way, and a test holds the two together.
  static std::shared_ptr<const YamlDocument> parse_any(
      std::string file, const std::shared_ptr<const std::string>& text, Diagnostics& diagnostics);
  /// Rebuilds what YamlNode::to_json() wrote; throws Error(data) if it is malformed. Only the
  /// subtree travelled: text() is empty, so problems found here quote no source line until they
  /// are rendered where the file is.
  static std::shared_ptr<const YamlDocument> from_json(const json::value& value);

  /// A copy in which every scalar that is not a key has the text `replacement` gives for it. Places
  /// stay, so that problems of a replaced text still point at what was written.
  std::shared_ptr<const YamlDocument> with_texts(
      const std::function<std::string(YamlNode)>& replacement) const;

  YamlNode root() const;
  const std::string& file() const { return file_; }
  const std::string& text() const { return *text_; }
  /// The same, for Diagnostics::add_source().
  const std::shared_ptr<const std::string>& shared_text() const { return text_; }

  YamlDocument() = default;

 private:
  friend class YamlNode;
  friend class YamlBuilder;
  friend class YamlWriter;
  static constexpr std::uint32_t kIndexedPairs = 16;
  enum class Kind : std::uint8_t { null, scalar, sequence, mapping };
  struct Entry {
    Kind kind = Kind::null;
    bool quoted = false;
    std::uint16_t length = 1;  ///< characters in the source, for carets; at most its first line
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t first = 0;  ///< scalars: offset into pool_; containers: offset into children_
    std::uint32_t count = 0;  ///< scalars: bytes; sequences: elements; mappings: pairs
  };

  std::string file_;
  std::shared_ptr<const std::string> text_ = std::make_shared<const std::string>();
  std::string pool_;
  std::vector<Entry> entries_;
  /// Sequences: entries of the elements. Mappings: key, value, key, value, ...; from
  /// kIndexedPairs pairs on, then the numbers of the pairs ordered by key, for find().
  std::vector<std::uint32_t> children_;
  std::uint32_t root_ = 0;
};

}  // namespace tallymill
