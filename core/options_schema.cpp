#include "core/options.h"

namespace tallymill {

namespace {

json::object text_pattern(const char* pattern) {
  return {{"type", "string"}, {"pattern", pattern}};
}

/// Editors read 0.05 as a number and "0.05" as text; the loader takes both.
json::object number_or_text(const char* pattern) {
  return {{"type", json::array{"number", "string"}}, {"pattern", pattern}};
}

json::object value_schema(const OptionSpec& spec);

json::object any_of(const std::vector<OptionSpec>& alternatives) {
  json::array schemas;
  for (const OptionSpec& alternative : alternatives) schemas.push_back(value_schema(alternative));
  return {{"anyOf", std::move(schemas)}};
}

json::object columns_schema(const OptionSpec& spec) {
  return {{"anyOf", json::array{json::object{{"type", "string"}},
                                json::object{{"type", "array"},
                                             {"items", json::object{{"type", "string"}}},
                                             {"minItems", spec.may_be_empty ? 0 : 1},
                                             {"uniqueItems", true}}}}};
}

json::object kind_schema(const OptionSpec& spec) {
  switch (spec.kind) {
    case OptionKind::text:
      return {{"type", json::array{"string", "number", "boolean"}}};
    case OptionKind::name:
      return text_pattern("^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*$");
    case OptionKind::integer:
      return {{"type", "integer"}};
    case OptionKind::ratio: {
      json::object schema = number_or_text("^\\+?[01](\\.[0-9]{1,9})?$");
      schema["minimum"] = 0;
      schema["maximum"] = 1;
      return schema;
    }
    case OptionKind::decimal:
      return number_or_text("^[+-]?[0-9]+(\\.[0-9]+)?$");
    case OptionKind::boolean:
      return {{"type", "boolean"}};
    case OptionKind::duration:
      return text_pattern("^[0-9]+(ms|s|m|h|d)$");
    case OptionKind::column:
    case OptionKind::expression:
    case OptionKind::sql:
    case OptionKind::path:
      return {{"type", "string"}, {"minLength", 1}};
    case OptionKind::columns:
      return columns_schema(spec);
    case OptionKind::choice: {
      json::array choices;
      for (const std::string& choice : spec.choices) choices.emplace_back(choice);
      return {{"enum", std::move(choices)}};
    }
    case OptionKind::list: {
      json::object schema{{"type", "array"}};
      if (!spec.fields.empty()) schema["items"] = value_schema(spec.fields[0]);
      return schema;
    }
    case OptionKind::map: {
      json::object schema{{"type", "object"}};
      if (!spec.fields.empty()) schema["additionalProperties"] = value_schema(spec.fields[0]);
      return schema;
    }
    case OptionKind::object:
      return options_schema(spec.fields);
    case OptionKind::either:
      return any_of(spec.fields);
    case OptionKind::unit:
      return {{"$ref", "#/$defs/" + spec.units}};
    case OptionKind::any:
      break;
  }
  return {};
}

json::object value_schema(const OptionSpec& spec) {
  json::object schema = kind_schema(spec);
  std::string description = spec.summary;
  if (!spec.default_text.empty())
    description += (description.empty() ? "Default: " : " Default: ") + spec.default_text + ".";
  if (!description.empty()) schema["description"] = description;
  return schema;
}

}  // namespace

json::object options_schema(const std::vector<OptionSpec>& specs,
                            const std::vector<std::string>& also_allowed) {
  json::object properties;
  json::array required;
  for (const OptionSpec& spec : specs) {
    properties[spec.name] = value_schema(spec);
    if (spec.required) required.emplace_back(spec.name);
  }
  for (const std::string& name : also_allowed) properties.emplace(name, true);
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

json::object unit_options_schema(const std::vector<OptionSpec>& specs, std::string_view main) {
  json::array forms;
  bool needs_mapping = main.empty();
  for (const OptionSpec& spec : specs) {
    if (spec.name == main)
      forms.push_back(value_schema(spec));
    else if (spec.required)
      needs_mapping = true;
  }
  if (needs_mapping) return options_schema(specs);
  forms.push_back(options_schema(specs));
  return {{"anyOf", std::move(forms)}};
}

}  // namespace tallymill
