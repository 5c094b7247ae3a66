#include "core/error.h"
#include "core/yaml.h"
#include "core/yaml_builder.h"

namespace tallymill {

/// Writes subtrees; a friend of YamlDocument so that the walk stays on its entries.
class YamlWriter {
 public:
  // {"file": f, "nodes": [kind, line, column, length, payload, ...]}: the nodes in document order,
  // five items each. The payload is a scalar's text or a container's count, whose elements (keys
  // and values of a mapping in turn) follow. Flat, because nested arrays cost more than they say.
  enum Code : std::int64_t { null = 0, plain = 1, quoted = 2, sequence = 3, mapping = 4 };

  static void write(const YamlDocument& document, std::uint32_t index, json::array& nodes) {
    const auto& entry = document.entries_[index];
    // Signed, as parsing would give them: a value that never was text reads back too.
    const auto number = [&](std::int64_t value) { nodes.push_back(value); };
    const auto head = [&](Code code) {
      number(code);
      number(entry.line);
      number(entry.column);
      number(entry.length);
    };
    using Kind = YamlDocument::Kind;
    switch (entry.kind) {
      case Kind::null:
        head(null);
        nodes.push_back(nullptr);
        return;
      case Kind::scalar:
        head(entry.quoted ? quoted : plain);
        nodes.push_back(
            json::string(std::string_view(document.pool_).substr(entry.first, entry.count)));
        return;
      case Kind::sequence:
      case Kind::mapping:
        head(entry.kind == Kind::mapping ? mapping : sequence);
        number(entry.count);
        break;
    }
    const std::uint32_t children = entry.kind == Kind::mapping ? 2 * entry.count : entry.count;
    for (std::uint32_t i = 0; i < children; ++i)
      write(document, document.children_[entry.first + i], nodes);
  }
};

namespace {

/// Reads what YamlWriter wrote.
class NodesReader {
 public:
  NodesReader(const std::string& file, const json::array& nodes)
      : nodes_(nodes), builder_(file, std::make_shared<const std::string>()) {}

  std::shared_ptr<const YamlDocument> read() {
    read_node();
    if (next_ != nodes_.size()) fail();
    if (diagnostics_.has_errors()) fail();
    return builder_.take();
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(ErrorClass::data,
                "a YAML subtree in JSON is malformed near item " + std::to_string(next_));
  }

  std::uint32_t number() {
    if (next_ >= nodes_.size()) fail();
    const std::int64_t* value = nodes_[next_].if_int64();
    if (value == nullptr || *value < 0 || *value > UINT32_MAX) fail();
    ++next_;
    return static_cast<std::uint32_t>(*value);
  }

  std::string_view text() {
    if (next_ >= nodes_.size() || !nodes_[next_].is_string()) fail();
    return nodes_[next_++].get_string();
  }

  void read_node() {
    const std::uint32_t code = number();
    YamlBuilder::Place place;
    place.line = number();
    place.column = number();
    place.length = number();
    switch (code) {
      case YamlWriter::null:
        if (next_ >= nodes_.size() || !nodes_[next_++].is_null()) fail();
        return builder_.null(place);
      case YamlWriter::plain:
      case YamlWriter::quoted:
        return builder_.scalar(place, text(), code == YamlWriter::quoted);
      case YamlWriter::sequence:
        builder_.begin_sequence(place);
        return read_children(1);
      case YamlWriter::mapping:
        builder_.begin_mapping(place);
        return read_children(2);
      default:
        fail();
    }
  }

  void read_children(std::uint32_t per_element) {
    if (builder_.depth() > kMaxYamlDepth) fail();
    for (std::uint64_t left = std::uint64_t{number()} * per_element; left > 0; --left) read_node();
    builder_.end(diagnostics_);
  }

  const json::array& nodes_;
  std::size_t next_ = 0;
  YamlBuilder builder_;
  Diagnostics diagnostics_;
};

/// True if `text`, written plain, is more than text to as_boolean(), as_integer() or is_null():
/// then quoting changes the meaning.
bool means_more_unquoted(const YamlNode& node) {
  const std::string_view text = node.text();
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    return true;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return true;
  const std::size_t digits = text[0] == '-' || text[0] == '+' ? 1 : 0;
  return text.size() > digits && text.find_first_not_of("0123456789", digits) == text.npos;
}

std::string quoted_text(std::string_view text) { return json::serialize(json::string(text)); }

void write_canonical(const YamlNode& node, std::string& out) {
  if (node.is_sequence()) {
    out += '[';
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (i > 0) out += ',';
      write_canonical(node[i], out);
    }
    out += ']';
  } else if (node.is_mapping()) {
    std::vector<std::pair<std::string_view, std::size_t>> keys;
    keys.reserve(node.size());
    for (std::size_t i = 0; i < node.size(); ++i) keys.emplace_back(node.key(i).text(), i);
    std::sort(keys.begin(), keys.end());
    out += '{';
    for (const auto& [key, i] : keys) {
      if (out.back() != '{') out += ',';
      out += quoted_text(key) + ":";
      write_canonical(node[i], out);
    }
    out += '}';
  } else if (node.is_scalar()) {
    // As written, not by value: a branch code 010 is not the branch code 10.
    out += !node.is_quoted() && means_more_unquoted(node) ? std::string(node.text())
                                                          : quoted_text(node.text());
  } else {
    out += '~';
  }
}

}  // namespace

json::value YamlNode::to_json() const {
  if (document_ == nullptr) return nullptr;
  json::array nodes;
  YamlWriter::write(*document_, index_, nodes);
  return {{"file", document_->file_}, {"nodes", std::move(nodes)}};
}

std::shared_ptr<const YamlDocument> YamlDocument::from_json(const json::value& value) {
  const json::object* object = value.if_object();
  const json::value* nodes = object == nullptr ? nullptr : object->if_contains("nodes");
  if (nodes == nullptr || !nodes->is_array())
    throw Error(ErrorClass::data, "a YAML subtree in JSON must be an object with a list 'nodes'");
  return NodesReader(json_text(*object, "file"), nodes->get_array()).read();
}

std::string YamlNode::canonical() const {
  std::string out;
  write_canonical(*this, out);
  return out;
}

}  // namespace tallymill
