#include <cctype>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "cli/dataset_profile.h"
#include "core/text.h"

namespace tallymill {
namespace {

/// A set of values is a vocabulary, not a coincidence, if it is small and each is met often.
constexpr std::int64_t kLargestSet = 20;
constexpr std::int64_t kRowsPerValue = 20;
/// Nulls are an exception worth a limit only where they are few.
constexpr std::int64_t kFewNulls = 20;  ///< one in so many rows

/// Ends of the Wilson interval (95 %) of the share that `agree` of `rows` stand for.
struct Interval {
  double low = 0;
  double high = 1;
};
Interval wilson(std::int64_t agree, std::int64_t rows) {
  if (rows == 0) return {};
  constexpr double kZ = 1.959964;
  const double n = static_cast<double>(rows);
  const double share = static_cast<double>(agree) / n;
  const double centre = share + kZ * kZ / (2 * n);
  const double spread = kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  return {(centre - spread) / scale, (centre + spread) / scale};
}

std::string ratio_text(double ratio) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", ratio);
  return text;
}

std::string quoted(const std::string& text) { return json::serialize(json::value(text)); }

/// Collects the entries of a check job.
class Suggestions {
 public:
  explicit Suggestions(const json::object& profile)
      : profile_(profile), rows_(json_integer(profile, "rows")) {}

  std::string yaml() {
    const std::string name = is_file() ? name_of_file() : json_text(profile_, "dataset");
    if (rows_ == 0)
      return "  # " + name + " has no rows, and of nothing nothing can be suggested.\n" +
             (is_file() ? extract_of(name) : "");
    add("row_count: { min: 1 }", rows_, rows_);
    for (const json::value& column : profile_.at("columns").as_array()) about(column.as_object());
    for (const json::value& key : profile_.at("keys").as_array()) {
      std::vector<std::string> names;
      for (const json::value& column : key.as_array())
        names.push_back(quoted(std::string(column.as_string())));
      add("unique: [" + join(names, ", ") + "]", rows_, rows_);
    }
    return "  # Suggested by " + group_digits(rows_) +
           " rows. Behind each check: the rows that agree, and the least share\n"
           "  # of all rows that will, with 95 % confidence, if they are like these.\n" +
           (is_file() ? extract_of(name) : "") + "  " + name +
           "_is_as_before:\n    type: check\n    of: " + name + "\n    checks:\n" + text_;
  }

 private:
  void add(const std::string& check, std::int64_t agree, std::int64_t of) {
    text_ += "      - " + check + "  # " + std::to_string(agree) + " of " + std::to_string(of) +
             ", confidence " + ratio_text(wilson(agree, of).low) + "\n";
  }

  bool is_file() const { return profile_.contains("file"); }

  std::filesystem::path file() const { return json_text(profile_, "file"); }

  /// "2010-12-06 Sales.csv" as a dataset may be called: data_2010_12_06_sales.
  std::string name_of_file() const {
    std::string name = file().stem().string();
    for (char& c : name) {
      const auto byte = static_cast<unsigned char>(c);
      c = byte < 0x80 && std::isalnum(byte) ? static_cast<char>(std::tolower(byte)) : '_';
    }
    return name[0] >= 'a' && name[0] <= 'z' ? name : "data_" + name;
  }

  std::string extract_of(const std::string& name) const {
    std::string text =
        "  read_" + name + ":\n    type: extract\n    from: { connector: CONNECTOR, path: " +
        quoted(file().filename().string()) + " }\n    into: " + name + "\n    columns:\n";
    for (const json::value& entry : profile_.at("columns").as_array()) {
      const json::object& column = entry.as_object();
      text += "      " + quoted(json_text(column, "name")) + ": { type: " + type_of(column) +
              (rows_ > 0 && json_integer(column, "nulls") == 0 ? ", required: true" : "") + " }\n";
    }
    return text;
  }

  /// As an extract declares it: "money", or "date, format: '%Y/%m/%d'".
  std::string type_of(const json::object& column) const {
    const json::object* reading = reading_of_all(column, rows_);
    if (reading == nullptr) return "text";
    std::string type = json_text(*reading, "type");
    if (const std::size_t format = type.find('%'); format != std::string::npos)
      return "date, format: " + quoted(type.substr(format));
    return type;
  }

  void about(const json::object& column) {
    const std::string name = quoted(json_text(column, "name"));
    const std::int64_t nulls = json_integer(column, "nulls");
    const std::int64_t values = rows_ - nulls;
    if (nulls == 0)
      add("not_null: " + name, rows_, rows_);
    else if (nulls * kFewNulls <= rows_)
      add("not_null: { column: " + name + ", max_ratio: " + ratio_text(wilson(nulls, rows_).high) +
              " }",
          values, rows_);
    if (values == 0) return;
    if (column.contains("negative")) about_number(column, name, values);
    if (const json::object* reading = is_file() ? reading_of_all(column, rows_) : nullptr)
      about_reading(*reading, name, values);
    else if (column.contains("length"))
      about_text(column, name, values);
  }

