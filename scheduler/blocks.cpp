#include "scheduler/blocks.h"

#include <algorithm>

#include "core/files.h"
#include "core/text.h"
#include "core/text_problem.h"
#include "scheduler/file_options.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolder = "blocks/";
constexpr std::string_view kOpening = "$(";
constexpr std::string_view kNode = "node";

std::vector<std::string> block_files(const fs::path& root,
                                     const std::map<std::string, std::string>& instead) {
  std::vector<std::string> files;
  for (const auto& entry : instead)
    if (is_block_file(entry.first)) files.push_back(entry.first);
  std::error_code ignored;  // no folder: no blocks
  for (const auto& entry : fs::directory_iterator(root / kFolder, ignored))
    if (entry.path().extension() == ".yaml")
      files.push_back(std::string(kFolder) + entry.path().filename().string());
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

Block read_block(const std::string& file, std::string text, Diagnostics& diagnostics) {
  Block block{fs::path(file).stem().string(), file, nullptr, {}};
  block.document = YamlDocument::parse(file, std::move(text), diagnostics);
  if (!block.document) return block;
  const YamlNode root = block.document->root();
  if (!root.is_mapping()) {
    diagnostics.error(root.is_null() ? SourcePosition{file, 1, 1} : root.position(),
                      "a block must be a mapping, got " + std::string(root.kind_name()),
                      "start with 'block: " + block.name + "'");
    block.document = nullptr;
    return block;
  }
  validate_options(root, block_options(), "block", diagnostics);
  const YamlNode name = root.find("block");
  if (name.is_scalar() && name.text() != block.name)
    diagnostics.error(name.position(),
                      "block '" + std::string(name.text()) + "' stands in file '" + file + "'",
                      "write 'block: " + block.name + "'");
  const YamlNode with = root.find("with");
  for (std::size_t i = 0; with.is_sequence() && i < with.size(); ++i)
    block.with.emplace_back(with[i].text());
  return block;
}

/// Replaces the placeholders of one document.
class Filler {
 public:
  Filler(const Block& block, YamlNode with, const std::string& node, Diagnostics& diagnostics)
      : block_(block), diagnostics_(diagnostics) {
    values_.emplace(kNode, node);
    for (const std::string& name : block.with)
      if (const YamlNode value = with.find(name)) values_.emplace(name, value.text());
  }

  std::string operator()(YamlNode scalar) {
    const std::string_view text = scalar.text();
    std::string filled;
    std::size_t from = 0;
    for (std::size_t at; (at = text.find(kOpening, from)) != std::string_view::npos;) {
      const std::size_t begin = at + kOpening.size();
      const std::size_t end = text.find(')', begin);
      filled += text.substr(from, at - from);
      from = end == std::string_view::npos ? text.size() : end + 1;
      const std::string name(text.substr(begin, end - begin));
      if (const auto value = values_.find(name); value != values_.end())
        filled += value->second;
      else
        report_unknown(scalar, at, from - at, name);
    }
    filled += text.substr(from);
    return filled;
  }

 private:
  void report_unknown(YamlNode scalar, std::size_t at, std::size_t length,
                      const std::string& name) {
    // One that the block declares and nobody filled is reported where it should be filled.
    if (std::find(block_.with.begin(), block_.with.end(), name) != block_.with.end()) return;
    std::vector<std::string> known = block_.with;
    known.emplace_back(kNode);
    const std::string meant = did_you_mean(name, known);
    diagnostics_.error(
        place_within(scalar, at, length),
        "block '" + block_.name + "' has no '" + name + "' to fill in",
        meant.empty() ? "it has " + join(known, ", ") + "; declare more under 'with'" : meant);
  }

  const Block& block_;
  Diagnostics& diagnostics_;
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace

bool is_block_file(const std::string& path) { return path.starts_with(kFolder); }

Blocks read_blocks(const fs::path& root, const std::map<std::string, std::string>& instead,
                   Diagnostics& diagnostics) {
  Blocks blocks;
  for (const std::string& file : block_files(root, instead)) {
    const auto text = instead.find(file);
    Block block = read_block(file, text == instead.end() ? read_file(root / file) : text->second,
                             diagnostics);
    std::string name = block.name;
    if (block.document) blocks.emplace(std::move(name), std::move(block));
  }
  return blocks;
}

std::shared_ptr<const YamlDocument> filled_block(const Block& block, YamlNode with,
                                                 const std::string& node,
                                                 const SourcePosition& where,
                                                 Diagnostics& diagnostics) {
  for (const std::string& name : block.with)
    if (!with.find(name).is_scalar())
      diagnostics.error(where, "block '" + block.name + "' needs '" + name + "' under 'with'",
                        "write with: { " + name + ": ... }");
  for (std::size_t i = 0; with.is_mapping() && i < with.size(); ++i) {
    const std::string name(with.key(i).text());
    if (std::find(block.with.begin(), block.with.end(), name) != block.with.end()) continue;
    const std::string meant = did_you_mean(name, block.with);
    diagnostics.error(with.key(i).position(), "block '" + block.name + "' takes no '" + name + "'",
                      !meant.empty()       ? meant
                      : block.with.empty() ? "it takes nothing"
                                           : "it takes " + join(block.with, ", "));
  }
  return block.document->with_texts(Filler(block, with, node, diagnostics));
}

}  // namespace tallymill
