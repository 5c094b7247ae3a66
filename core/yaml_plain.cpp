#include "core/yaml_plain.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/yaml_builder.h"

namespace tallymill {
namespace {

/// Thrown nowhere else and caught at once: this text needs the other parser.
struct NotPlain {};

constexpr std::size_t kLongestKey = 200;
constexpr std::size_t kDeepest = kMaxYamlDepth - 4;

enum Class : unsigned char {
  other = 0,
  word = 1,         ///< letters, digits, '_'
  key_part = 2,     ///< also within keys: '-' and '.'
  begins_text = 4,  ///< may start a plain text
  in_flow = 8,      ///< may stand within a plain text of a flow value
};

constexpr std::array<unsigned char, 256> make_classes() {
  std::array<unsigned char, 256> classes{};
  const auto add = [&](std::string_view bytes, unsigned char what) {
    for (const char byte : bytes) classes[static_cast<unsigned char>(byte)] |= what;
  };
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
      word | key_part | begins_text | in_flow);
  add("-.", key_part | in_flow);
  add("./$+(", begins_text | in_flow);
  add(")= ", in_flow);
  return classes;
}
constexpr auto kClasses = make_classes();

bool is(char byte, Class what) { return (kClasses[static_cast<unsigned char>(byte)] & what) != 0; }

bool is_null_word(std::string_view text) {
  return text == "null" || text == "Null" || text == "NULL" || text == "~";
}

bool has_bytes_of_others(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char byte) {
    return static_cast<unsigned char>(byte) >= 0x7F ||
           (static_cast<unsigned char>(byte) < 0x20 && byte != '\n');
  });
}

class PlainParser {
 public:
  PlainParser(const std::string& file, const std::shared_ptr<const std::string>& text)
      : rest_(*text), builder_(file, text) {}

