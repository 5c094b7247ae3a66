#pragma once

#include <string>
#include <vector>

#include "cli/text_table.h"

namespace tallymill {

/// A table with a title, for a terminal or a page.
struct Sheet {
  std::string title;
  std::vector<TextTable::Column> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Tables under their titles; those without rows are left out.
std::string sheets_text(const std::vector<Sheet>& sheets);
std::string sheets_html(const std::vector<Sheet>& sheets);

std::string html_escaped(const std::string& text);
/// A page that needs nothing else: no script, no font, no picture from outside. `body` is HTML.
std::string html_page(const std::string& title, const std::string& heading,
                      const std::vector<std::string>& lines, const std::string& body);

}  // namespace tallymill
