#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/options.h"
#include "core/yaml.h"

namespace tallymill {

/// A file of blocks/: jobs that graphs take in as one node (`type: graph`), any number of times.
struct Block {
  std::string name;
  std::string file;  ///< relative to the workspace
  std::shared_ptr<const YamlDocument> document;
  std::vector<std::string> with;  ///< names that whoever takes it in must fill
};
using Blocks = std::map<std::string, Block, std::less<>>;

/// Every blocks/<name>.yaml. `instead`: texts by path that stand instead of files.
Blocks read_blocks(const std::filesystem::path& root,
                   const std::map<std::string, std::string>& instead, Diagnostics& diagnostics);

/// The block with every `$(name)` replaced by what `with` of node `node` gives, and `$(node)` by
/// the node's name. Places stay those of the block's file. Reports names that are missing or
/// unknown.
std::shared_ptr<const YamlDocument> filled_block(const Block& block, YamlNode with,
                                                 const std::string& node,
                                                 const SourcePosition& where,
                                                 Diagnostics& diagnostics);

/// Whether a path of the workspace is that of a block.
bool is_block_file(const std::string& path);

}  // namespace tallymill
