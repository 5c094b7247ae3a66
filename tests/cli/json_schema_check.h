#pragma once

#include <cstdint>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/yaml.h"

namespace tallymill {

/// A validator of JSON Schema (draft 2020-12) for the keywords our schemas use, written from the
/// specification alone: it shares nothing with the code that writes the schemas. A keyword it does
/// not know is an error of the test, not a silent yes.
class JsonSchemaCheck {
 public:
  explicit JsonSchemaCheck(const json::value& schema) : root_(schema) {}

  /// "jobs/a/type: ..." per thing that is wrong; empty if `value` is valid.
  std::vector<std::string> problems(const json::value& value) const {
    std::vector<std::string> found;
    check(root_, value, "", found);
    return found;
  }

 private:
  using Problems = std::vector<std::string>;

  bool accepts(const json::value& schema, const json::value& value) const {
    Problems none;
    check(schema, value, "", none);
    return none.empty();
  }

  void check(const json::value& schema, const json::value& value, const std::string& at,
             Problems& problems) const {
    if (const bool* verdict = schema.if_bool()) {
      if (!*verdict) problems.push_back(at + ": nothing is allowed here");
      return;
    }
    for (const auto& member : schema.as_object())
      check_keyword(schema.get_object(), member.key(), member.value(), value, at, problems);
  }

  void check_keyword(const json::object& schema, const std::string& keyword,
                     const json::value& want, const json::value& value, const std::string& at,
                     Problems& problems) const {
    const auto fail = [&](const std::string& what) { problems.push_back(at + ": " + what); };
    if (keyword == "$schema" || keyword == "$defs" || keyword == "title" ||
        keyword == "description" || keyword == "then" || keyword == "else")
      return;
    if (keyword == "$ref") return check(target(want), value, at, problems);
    if (keyword == "type") {
      if (!has_type(value, want)) fail("is no " + json::serialize(want));
    } else if (keyword == "const") {
      if (value != want) fail("is not " + json::serialize(want));
    } else if (keyword == "enum") {
      bool found = false;
      for (const json::value& choice : want.as_array()) found = found || choice == value;
      if (!found) fail("is none of " + json::serialize(want));
    } else if (keyword == "anyOf") {
      bool any = false;
      for (const json::value& choice : want.as_array()) any = any || accepts(choice, value);
      if (!any) fail(json::serialize(value) + " fits none of the alternatives");
    } else if (keyword == "allOf") {
      for (const json::value& each : want.as_array()) check(each, value, at, problems);
    } else if (keyword == "if") {
      const char* branch = accepts(want, value) ? "then" : "else";
      if (schema.contains(branch)) check(schema.at(branch), value, at, problems);
    } else if (value.is_object()) {
      check_object(schema, keyword, want, value.get_object(), at, problems);
    } else if (value.is_array()) {
      check_array(keyword, want, value.get_array(), at, problems);
    } else {
      check_scalar(keyword, want, value, at, problems);
    }
  }

  void check_object(const json::object& schema, const std::string& keyword, const json::value& want,
                    const json::object& value, const std::string& at, Problems& problems) const {
    const auto fail = [&](const std::string& what) { problems.push_back(at + ": " + what); };
    if (keyword == "properties") {
      for (const auto& member : want.as_object())
        if (const json::value* inner = value.if_contains(member.key()))
          check(member.value(), *inner, at + "/" + std::string(member.key()), problems);
    } else if (keyword == "required") {
      for (const json::value& name : want.as_array())
        if (!value.contains(name.as_string())) fail("lacks " + json::serialize(name));
    } else if (keyword == "additionalProperties") {
      const json::value* known = schema.if_contains("properties");
      for (const auto& member : value)
        if (!known || !known->as_object().contains(member.key()))
          check(want, member.value(), at + "/" + std::string(member.key()), problems);
    } else if (keyword == "propertyNames") {
      for (const auto& member : value)
        check(want, json::value(member.key()), at + "/" + std::string(member.key()), problems);
    } else if (keyword == "minProperties") {
      if (value.size() < want.to_number<std::size_t>()) fail("has too few keys");
    } else if (keyword == "maxProperties") {
      if (value.size() > want.to_number<std::size_t>()) fail("has too many keys");
    } else {
      require_known(keyword);
    }
  }

