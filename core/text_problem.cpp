#include "core/text_problem.h"

#include <algorithm>

#include "core/utf8.h"

namespace tallymill {

namespace {

int characters(std::string_view text) { return static_cast<int>(count_characters(text)); }

}  // namespace

SourcePosition place_within(SourcePosition where, std::string_view text, std::size_t offset,
                            std::size_t length) {
  const int quotes = where.length - characters(text);
  if ((quotes != 0 && quotes != 2) || offset > text.size()) return where;
  where.column += quotes / 2 + characters(text.substr(0, offset));
  where.length = std::max(1, characters(text.substr(offset, length)));
  return where;
}

SourcePosition place_within(YamlNode node, std::size_t offset, std::size_t length) {
  return place_within(node.position(), node.text(), offset, length);
}

void report(const std::vector<TextProblem>& problems, YamlNode node, Diagnostics& diagnostics) {
  for (const TextProblem& problem : problems)
    diagnostics.error(place_within(node, problem.offset, problem.length), problem.message,
                      problem.hint);
}

}  // namespace tallymill
