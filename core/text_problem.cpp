#include "core/text_problem.h"

#include <algorithm>

#include "core/utf8.h"

namespace tallymill {

namespace {

int characters(std::string_view text) { return static_cast<int>(count_characters(text)); }

}  // namespace

SourcePosition place_within(YamlNode node, std::size_t offset, std::size_t length) {
  SourcePosition where = node.position();
  const std::string_view text = node.text();
  const int quotes = node.is_quoted() ? 2 : 0;
  if (where.length != characters(text) + quotes || offset > text.size()) return where;
  where.column += quotes / 2 + characters(text.substr(0, offset));
  where.length = std::max(1, characters(text.substr(offset, length)));
  return where;
}

void report(const std::vector<TextProblem>& problems, YamlNode node, Diagnostics& diagnostics) {
  for (const TextProblem& problem : problems)
    diagnostics.error(place_within(node, problem.offset, problem.length), problem.message,
                      problem.hint);
}

}  // namespace tallymill
