#include "rules/value_set.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

Interval universe(const Type& type) {
  return type.kind == TypeKind::boolean ? Interval{0, 1} : Interval{kLowest, kHighest};
}

void normalise(std::vector<Interval>& intervals) {
  std::erase_if(intervals, [](const Interval& part) { return part.low > part.high; });
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.low < b.low; });
  std::vector<Interval> merged;
  for (const Interval& part : intervals) {
    const bool touches =
        !merged.empty() && (part.low <= merged.back().high || part.low == merged.back().high + 1);
    if (touches)
      merged.back().high = std::max(merged.back().high, part.high);
    else
      merged.push_back(part);
  }
  intervals = std::move(merged);
}

std::vector<std::string> only_in_first(const std::vector<std::string>& a,
                                       const std::vector<std::string>& b) {
  std::vector<std::string> result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

/// Reads the text of one cell.
class CellReader {
 public:
  CellReader(const Type& type, bool can_be_null, const std::string& column, const TextCell& cell,
             Diagnostics& diagnostics)
      : type_(type),
        can_be_null_(can_be_null),
        column_(column),
        cell_(cell),
        diagnostics_(diagnostics) {}

  std::optional<ValueSet> read() {
    // YAML lets nobody write a star without quotes, so a quoted one is no text.
    const bool is_star = cell_.text == "*" || cell_.text == "'*'";
    if (cell_.is_quoted && is_text(type_) && !is_star) return text(cell_.text);
    return any_of(trim(cell_.text));
  }

 private:
  std::optional<ValueSet> fail(std::string message, std::string hint = {}) {
    diagnostics_.error(cell_.where, std::move(message), std::move(hint));
    return std::nullopt;
  }

  static std::optional<ValueSet> text(std::string_view value) {
    ValueSet set;
    set.texts.emplace_back(value);
    return set;
  }

  /// `a | b`, outside quotes and parentheses.
  std::optional<ValueSet> any_of(std::string_view written) {
    ValueSet set;
    std::size_t from = 0;
    int depth = 0;
    bool is_quoted = false;
    for (std::size_t at = 0; at <= written.size(); ++at) {
      const char c = at < written.size() ? written[at] : '|';
      if (c == '\'') is_quoted = !is_quoted;
      if (!is_quoted && at < written.size() && c == '(') ++depth;
      if (!is_quoted && at < written.size() && c == ')') --depth;
      const bool ends = c == '|' && (at == written.size() || (!is_quoted && depth <= 0));
      if (!ends) continue;
      const auto part = term(trim(written.substr(from, at - from)));
      if (!part) return std::nullopt;
      set.unite(type_, *part);
      from = at + 1;
    }
    return set;
  }

  std::optional<ValueSet> term(std::string_view written) {
    if (written.empty()) return fail("a value is missing beside '|'");
    if (written == "-" || written == "*") return ValueSet::everything(type_, can_be_null_);
    if (written == "null") return null();
    constexpr std::string_view kNot = "not";
    const bool is_negated = written.starts_with(kNot) && written.size() > kNot.size() &&
                            (written[kNot.size()] == ' ' || written[kNot.size()] == '(');
    if (is_negated) return negated(trim(written.substr(kNot.size())));
    if (written.size() >= 2 && written.front() == '\'' && written.back() == '\'' && is_text(type_))
      return text(written.substr(1, written.size() - 2));
    if (is_text(type_)) return text(written);
    return range(written);
  }

  std::optional<ValueSet> null() {
    if (!can_be_null_)
      return fail("'" + column_ + "' is never null here",
                  "declare it with a '?': " + column_ + ": \"" + type_.name() + "?\"");
    ValueSet set;
    set.has_null = true;
    return set;
  }

  std::optional<ValueSet> negated(std::string_view inner) {
    // An interval in round brackets is none of a list.
    const bool is_list = inner.starts_with('(') && inner.ends_with(')') &&
                         (is_text(type_) || inner.find(',') == std::string_view::npos);
    const auto set = is_list ? any_of(trim(inner.substr(1, inner.size() - 2))) : term(inner);
    if (!set) return std::nullopt;
    // What is not 5 is another value: only `not null` and the like speak of null.
    ValueSet rest = set->complement(type_, false);
    return rest;
  }

  std::optional<ValueSet> range(std::string_view written) {
    const std::vector<std::string_view> signs{"<=", ">=", "<", ">"};
    for (const std::string_view sign : signs) {
      if (!written.starts_with(sign)) continue;
      const auto bound = value(trim(written.substr(sign.size())));
      if (!bound) return std::nullopt;
      if (sign == "<=") return between(universe(type_).low, *bound);
      if (sign == ">=") return between(*bound, universe(type_).high);
      if (sign == "<") return *bound == kLowest ? ValueSet{} : between(kLowest, *bound - 1);
      return *bound == kHighest ? ValueSet{} : between(*bound + 1, kHighest);
    }
    const char last = written.back();
    const bool is_interval =
        (written.front() == '[' || written.front() == '(') && (last == ']' || last == ')');
    if (is_interval) return interval(written);
    if (const std::size_t dots = written.find(".."); dots != std::string_view::npos) {
      const auto low = value(trim(written.substr(0, dots)));
      const auto high = value(trim(written.substr(dots + 2)));
      if (!low || !high) return std::nullopt;
      return ordered(*low, *high, written);
    }
    const auto exact = value(written);
    if (!exact) return std::nullopt;
    return between(*exact, *exact);
  }

  std::optional<ValueSet> interval(std::string_view written) {
    const std::string_view inner = written.substr(1, written.size() - 2);
    const std::size_t comma = inner.find(',');
    if (comma == std::string_view::npos || inner.find(',', comma + 1) != std::string_view::npos)
      return fail("'" + std::string(written) + "' is no interval",
                  "write [a, b], with ( or ) where an end is not included; leave an end out for "
                  "none");
    const std::string_view first = trim(inner.substr(0, comma));
    const std::string_view second = trim(inner.substr(comma + 1));
    std::int64_t low = universe(type_).low;
    std::int64_t high = universe(type_).high;
    if (!first.empty()) {
      const auto bound = value(first);
      if (!bound) return std::nullopt;
      low = written.front() == '(' && *bound < kHighest ? *bound + 1 : *bound;
    }
    if (!second.empty()) {
      const auto bound = value(second);
      if (!bound) return std::nullopt;
      high = written.back() == ')' && *bound > kLowest ? *bound - 1 : *bound;
    }
    return ordered(low, high, written);
  }

  std::optional<ValueSet> ordered(std::int64_t low, std::int64_t high, std::string_view written) {
    if (low > high) return fail("no value is in '" + std::string(written) + "'");
    return between(low, high);
  }

  ValueSet between(std::int64_t low, std::int64_t high) const {
    ValueSet set;
    set.intervals.push_back(
        {std::max(low, universe(type_).low), std::min(high, universe(type_).high)});
    return set;
  }

  std::optional<std::int64_t> value(std::string_view written) {
    const auto parsed = parse_typed(type_, written);
    if (parsed) return parsed.value.number;
    diagnostics_.error(cell_.where,
                       "'" + column_ + "' is " + type_.name() + ", got '" + std::string(written) +
                           "' (" + std::string(to_string(parsed.problem)) + ")",
                       "write " + typed_example(type_));
    return std::nullopt;
  }

  const Type& type_;
  bool can_be_null_;
  const std::string& column_;
  const TextCell& cell_;
  Diagnostics& diagnostics_;
};

}  // namespace

