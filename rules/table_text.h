#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostics.h"
#include "core/yaml.h"

namespace tallymill {

/// A cell of a table people keep, as written. A YAML list is its items.
struct TextCell {
  std::string text = {};
  bool is_given = false;   ///< false: empty, null or left out
  bool is_quoted = false;  ///< of YAML: the text is a text and nothing else
  SourcePosition where = {};
  std::vector<TextCell> items = {};
};

struct TextRow {
  SourcePosition where;
  std::vector<TextCell> cells;  ///< one per column
};

/// A table people keep in YAML or CSV: a head of keys, and rows. In YAML the rows stand under
/// `rows:`, as mappings, or as lists beside `columns:`. In CSV the head stands in leading lines
/// that begin with '#', and is YAML behind it.
struct TableText {
  std::shared_ptr<const YamlDocument> document;  ///< the head; null: there is none
  YamlNode head;
  std::vector<TextCell> columns;
  std::vector<TextRow> rows;

  /// The number of a column; empty if there is none.
  std::optional<std::size_t> column(std::string_view name) const;
};

/// Reads the file by its ending, .csv or .yaml. What is wrong with its form goes to `diagnostics`;
/// null if nothing can be made of it.
std::optional<TableText> read_table_text(const std::string& file, const std::string& text,
                                         Diagnostics& diagnostics);

}  // namespace tallymill
