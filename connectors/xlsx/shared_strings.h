#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/xlsx/xml_part.h"

namespace tallymill::xlsx {

/// The texts that cells of a workbook share, by number. Runs of rich text are joined; how they are
/// pronounced (phonetic runs) is no part of them.
class SharedStrings final : public XmlHandler {
 public:
  /// `name` is the workbook's, for messages.
  SharedStrings(std::string name, std::int64_t most_bytes)
      : name_(std::move(name)), most_bytes_(most_bytes) {}

  std::size_t size() const { return ends_.size(); }
  std::string_view at(std::size_t number) const;

  void start(int depth, std::string_view name, const XmlAttributes& attributes) override;
  void end(int depth, std::string_view name) override;
  void text(std::string_view text) override;

 private:
  std::string name_;
  std::int64_t most_bytes_;
  std::string bytes_;  ///< of all, one behind the other
  std::vector<std::size_t> ends_;
  std::string current_;
  bool is_item_ = false;
  bool is_run_ = false;
  bool is_text_ = false;
};

}  // namespace tallymill::xlsx