  void about_reading(const json::object& reading, const std::string& name, std::int64_t values) {
    const std::string type = json_text(reading, "type");
    if (type.starts_with("date") || type == "timestamp" || type == "boolean") return;
    if (!json_text(reading, "min").starts_with('-'))
      add("in_range: { column: " + name + ", min: 0 }", values, values);
  }

  void about_number(const json::object& column, const std::string& name, std::int64_t values) {
    if (json_integer(column, "negative") > 0) return;
    const char* end = json_integer(column, "zero") > 0 ? "min" : "above";
    add("in_range: { column: " + name + ", " + end + ": 0 }", values, values);
  }

  /// The first format that all texts have, numbers and the like apart: they are types.
  static std::string format_of(const json::object& column, std::int64_t values) {
    if (!column.contains("formats")) return "";
    for (const json::value& entry : column.at("formats").as_array()) {
      std::string name = json_text(entry.as_object(), "format");
      if (json_integer(entry.as_object(), "rows") == values && !says_little(name)) return name;
    }
    return "";
  }

  /// What short words and plain digits have by chance.
  static bool says_little(const std::string& format) {
    for (const char* common : {"base64", "hex", "json", "year", "hostname", "country_code",
                               "currency_code", "cn_name", "cn_postal_code", "bic"})
      if (format == common) return true;
    for (const char* number : {"integer", "decimal", "money", "percentage"})
      if (format.find(number) != std::string::npos) return true;
    return false;
  }

  void about_text(const json::object& column, const std::string& name, std::int64_t values) {
    if (has_vocabulary(column, values)) {
      std::vector<std::string> texts;
      for (const json::value& entry : column.at("top").as_array())
        texts.push_back(quoted(json_text(entry.as_object(), "value")));
      return add("in_set: { column: " + name + ", values: [" + join(texts, ", ") + "] }", values,
                 values);
    }
    if (const std::string format = format_of(column, values); !format.empty())
      return add("format: { column: " + name + ", is: " + format + " }", values, values);
    if (const std::string pattern = pattern_of(column, values); !pattern.empty())
      return add("matches: { column: " + name + ", pattern: " + quoted(pattern) + " }", values,
                 values);
    const json::object& length = column.at("length").as_object();
    if (json_integer(length, "min") == json_integer(length, "max"))
      add("length: { column: " + name + ", min: " + std::to_string(json_integer(length, "min")) +
              ", max: " + std::to_string(json_integer(length, "max")) + " }",
          values, values);
    else if (json_integer(column, "blank") == 0)
      add("length: { column: " + name + ", min: 1 }", values, values);
  }

  static bool has_vocabulary(const json::object& column, std::int64_t values) {
    const std::int64_t distinct = json_integer(column, "distinct");
    return column.contains("top") && distinct <= kLargestSet &&
           distinct * kRowsPerValue <= values && json_integer(column, "once") == 0;
  }

  /// The one shape all values have; empty if there are several, or one that says nothing.
  static std::string pattern_of(const json::object& column, std::int64_t values) {
    if (!column.contains("shapes")) return "";
    const json::array& shapes = column.at("shapes").as_array();
    if (shapes.size() != 1 || json_integer(shapes[0].as_object(), "rows") != values) return "";
    const json::object& length = column.at("length").as_object();
    const std::string shape = json_text(shapes[0].as_object(), "shape");
    if (json_integer(length, "min") != json_integer(length, "max") ||
        json_integer(length, "max") != static_cast<std::int64_t>(shape.size()))
      return "";  // cut off, or with letters that a shape does not tell apart
    return shape_pattern(shape);
  }

  /// "AA-999" as "[A-Z]{2}-[0-9]{3}".
  static std::string shape_pattern(const std::string& shape) {
    std::string pattern;
    for (std::size_t i = 0; i < shape.size();) {
      std::size_t end = i;
      while (end < shape.size() && shape[end] == shape[i]) ++end;
      const char c = shape[i];
      pattern += c == '9'   ? "[0-9]"
                 : c == 'A' ? "[A-Z]"
                 : c == 'a'
                     ? "[a-z]"
                     : "[" + std::string(c == '^' || c == ']' || c == '\\' ? "\\" : "") + c + "]";
      if (end - i > 1) pattern += "{" + std::to_string(end - i) + "}";
      i = end;
    }
    return pattern;
  }

  const json::object& profile_;
  std::int64_t rows_;
  std::string text_;
};

}  // namespace

std::string suggested_checks(const json::object& profile) { return Suggestions(profile).yaml(); }

}  // namespace tallymill
