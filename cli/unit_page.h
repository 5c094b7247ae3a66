#pragma once

#include <string>
#include <vector>

#include "cli/catalog.h"
#include "core/json.h"
#include "core/options.h"

namespace tallymill {

/// One unit as people read about it; everything comes from its OptionSpec.
struct UnitPage {
  struct Section {
    std::string title;  ///< "options", "options of 'from'"
    std::vector<OptionSpec> options;
  };
  std::string kind;  ///< "job", "check", "step", "rule", "connector" or "file"
  std::string name;
  std::string summary;
  std::string main = {};  ///< the option that may stand alone; empty: none
  std::vector<Section> sections = {};
};

/// Every unit, and the files people write ("workspace", "graph", keys "common" to all jobs), by
/// kind and name.
std::vector<UnitPage> unit_pages(const UnitCatalog& catalog);

/// "list of name", "one of a, b": the kind of an option's value in words.
std::string kind_text(const OptionSpec& option);

/// Heading, summary and a table of options; options within options as `backoff.first`, of list
/// elements as `steps[]`, of values under free keys as `columns.<name>`.
std::string page_text(const UnitPage& page);
/// The table of options as Markdown, for the unit's page under docs/.
std::string page_markdown(const UnitPage& page);
json::object page_json(const UnitPage& page);

}  // namespace tallymill
