#include <algorithm>

#include "cli/invocation.h"
#include "cli/unit_page.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

std::string list_units(const std::vector<UnitPage>& pages) {
  std::size_t width = 0;
  for (const UnitPage& page : pages) width = std::max(width, page.name.size());
  std::string text;
  std::string kind;
  for (const UnitPage& page : pages) {
    if (page.kind != kind) text += (kind.empty() ? "" : "\n") + page.kind + "s\n";
    kind = page.kind;
    text += "  " + page.name + std::string(width - page.name.size() + 2, ' ') + page.summary + "\n";
  }
  return text;
}

/// Pages with this name; of one kind where `kind` is given. Throws Error(config) if there are none.
std::vector<UnitPage> find_pages(const std::vector<UnitPage>& pages, const std::string& kind,
                                 const std::string& name) {
  std::vector<UnitPage> found;
  std::vector<std::string> names;
  for (const UnitPage& page : pages) {
    if (!kind.empty() && page.kind != kind) continue;
    names.push_back(page.name);
    if (page.name == name) found.push_back(page);
  }
  // A kind of rule goes by the name that 'kind:' of a decision table has, too.
  for (const UnitPage& page : pages)
    if (found.empty() && page.kind == "rule" && (kind.empty() || kind == "rule") &&
        page.name == name + "_rule")
      found.push_back(page);
  if (!found.empty()) return found;
  if (names.empty()) {
    const std::vector<std::string> kinds{"job", "check", "step", "rule", "connector", "file"};
    const std::string meant = did_you_mean(kind, kinds);
    throw Error(ErrorClass::config,
                "unknown kind of unit '" + kind + "'; " +
                    (meant.empty() ? "the kinds are " + join(kinds, ", ") : meant));
  }
  const std::string meant = did_you_mean(name, names);
  throw Error(ErrorClass::config,
              "unknown " + (kind.empty() ? "unit" : kind) + " '" + name + "'; " +
                  (meant.empty() ? "'tallymill explain' lists all units" : meant));
}

Exit run_explain(const Invocation& invocation) {
  const UnitCatalog catalog;
  std::vector<UnitPage> pages = unit_pages(catalog);
  const std::vector<std::string> words = invocation.texts("UNIT");
  if (words.size() > 2)
    throw Error(ErrorClass::config, "give one unit, or its kind and name, e.g. 'check not_null'");
  if (words.empty() && !invocation.json()) {
    invocation.out() << list_units(pages);
    return Exit::ok;
  }
  if (!words.empty())
    pages = find_pages(pages, words.size() == 2 ? words[0] : std::string(), words.back());
  json::array items;
  std::string text;
  for (const UnitPage& page : pages) {
    if (!text.empty()) text += "\n";
    text += invocation.has("markdown") ? page_markdown(page) : page_text(page);
    items.push_back(page_json(page));
  }
  invocation.out() << (invocation.json() ? pretty_json(items) : text);
  return Exit::ok;
}

}  // namespace

void register_explain(Registry<Command>& commands) {
  commands.add({
      .name = "explain",
      .summary = "Explains a job type, check, step, rule, connector or file: what it is for and "
                 "its options.",
      .example = "tallymill explain check not_null",
      .arguments = {{"UNIT", "Its name, or kind and name; without it, all are listed.", false,
                     true}},
      .flags = {json_flag(),
                {.name = "markdown", .summary = "Print the table of options as Markdown."}},
      .run = run_explain,
      .in_workspace = false,
  });
}

}  // namespace tallymill
