#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/yaml.h"

namespace tallymill {

/// Deeper nesting is refused: no graph needs it, and recursive readers stay within their stack.
inline constexpr std::size_t kMaxYamlDepth = 64;

/// Builds a YamlDocument from events in document order; private to core/yaml*.
class YamlBuilder {
 public:
  /// Where a node starts: 1-based line and column, `length` in characters.
  struct Place {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t length = 1;
  };

  YamlBuilder(std::string file, std::shared_ptr<const std::string> text);

  void null(Place place);
  /// A null that is not written: it stands where its key does, or at `place` if it has none.
  void missing_value(Place place);
  void scalar(Place place, std::string_view text, bool quoted);
  /// Containers nest; the caller keeps depth() below kMaxYamlDepth.
  void begin_sequence(Place place);
  void begin_mapping(Place place);
  /// Ends the innermost container. Of a mapping, keys that are no plain text, duplicate keys and
  /// merge keys are reported.
  void end(Diagnostics& diagnostics);

  std::size_t depth() const { return open_.size(); }
  /// After the last event; call once.
  std::shared_ptr<const YamlDocument> take();

 private:
  using Entry = YamlDocument::Entry;
  using Kind = YamlDocument::Kind;
  struct Open {
    std::uint32_t entry;
    std::size_t first_pending;
  };

  std::uint32_t add(Kind kind, Place place);
  bool is_text_key(const Entry& mapping, std::uint32_t pair) const;
  /// Empty for a key that is not text, which check_keys() has reported.
  std::string_view key_text(const Entry& mapping, std::uint32_t pair) const;
  SourcePosition key_position(const Entry& mapping, std::uint32_t pair) const;
  void check_keys(const Entry& mapping, Diagnostics& diagnostics);
  /// Finds duplicates of a small mapping, where comparing each with each is quickest.
  void compare_keys(const Entry& mapping, Diagnostics& diagnostics) const;
  /// Finds duplicates of a big mapping and leaves the order of keys for find() behind its pairs.
  void order_keys(const Entry& mapping, Diagnostics& diagnostics);
  void report_duplicate(const Entry& mapping, std::uint32_t first, std::uint32_t again,
                        Diagnostics& diagnostics) const;

  std::shared_ptr<YamlDocument> document_;
  std::vector<Open> open_;
  std::vector<std::uint32_t> pending_;  ///< children of open containers, innermost last
};

}  // namespace tallymill
