#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <limits>
#include <streambuf>

#include "core/utf8.h"
#include "core/yaml.h"
#include "core/yaml_builder.h"
#include "core/yaml_plain.h"
#include "core/yaml_problem.h"

namespace tallymill {

namespace {

constexpr std::size_t kMaxBytes = std::size_t{256} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kCoreTagPrefix = "tag:yaml.org,2002:";

/// Reads a text that stays where it is.
class TextBuffer final : public std::streambuf {
 public:
  explicit TextBuffer(const std::string& text) {
    char* begin = const_cast<char*>(text.data());  // streambuf asks for it; nothing writes
    setg(begin, begin, begin + text.size());
  }
};

/// Ends the parser from within an event, after the problem has been reported.
struct StopParsing {};

std::size_t offset_of(const YAML::Mark& mark) {
  return static_cast<std::size_t>(std::max(mark.pos, 0));
}

/// Turns yaml-cpp's events into a document. Its marks count bytes from zero.
class Events final : public YAML::EventHandler {
 public:
  Events(std::string file, const std::shared_ptr<const std::string>& text, Diagnostics& diagnostics)
      : file_(std::move(file)),
        text_(*text),
        is_ascii_(std::all_of(text_.begin(), text_.end(),
                              [](char c) { return static_cast<unsigned char>(c) < 0x80; })),
        builder_(file_, text),
        diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!has_document_) {
      has_document_ = true;
      return;
    }
    if (std::string_view(text_)
            .substr(std::min(offset_of(mark), text_.size()))
            .starts_with("---")) {
      diagnostics_.error(position(mark), "a second YAML document starts here",
                         "keep one document per file");
    } else {
      diagnostics_.error(position(mark), "this does not belong to what stands above it",
                         "check the indentation of this line");
    }
    throw StopParsing();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (is_written_null(offset_of(mark))) {
      builder_.null(place(mark));
    } else {
      // The mark is that of whatever comes next, perhaps lines below.
      builder_.missing_value(place(mark));
    }
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    diagnostics_.error(position(mark), "aliases ('*name') are not supported",
                       "write the value out, or use the graph's defaults and params");
    builder_.null(place(mark));
  }

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    if (name.empty()) return;
    diagnostics_.error(position(mark), "anchors ('&" + name + "') are not supported",
                       "write the value out, or use the graph's defaults and params");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    YamlBuilder::Place at = place(mark);
    at.length = written_length(mark, value);
    if (tag == "?") return builder_.scalar(at, value, false);
    if (tag == "!") return builder_.scalar(at, value, true);
    check_tag(mark, tag, {"str", "int", "float", "bool", "null"});
    if (tag == "tag:yaml.org,2002:null") return builder_.null(at);
    builder_.scalar(at, value, tag == "tag:yaml.org,2002:str");
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    enter(mark, tag, "seq");
    builder_.begin_sequence(place(mark));
  }
  void OnSequenceEnd() override { builder_.end(diagnostics_); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    enter(mark, tag, "map");
    builder_.begin_mapping(place(mark));
  }
  void OnMapEnd() override { builder_.end(diagnostics_); }

  SourcePosition position(const YAML::Mark& mark) const {
    if (mark.is_null()) return {file_};
    const YamlBuilder::Place at = place(mark);
    return {file_, static_cast<int>(at.line), static_cast<int>(at.column)};
  }
  std::shared_ptr<const YamlDocument> take() { return builder_.take(); }

 private:
  bool is_written_null(std::size_t offset) const {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n,]}", offset), text_.size());
    const std::string_view word =
        std::string_view(text_).substr(std::min(offset, end), end - std::min(offset, end));
    return word == "~" || word == "null" || word == "Null" || word == "NULL";
  }

  YamlBuilder::Place place(const YAML::Mark& mark) const {
    const auto line = static_cast<std::uint32_t>(mark.line) + 1;
    auto before = static_cast<std::size_t>(std::max(mark.column, 0));
    const std::size_t offset = offset_of(mark);
    if (!is_ascii_ && before <= offset && offset <= text_.size())
      before = count_characters(std::string_view(text_).substr(offset - before, before));
    return {line, static_cast<std::uint32_t>(before) + 1, 1};
  }

  /// Characters a caret line underlines: the scalar as written, up to the end of its first line.
  /// Reports quotes that are never closed: at the end of a file yaml-cpp takes them for closed.
  std::uint32_t written_length(const YAML::Mark& mark, const std::string& value) const {
    const std::size_t begin = std::min(offset_of(mark), text_.size());
    const char first = begin < text_.size() ? text_[begin] : '\0';
    std::size_t end = begin + value.size();
    // Most scalars are plain words.
    const bool is_quoted = first == '"' || first == '\'';
    if (is_ascii_ && !is_quoted && !value.empty() && text_.compare(begin, value.size(), value) == 0)
      return static_cast<std::uint32_t>(value.size());
    if (first == '|' || first == '>') end = begin + 1;
    if (first == '!' || first == '&') end = check_quotes(skip_properties(begin), mark);
    if (is_quoted) end = check_quotes(begin, mark);
    end = std::min({end, text_.find_first_of("\r\n", begin), text_.size()});
    const std::string_view written = std::string_view(text_).substr(begin, end - begin);
    return static_cast<std::uint32_t>(
        std::max<std::size_t>(is_ascii_ ? written.size() : count_characters(written), 1));
  }

  /// Behind the tag and anchor that start at `offset`.
  std::size_t skip_properties(std::size_t offset) const {
    while (offset < text_.size() && (text_[offset] == '!' || text_[offset] == '&')) {
      offset = std::min(text_.find_first_of(" \t\r\n", offset), text_.size());
      offset = std::min(text_.find_first_not_of(" \t\r\n", offset), text_.size());
    }
    return offset;
  }

  /// Behind the closing quote of the text that opens at `offset`; `offset` if none opens there.
  std::size_t check_quotes(std::size_t offset, const YAML::Mark& mark) const {
    const char quote = offset < text_.size() ? text_[offset] : '\0';
    if (quote != '"' && quote != '\'') return offset;
    for (std::size_t i = offset + 1; i < text_.size(); ++i) {
      const bool is_doubled = quote == '\'' && text_.compare(i, 2, "''") == 0;
      if (is_doubled || (quote == '"' && text_[i] == '\\')) {
        ++i;
      } else if (text_[i] == quote) {
        return i + 1;
      }
    }
    diagnostics_.error(position(mark), "the quotes opened here are never closed",
                       "close the quotes");
    throw StopParsing();
  }

  void enter(const YAML::Mark& mark, const std::string& tag, std::string_view core_tag) {
    if (tag != "?" && tag != "!") check_tag(mark, tag, {core_tag});
    if (builder_.depth() < kMaxYamlDepth) return;
    diagnostics_.error(position(mark), "values are nested more than " +
                                           std::to_string(kMaxYamlDepth) + " levels deep");
    throw StopParsing();
  }

  void check_tag(const YAML::Mark& mark, std::string_view tag,
                 std::initializer_list<std::string_view> known) const {
    std::string_view shown = tag;
    if (tag.starts_with(kCoreTagPrefix)) {
      shown.remove_prefix(kCoreTagPrefix.size());
      if (std::find(known.begin(), known.end(), shown) != known.end()) return;
    }
    const std::string text =
        shown.size() == tag.size() ? std::string(tag) : "!!" + std::string(shown);
    diagnostics_.error(position(mark), "tag '" + text + "' is not supported here",
                       "remove the tag");
  }

  const std::string file_;
  const std::string& text_;
  const bool is_ascii_;
  bool has_document_ = false;
  YamlBuilder builder_;
  Diagnostics& diagnostics_;
};