  void check_array(const std::string& keyword, const json::value& want, const json::array& value,
                   const std::string& at, Problems& problems) const {
    if (keyword == "items") {
      for (std::size_t i = 0; i < value.size(); ++i)
        check(want, value[i], at + "/" + std::to_string(i), problems);
    } else if (keyword == "minItems") {
      if (value.size() < want.to_number<std::size_t>()) problems.push_back(at + ": is too short");
    } else if (keyword == "uniqueItems") {
      for (std::size_t i = 0; i < value.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
          if (value[i] == value[j]) problems.push_back(at + ": has a value twice");
    } else {
      require_known(keyword);
    }
  }

  static void check_scalar(const std::string& keyword, const json::value& want,
                           const json::value& value, const std::string& at, Problems& problems) {
    if (keyword == "pattern" || keyword == "minLength") {
      const json::string* text = value.if_string();
      if (!text) return;
      const bool fits =
          keyword == "pattern"
              ? std::regex_search(std::string(*text), std::regex(std::string(want.as_string())))
              : text->size() >= want.to_number<std::size_t>();
      if (!fits)
        problems.push_back(at + ": " + json::serialize(value) + " does not fit " + keyword + " " +
                           json::serialize(want));
    } else if (keyword == "minimum" || keyword == "maximum") {
      if (!value.is_number()) return;
      const auto number = value.to_number<double>();
      const auto bound = want.to_number<double>();
      if (keyword == "minimum" ? number < bound : number > bound)
        problems.push_back(at + ": is out of range");
    } else {
      require_known(keyword);
    }
  }

  /// Keywords of another kind of value say nothing; any other keyword is one we forgot.
  static void require_known(const std::string& keyword) {
    static const std::vector<std::string> known{
        "properties",    "required",      "additionalProperties",
        "propertyNames", "minProperties", "items",
        "uniqueItems",   "maxProperties", "minItems",
        "pattern",       "minLength",     "minimum",
        "maximum"};
    for (const std::string& name : known)
      if (name == keyword) return;
    throw std::logic_error("the test's validator does not know the keyword " + keyword);
  }

  static bool has_type(const json::value& value, const json::value& want) {
    if (const json::array* types = want.if_array()) {
      for (const json::value& type : *types)
        if (has_type(value, type)) return true;
      return false;
    }
    const std::string_view type = want.as_string();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "null") return value.is_null();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "number") return value.is_number();
    throw std::logic_error("no such type: " + std::string(type));
  }

  const json::value& target(const json::value& reference) const {
    const std::string_view path = reference.as_string();
    const std::string_view start = "#/$defs/";
    if (!path.starts_with(start)) throw std::logic_error("a reference to elsewhere");
    return root_.at("$defs").at(
        json::string_view(path.data() + start.size(), path.size() - start.size()));
  }

  const json::value& root_;
};

/// What an editor sees: scalars by YAML 1.2's core schema.
inline json::value editor_value(const YamlNode& node) {
  if (node.is_null()) return nullptr;
  if (node.is_scalar()) {
    const std::string text(node.text());
    if (node.is_quoted()) return json::value(text);
    if (const auto boolean = node.as_boolean()) return *boolean;
    if (const auto integer = node.as_integer()) return *integer;
    static const std::regex kFloat(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)");
    if (std::regex_match(text, kFloat)) return std::stod(text);
    return json::value(text);
  }
  json::array list;
  json::object object;
  for (std::size_t i = 0; i < node.size(); ++i)
    if (node.is_sequence())
      list.push_back(editor_value(node[i]));
    else
      object[std::string(node.key(i).text())] = editor_value(node[i]);
  return node.is_sequence() ? json::value(list) : json::value(object);
}

}  // namespace tallymill
