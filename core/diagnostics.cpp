#include "core/diagnostics.h"

#include <algorithm>
#include <tuple>

#include "core/error.h"
#include "core/utf8.h"

namespace tallymill {

namespace {

/// A file's text with the offsets of its lines, built once per file and render().
class QuotedSource {
 public:
  explicit QuotedSource(std::string_view text) : text_(text) {
    line_starts_.push_back(0);
    for (std::size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1))
      line_starts_.push_back(i + 1);
  }

  /// The 1-based line without its end; empty if there is no such line.
  std::string_view line(int number) const {
    const auto index = static_cast<std::size_t>(number) - 1;
    if (number < 1 || index >= line_starts_.size()) return {};
    const std::size_t begin = line_starts_[index];
    const std::size_t end =
        index + 1 < line_starts_.size() ? line_starts_[index + 1] - 1 : text_.size();
    std::string_view result = text_.substr(begin, end - begin);
    if (!result.empty() && result.back() == '\r') result.remove_suffix(1);
    return result;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> line_starts_;
};

std::string gutter(const std::string& number) {
  return std::string(number.size() < 5 ? 5 - number.size() : 0, ' ') + number + " | ";
}

constexpr std::size_t kLongestQuote = 160;  ///< characters
constexpr std::size_t kBeforeCaret = 60;    ///< characters of context kept in a longer line

std::size_t offset_of_character(std::string_view text, std::size_t index) {
  std::size_t offset = 0;
  for (; index > 0 && offset < text.size(); --index) offset += decode_utf8(text, offset).bytes;
  return offset;
}

/// Of a very long line (SQL on one line, generated YAML) the part around the caret; `where` moves
/// along.
std::string shortened(std::string_view line, SourcePosition& where) {
  if (count_characters(line) <= kLongestQuote) return std::string(line);
  const auto column = static_cast<std::size_t>(std::max(where.column, 1));
  const std::size_t skipped = column > kBeforeCaret ? column - kBeforeCaret : 0;
  const std::string_view rest = line.substr(offset_of_character(line, skipped));
  const std::size_t shown = offset_of_character(rest, kLongestQuote);
  const std::string_view before = skipped > 0 ? "..." : "";
  where.column = static_cast<int>(column - skipped + before.size());
  return std::string(before) + std::string(rest.substr(0, shown)) +
         (shown < rest.size() ? "..." : "");
}

/// The source line and, where the column is known, the caret line below it. Tabs are kept in both,
/// so that they line up whatever a tab is worth; control characters never reach the terminal.
std::string quote_source(std::string_view whole_line, SourcePosition where) {
  const std::string line = shortened(whole_line, where);
  std::string shown, padding, carets;
  const auto first = static_cast<std::size_t>(std::max(where.column, 1));
  const std::size_t last = first + static_cast<std::size_t>(std::max(where.length, 1)) - 1;
  std::size_t column = 1;
  for (std::size_t i = 0; i < line.size(); ++column) {
    const Utf8Character character = decode_utf8(line, i);
    const bool is_tab = character.code == '\t';
    const bool is_control = !is_tab && (character.code < 0x20 || character.code == 0x7F);
    const bool is_shown_as_is = character.is_valid && !is_control;
    shown += is_shown_as_is ? line.substr(i, character.bytes) : std::string("\uFFFD");
    const std::size_t width = is_shown_as_is && !is_tab ? display_width(character.code) : 1;
    if (column < first) padding.append(is_tab ? 1 : width, is_tab ? '\t' : ' ');
    if (column >= first && column <= last) carets.append(width, '~');
    i += character.bytes;
  }
  if (carets.empty()) carets = "~";  // just behind the line
  carets[0] = '^';
  const std::string number = std::to_string(where.line);
  if (where.column < 1) return gutter(number) + shown + "\n";
  return gutter(number) + shown + "\n" + gutter(std::string(number.size(), ' ')) + padding +
         carets + "\n";
}

std::string headline(const Diagnostic& item) {
  std::string line = item.where.text();
  if (!line.empty()) line += ": ";
  line += item.severity == Severity::error ? "error: " : "warning: ";
  line += item.message;
  if (!item.hint.empty()) line += "; " + item.hint;
  return line + "\n";
}

auto sort_key(const Diagnostic& item) {
  return std::tie(item.where.file, item.where.line, item.where.column, item.severity, item.message,
                  item.hint, item.where.length);
}

}  // namespace

void Diagnostics::error(SourcePosition where, std::string message, std::string hint) {
  add({Severity::error, std::move(where), std::move(message), std::move(hint)});
}

void Diagnostics::warning(SourcePosition where, std::string message, std::string hint) {
  add({Severity::warning, std::move(where), std::move(message), std::move(hint)});
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) ++errors_;
  items_.push_back(std::move(diagnostic));
}

void Diagnostics::add_all(const Diagnostics& other) {
  for (const auto& [file, text] : other.sources_) sources_.try_emplace(file, text);
  // By index: `other` may be this object.
  const std::size_t count = other.items_.size();
  items_.reserve(items_.size() + count);
  for (std::size_t i = 0; i < count; ++i) add(other.items_[i]);
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> result = items_;
  std::sort(result.begin(), result.end(),
            [](const auto& a, const auto& b) { return sort_key(a) < sort_key(b); });
  const auto end = std::unique(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return sort_key(a) == sort_key(b);
  });
  result.erase(end, result.end());
  return result;
}

void Diagnostics::add_source(std::string file, std::shared_ptr<const std::string> text) {
  sources_[std::move(file)] = std::move(text);
}

std::string Diagnostics::render() const {
  std::string out;
  std::map<std::string, QuotedSource> quoted;
  for (const Diagnostic& item : sorted()) {
    out += headline(item);
    const auto source = sources_.find(item.where.file);
    if (source == sources_.end() || !item.where.is_known()) continue;
    const auto& lines = quoted.try_emplace(item.where.file, *source->second).first->second;
    if (const std::string_view line = lines.line(item.where.line); !line.empty())
      out += quote_source(line, item.where);
  }
  return out;
}

json::array Diagnostics::to_json() const {
  json::array items;
  for (const Diagnostic& item : sorted()) {
    items.push_back({{"severity", item.severity == Severity::error ? "error" : "warning"},
                     {"file", item.where.file},
                     {"line", item.where.line},
                     {"column", item.where.column},
                     {"length", item.where.length},
                     {"message", item.message},
                     {"hint", item.hint}});
  }
  return items;
}

Diagnostics Diagnostics::from_json(const json::array& items) {
  Diagnostics result;
  for (const json::value& value : items) {
    const json::object* item = value.if_object();
    if (item == nullptr) throw Error(ErrorClass::data, "a diagnostic must be an object");
    const std::string severity = json_text(*item, "severity");
    if (severity != "error" && severity != "warning")
      throw Error(ErrorClass::data,
                  "key 'severity' must be error or warning, got '" + severity + "'");
    const auto number = [&](const char* key) { return static_cast<int>(json_integer(*item, key)); };
    result.add({severity == "error" ? Severity::error : Severity::warning,
                {json_text(*item, "file"), number("line"), number("column"), number("length")},
                json_text(*item, "message"),
                json_text(*item, "hint")});
  }
  return result;
}

}  // namespace tallymill
