#pragma once

#include <memory>
#include <string>

#include "core/yaml.h"

namespace tallymill {

/// Reads what nearly all YAML of a workspace is: block mappings and lists, one-line flow values,
/// plain and simply quoted texts, comments, in ASCII. Returns null, without a word, for everything
/// else and for everything that is wrong: the whole of YAML and all messages are the other
/// parser's, whose document it equals node by node (tests/core/yaml_plain_test.cpp). It is there
/// because graphs of 100,000 jobs are read in a tenth of the time.
std::shared_ptr<const YamlDocument> parse_plain_yaml(
    const std::string& file, const std::shared_ptr<const std::string>& text);

}  // namespace tallymill
