#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tallymill {

using Lines = std::vector<std::string>;

}  // namespace tallymill

/// Failed comparisons of lines show the lines.
template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += "\n    " + line;
    return text.c_str();
  }
};