ValueSet ValueSet::everything(const Type& type, bool has_null) {
  ValueSet set;
  set.has_null = has_null;
  if (is_text(type))
    set.all_but = true;
  else
    set.intervals.push_back(universe(type));
  return set;
}

bool ValueSet::admits(const Type& type, const TypedValue& value) const {
  if (is_text(type)) return std::binary_search(texts.begin(), texts.end(), value.text) != all_but;
  const auto part = std::find_if(intervals.begin(), intervals.end(),
                                 [&](const Interval& one) { return value.number <= one.high; });
  return part != intervals.end() && part->low <= value.number;
}

bool ValueSet::is_empty(const Type& type) const {
  return !has_null && (is_text(type) ? !all_but && texts.empty() : intervals.empty());
}

ValueSet ValueSet::complement(const Type& type, bool can_be_null) const {
  ValueSet rest;
  rest.has_null = can_be_null && !has_null;
  if (is_text(type)) {
    rest.all_but = !all_but;
    rest.texts = texts;
    return rest;
  }
  const Interval all = universe(type);
  std::int64_t next = all.low;
  for (const Interval& part : intervals) {
    if (part.low > next) rest.intervals.push_back({next, part.low - 1});
    if (part.high == all.high) return rest;
    next = part.high + 1;
  }
  rest.intervals.push_back({next, all.high});
  return rest;
}

void ValueSet::unite(const Type& type, const ValueSet& other) {
  has_null = has_null || other.has_null;
  if (!is_text(type)) {
    intervals.insert(intervals.end(), other.intervals.begin(), other.intervals.end());
    normalise(intervals);
    return;
  }
  if (all_but && other.all_but) {
    std::vector<std::string> both;
    std::set_intersection(texts.begin(), texts.end(), other.texts.begin(), other.texts.end(),
                          std::back_inserter(both));
    texts = std::move(both);
  } else if (all_but || other.all_but) {
    texts = all_but ? only_in_first(texts, other.texts) : only_in_first(other.texts, texts);
    all_but = true;
  } else {
    texts.insert(texts.end(), other.texts.begin(), other.texts.end());
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  }
}

std::optional<ValueSet> read_value_set(const Type& type, bool can_be_null,
                                       const std::string& column, const TextCell& cell,
                                       Diagnostics& diagnostics) {
  if (!cell.is_given) return ValueSet::everything(type, can_be_null);
  if (cell.items.empty()) return CellReader(type, can_be_null, column, cell, diagnostics).read();
  ValueSet set;
  bool is_sound = true;
  for (const TextCell& item : cell.items) {
    const auto part = CellReader(type, can_be_null, column, item, diagnostics).read();
    is_sound = is_sound && part.has_value();
    if (part) set.unite(type, *part);
  }
  if (!is_sound) return std::nullopt;
  return set;
}

std::string interval_text(const Type& type, const Interval& interval) {
  const auto text = [&](std::int64_t number) { return typed_text(type, {number, {}}); };
  if (type.kind == TypeKind::boolean)
    return interval.low == interval.high ? text(interval.low) : "true or false";
  const bool is_open_below = interval.low == kLowest;
  const bool is_open_above = interval.high == kHighest;
  if (is_open_below && is_open_above) return "anything";
  if (is_open_below) return "<= " + text(interval.high);
  if (is_open_above) return ">= " + text(interval.low);
  if (interval.low == interval.high) return text(interval.low);
  return "[" + text(interval.low) + ", " + text(interval.high) + "]";
}

}  // namespace tallymill