  std::shared_ptr<const YamlDocument> parse() {
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      line_ = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      ++number_;
      read_line();
    }
    if (blocks_.empty()) throw NotPlain();
    while (!blocks_.empty()) close();
    if (!found_.empty()) throw NotPlain();
    return builder_.take();
  }

 private:
  /// An open mapping or list of the block style.
  struct Block {
    bool is_list;
    bool awaits_value;  ///< of a mapping: its last key has none yet
    std::size_t indent;
  };

  YamlBuilder::Place place(std::size_t column, std::size_t length = 1) const {
    return {number_, static_cast<std::uint32_t>(column) + 1, static_cast<std::uint32_t>(length)};
  }
  char at(std::size_t i) const { return i < line_.size() ? line_[i] : '\0'; }
  std::size_t skip_blanks(std::size_t i) const {
    while (at(i) == ' ') ++i;
    return i;
  }
  /// Nothing but blanks and a comment is left.
  bool ends_at(std::size_t i) const {
    const std::size_t next = skip_blanks(i);
    return next >= line_.size() || (line_[next] == '#' && (next > i || next == 0));
  }

  void read_line() {
    const std::size_t indent = skip_blanks(0);
    if (indent >= line_.size() || line_[indent] == '#') return;
    const bool is_item = at(indent) == '-' && at(indent + 1) == ' ';
    settle(indent, is_item);
    if (is_item)
      read_item(indent);
    else
      read_entry(indent);
  }

  /// Closes what the line at `indent` is no part of, and opens what it begins.
  void settle(std::size_t indent, bool is_item) {
    while (!blocks_.empty() && blocks_.back().indent > indent) close();
    // A list may stand at the indent of its key; the next key there ends it.
    if (!is_item && blocks_.size() > 1 && blocks_.back().is_list &&
        blocks_.back().indent == indent && !blocks_[blocks_.size() - 2].is_list &&
        blocks_[blocks_.size() - 2].indent == indent)
      close();
    if (blocks_.empty()) {
      if (has_root_) throw NotPlain();
      has_root_ = true;
      return open(is_item, indent);
    }
    Block& top = blocks_.back();
    const bool continues = top.indent == indent && top.is_list == is_item;
    if (continues) {
      if (top.awaits_value) builder_.missing_value(place(indent));
      top.awaits_value = false;
      return;
    }
    const bool is_value = !top.is_list && top.awaits_value &&
                          (top.indent < indent || (top.indent == indent && is_item));
    if (!is_value) throw NotPlain();  // a text that goes on, or something wrong
    top.awaits_value = false;
    open(is_item, indent);
  }

  void open(bool is_list, std::size_t indent) {
    if (blocks_.size() >= kDeepest) throw NotPlain();
    if (is_list)
      builder_.begin_sequence(place(indent));
    else
      builder_.begin_mapping(place(indent));
    blocks_.push_back({is_list, false, indent});
  }

  void close() {
    if (blocks_.back().awaits_value) builder_.missing_value(place(0));
    builder_.end(found_);
    blocks_.pop_back();
  }

  /// Where the key at `begin` ends, if one stands there: `key:` and a blank or nothing. 0: none.
  std::size_t key_end(std::size_t begin) const {
    if (!is(at(begin), word)) return 0;
    std::size_t i = begin;
    while (is(at(i), key_part)) ++i;
    if (at(i) != ':' || (i + 1 < line_.size() && at(i + 1) != ' ')) return 0;
    if (i - begin > kLongestKey || is_null_word(line_.substr(begin, i - begin))) throw NotPlain();
    return i;
  }

  void read_entry(std::size_t begin) {
    const std::size_t end = key_end(begin);
    if (end == 0) throw NotPlain();
    builder_.scalar(place(begin, end - begin), line_.substr(begin, end - begin), false);
    if (ends_at(end + 1)) {
      blocks_.back().awaits_value = true;
      return;
    }
    read_value(skip_blanks(end + 1));
  }

  void read_item(std::size_t dash) {
    const std::size_t begin = skip_blanks(dash + 1);
    if (ends_at(dash + 1)) throw NotPlain();
    if (key_end(begin) == 0) return read_value(begin);
    open(false, begin);
    read_entry(begin);
  }

  /// A value that stands on the line of its key or dash.
  void read_value(std::size_t begin) {
    const char first = at(begin);
    std::size_t end = 0;
    if (first == '[' || first == '{')
      end = read_flow(begin);
    else if (first == '"' || first == '\'')
      end = read_quoted(begin);
    else
      return read_text(begin);
    if (!ends_at(end)) throw NotPlain();
  }

  bool begins_text_at(std::size_t i) const {
    return is(at(i), begins_text) || (at(i) == '-' && is(at(i + 1), word));
  }

  void add_text(std::size_t begin, std::size_t end) {
    while (end > begin && line_[end - 1] == ' ') --end;
    const std::string_view text = line_.substr(begin, end - begin);
    if (is_null_word(text))
      builder_.null(place(begin));
    else
      builder_.scalar(place(begin, text.size()), text, false);
  }

  void read_text(std::size_t begin) {
    if (!begins_text_at(begin)) throw NotPlain();
    std::size_t end = begin;
    for (; end < line_.size(); ++end) {
      const char byte = line_[end];
      if (byte == ':' && (end + 1 >= line_.size() || line_[end + 1] == ' ')) throw NotPlain();
      if (byte == '#' && line_[end - 1] == ' ') break;
    }
    add_text(begin, end);
  }

  std::size_t read_quoted(std::size_t begin) {
    const std::size_t end = line_.find(line_[begin], begin + 1);
    if (end == std::string_view::npos) throw NotPlain();
    const std::string_view text = line_.substr(begin + 1, end - begin - 1);
    const bool has_escapes =
        line_[begin] == '"' ? text.find('\\') != std::string_view::npos : at(end + 1) == '\'';
    if (has_escapes) throw NotPlain();
    builder_.scalar(place(begin, end + 1 - begin), text, true);
    return end + 1;
  }

  /// A flow list or mapping that ends on its line; returns where.
  std::size_t read_flow(std::size_t begin) {
    if (builder_.depth() >= kDeepest) throw NotPlain();
    const bool is_list = line_[begin] == '[';
    const char last = is_list ? ']' : '}';
    if (is_list)
      builder_.begin_sequence(place(begin));
    else
      builder_.begin_mapping(place(begin));
    std::size_t i = skip_blanks(begin + 1);
    if (at(i) != last) {
      for (;;) {
        if (!is_list) i = read_flow_key(i);
        i = skip_blanks(read_flow_value(i));
        if (at(i) != ',') break;
        i = skip_blanks(i + 1);
      }
      if (at(i) != last) throw NotPlain();
    }
    builder_.end(found_);
    return i + 1;
  }

  std::size_t read_flow_key(std::size_t begin) {
    const std::size_t end = key_end(begin);
    if (end == 0 || end + 1 >= line_.size()) throw NotPlain();
    builder_.scalar(place(begin, end - begin), line_.substr(begin, end - begin), false);
    return skip_blanks(end + 1);
  }

  std::size_t read_flow_value(std::size_t begin) {
    const char first = at(begin);
    if (first == '[' || first == '{') return read_flow(begin);
    if (first == '"' || first == '\'') return read_quoted(begin);
    if (!begins_text_at(begin)) throw NotPlain();
    std::size_t end = begin;
    while (is(at(end), in_flow)) ++end;
    if (at(end) != ',' && at(end) != ']' && at(end) != '}') throw NotPlain();
    add_text(begin, end);
    return end;
  }

  std::string_view rest_;
  std::string_view line_;
  std::uint32_t number_ = 0;
  bool has_root_ = false;
  YamlBuilder builder_;
  Diagnostics found_;  ///< of the builder: then the other parser says it
  std::vector<Block> blocks_;
};

}  // namespace

std::shared_ptr<const YamlDocument> parse_plain_yaml(
    const std::string& file, const std::shared_ptr<const std::string>& text) {
  if (has_bytes_of_others(*text)) return nullptr;
  try {
    return PlainParser(file, text).parse();
  } catch (const NotPlain&) {
    return nullptr;
  }
}

}  // namespace tallymill