/// The line that holds the byte at `offset`.
std::string_view line_at(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::size_t begin = text.substr(0, offset).rfind('\n') + 1;  // npos + 1 is 0
  return text.substr(begin, text.find_first_of("\r\n", begin) - begin);
}

SourcePosition position_of_byte(const std::string& file, std::string_view text,
                                std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {file, static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(count_characters(before.substr(line_start))) + 1};
}

/// Bytes yaml-cpp would replace or stop at without a word.
bool is_clean_text(const std::string& file, std::string_view text, Diagnostics& diagnostics) {
  if (text.size() > kMaxBytes) {
    diagnostics.error(
        {file}, "the file has " + std::to_string(text.size()) + " bytes; at most 256 MiB are read");
    return false;
  }
  if (const std::size_t invalid = find_invalid_utf8(text); invalid < text.size()) {
    diagnostics.error(position_of_byte(file, text, invalid), "this byte is not UTF-8",
                      "save the file as UTF-8");
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
           c == 0x7F;
  });
  if (control == text.end()) return true;
  diagnostics.error(
      position_of_byte(file, text, static_cast<std::size_t>(control - text.begin())),
      "control character " + std::to_string(static_cast<int>(*control)) + " in a YAML file",
      "remove it, or write it as an escape in double quotes");
  return false;
}

}  // namespace

std::shared_ptr<const YamlDocument> YamlDocument::parse(std::string file, std::string text,
                                                        Diagnostics& diagnostics) {
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  const auto shared_text = std::make_shared<const std::string>(std::move(text));
  diagnostics.add_source(file, shared_text);
  if (!is_clean_text(file, *shared_text, diagnostics)) return nullptr;
  if (auto document = parse_plain_yaml(file, shared_text)) return document;
  return parse_any(std::move(file), shared_text, diagnostics);
}

std::shared_ptr<const YamlDocument> YamlDocument::parse_any(
    std::string file, const std::shared_ptr<const std::string>& shared_text,
    Diagnostics& diagnostics) {
  Events events(std::move(file), shared_text, diagnostics);
  TextBuffer buffer(*shared_text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(events)) parser.HandleNextDocument(events);
  } catch (const YAML::Exception& problem) {
    diagnostics.add(explain_yaml_problem(problem.msg, events.position(problem.mark),
                                         line_at(*shared_text, offset_of(problem.mark))));
    return nullptr;
  } catch (const StopParsing&) {
    return nullptr;
  }
  return events.take();
}

}  // namespace tallymill
