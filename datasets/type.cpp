#include "datasets/type.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

/// DECIMAL(18,s) and narrower are int64 inside DuckDB, so that every vector of money has one
/// layout.
constexpr int kNarrowPrecision = 18;
constexpr int kMaxPrecision = 38;

std::optional<int> small_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// "decimal(p,s)" with blanks allowed inside the parentheses.
std::optional<Type> decimal_from_word(std::string_view word) {
  constexpr std::string_view kPrefix = "decimal(";
  if (!word.starts_with(kPrefix) || !word.ends_with(')')) return std::nullopt;
  word.remove_prefix(kPrefix.size());
  word.remove_suffix(1);
  const std::size_t comma = word.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto precision = small_number(trim(word.substr(0, comma)));
  const auto scale = small_number(trim(word.substr(comma + 1)));
  if (!precision || !scale || *precision < 1 || *precision > kMaxPrecision || *scale > *precision)
    return std::nullopt;
  return Type::decimal(*precision, *scale);
}

const std::vector<std::string>& type_words() {
  static const std::vector<std::string> words{
      "text", "integer", "money", "decimal(p,s)", "ratio", "date", "timestamp", "boolean", "enum"};
  return words;
}

Type type_at(YamlNode node, int currency_scale, Diagnostics& diagnostics) {
  if (auto type = type_from_word(node.text(), currency_scale)) return *type;
  std::string hint = did_you_mean(node.text(), type_words());
  if (hint.empty()) hint = "known types: " + join(type_words(), ", ");
  diagnostics.error(node.position(), "unknown type '" + std::string(node.text()) + "'",
                    std::move(hint));
  return Type::text();
}

Type enumeration_at(const Options& options, Diagnostics& diagnostics) {
  Type type{TypeKind::enumeration, 0, 0, {}};
  if (!options.has("values") || options.list("values").empty()) {
    diagnostics.error(options.position("type"), "an enum needs the list of its values",
                      "add values: [a, b]");
    return type;
  }
  for (const YamlNode value : options.list("values")) {
    std::string text(value.text());
    if (std::find(type.values.begin(), type.values.end(), text) != type.values.end())
      diagnostics.error(value.position(), "enum value '" + text + "' is listed twice");
    else
      type.values.push_back(std::move(text));
  }
  return type;
}

/// Adds the problems at places where none is reported yet.
void add_new(const Diagnostics& found, Diagnostics& diagnostics) {
  const std::vector<Diagnostic> known = diagnostics.sorted();
  for (Diagnostic& problem : found.sorted())
    if (std::none_of(known.begin(), known.end(),
                     [&](const Diagnostic& item) { return item.where == problem.where; }))
      diagnostics.add(std::move(problem));
}

json::object type_json(const Type& type) {
  json::object object{{"type", type.name()}};
  if (type.kind == TypeKind::money) object["scale"] = type.scale;
  if (type.kind == TypeKind::enumeration) {
    object["type"] = "enum";
    object["values"] = json::array(type.values.begin(), type.values.end());
  }
  return object;
}

Type type_from_json(const json::object& object) {
  const std::string word = json_text(object, "type");
  if (word == "enum") {
    Type type{TypeKind::enumeration, 0, 0, {}};
    for (const json::value& value : json_at(object, "values").as_array())
      type.values.emplace_back(value.as_string());
    return type;
  }
  const int scale = object.contains("scale") ? static_cast<int>(json_integer(object, "scale")) : 0;
  if (auto type = type_from_word(word, scale)) return *type;
  throw Error(ErrorClass::data, "unknown column type '" + word + "' in a schema");
}

}  // namespace

std::string Type::sql() const {
  switch (kind) {
    case TypeKind::text:
    case TypeKind::enumeration:
      return "VARCHAR";
    case TypeKind::integer:
      return "BIGINT";
    case TypeKind::money:
    case TypeKind::decimal:
    case TypeKind::ratio:
      return "DECIMAL(" + std::to_string(std::max(precision, kNarrowPrecision)) + "," +
             std::to_string(scale) + ")";
    case TypeKind::date:
      return "DATE";
    case TypeKind::timestamp:
      return "TIMESTAMP";
    case TypeKind::boolean:
      return "BOOLEAN";
  }
  return "VARCHAR";
}

std::string Type::name() const {
  switch (kind) {
    case TypeKind::text:
      return "text";
    case TypeKind::integer:
      return "integer";
    case TypeKind::money:
      return "money";
    case TypeKind::decimal:
      return "decimal(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
    case TypeKind::ratio:
      return "ratio";
    case TypeKind::date:
      return "date";
    case TypeKind::timestamp:
      return "timestamp";
    case TypeKind::boolean:
      return "boolean";
    case TypeKind::enumeration:
      return "enum(" + join(values, ", ") + ")";
  }
  return "text";
}

bool Type::is_decimal() const {
  return kind == TypeKind::money || kind == TypeKind::decimal || kind == TypeKind::ratio;
}

bool Type::is_summable() const {
  return kind == TypeKind::integer || kind == TypeKind::money || kind == TypeKind::decimal;
}

bool is_provenance(std::string_view column) {
  return column == kSourceColumn || column == kLineColumn;
}

const Column* Schema::find(std::string_view name) const {
  const auto it = std::find_if(columns.begin(), columns.end(),
                               [&](const Column& column) { return column.name == name; });
  return it == columns.end() ? nullptr : &*it;
}

std::vector<std::string> Schema::names() const {
  std::vector<std::string> result;
  result.reserve(columns.size());
  for (const Column& column : columns) result.push_back(column.name);
  return result;
}

std::vector<Column> Schema::stored_columns() const {
  std::vector<Column> result = columns;
  for (Column& column : provenance_columns()) result.push_back(std::move(column));
  return result;
}

std::vector<std::string> Schema::stored_names() const {
  std::vector<std::string> result = names();
  for (Column& column : provenance_columns()) result.push_back(std::move(column.name));
  return result;
}

std::vector<Column> Schema::provenance_columns() const {
  if (!has_provenance) return {};
  return {{.name = std::string(kSourceColumn), .type = Type::text()},
          {.name = std::string(kLineColumn), .type = Type::integer()}};
}

json::object Schema::to_json() const {
  json::array list;
  for (const Column& column : columns) {
    json::object entry{{"name", column.name}};
    for (auto& pair : type_json(column.type)) entry[pair.key()] = pair.value();
    if (column.required) entry["required"] = true;
    if (column.sensitive) entry["sensitive"] = true;
    list.push_back(std::move(entry));
  }
  return {{"columns", std::move(list)},
          {"key", json::array(key.begin(), key.end())},
          {"has_provenance", has_provenance}};
}

Schema Schema::from_json(const json::object& object) {
  Schema schema;
  for (const json::value& value : json_at(object, "columns").as_array()) {
    const json::object& entry = value.as_object();
    schema.columns.push_back(
        {.name = json_text(entry, "name"),
         .type = type_from_json(entry),
         .required = entry.contains("required") && json_boolean(entry, "required"),
         .sensitive = entry.contains("sensitive") && json_boolean(entry, "sensitive")});
  }
  for (const json::value& value : json_at(object, "key").as_array())
    schema.key.emplace_back(value.as_string());
  schema.has_provenance = json_boolean(object, "has_provenance");
  return schema;
}

std::optional<Type> type_from_word(std::string_view word, int currency_scale) {
  if (word == "text") return Type::text();
  if (word == "integer") return Type::integer();
  if (word == "money") return Type::money(currency_scale);
  if (word == "ratio") return Type::ratio();
  if (word == "date") return Type::date();
  if (word == "timestamp") return Type::timestamp();
  if (word == "boolean") return Type::boolean();
  if (word == "enum") return Type{TypeKind::enumeration, 0, 0, {}};
  return decimal_from_word(word);
}

std::vector<OptionSpec> column_options(const std::vector<OptionSpec>& also_allowed) {
  std::vector<OptionSpec> specs{
      {.name = "type",
       .kind = OptionKind::text,
       .summary = "text, integer, money, decimal(p,s), ratio, date, timestamp, boolean or enum.",
       .required = true},
      {.name = "required",
       .kind = OptionKind::boolean,
       .summary = "A missing value is a defect.",
       .default_text = "false"},
      {.name = "sensitive",
       .kind = OptionKind::boolean,
       .summary = "Masked in every message, log, sample and report.",
       .default_text = "false"},
      {.name = "values",
       .kind = OptionKind::list,
       .summary = "The values an enum may take.",
       .fields = {{.name = "value", .kind = OptionKind::text, .summary = "One value."}}},
  };
  specs.insert(specs.end(), also_allowed.begin(), also_allowed.end());
  return specs;
}

OptionSpec column_option(const std::vector<OptionSpec>& also_allowed) {
  return {.name = "column",
          .kind = OptionKind::either,
          .summary = "The column's type, or a mapping that begins with it.",
          .fields = {{.name = "type", .kind = OptionKind::text, .summary = "The column's type."},
                     {.name = "column",
                      .kind = OptionKind::object,
                      .summary = "Type and more.",
                      .fields = column_options(also_allowed)}}};
}

Column parse_column(std::string name, YamlNode node, int currency_scale, Diagnostics& diagnostics,
                    const std::vector<OptionSpec>& also_allowed) {
  Column column{.name = std::move(name), .type = Type::text()};
  if (is_provenance(column.name))
    diagnostics.error(node.position(), "column name '" + column.name + "' is reserved",
                      "provenance columns are added by the job itself");
  if (node.is_scalar()) {
    column.type = type_at(node, currency_scale, diagnostics);
    if (column.type.kind == TypeKind::enumeration)
      diagnostics.error(node.position(), "an enum needs the list of its values",
                        "write " + column.name + ": { type: enum, values: [a, b] }");
    return column;
  }
  Diagnostics found;
  validate_options(node, column_options(also_allowed), "column '" + column.name + "'", found);
  if (found.has_errors()) {
    add_new(found, diagnostics);
    return column;
  }
  const Options options(node);
  column.type = type_at(options.node("type"), currency_scale, diagnostics);
  if (column.type.kind == TypeKind::enumeration)
    column.type = enumeration_at(options, diagnostics);
  else if (options.has("values"))
    diagnostics.error(options.position("values"),
                      "'values' belongs to type enum, not " + column.type.name());
  column.required = options.boolean("required");
  column.sensitive = options.boolean("sensitive");
  return column;
}

}  // namespace tallymill
