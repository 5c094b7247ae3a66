#include <algorithm>

#include "core/money.h"
#include "core/options.h"
#include "core/text.h"

namespace tallymill {

namespace {

/// A value as a message shows it.
std::string got(const YamlNode& node) {
  if (node.is_sequence()) return "a list";
  if (node.is_mapping()) return "a mapping";
  if (!node.is_scalar()) return "nothing";
  return (node.is_quoted() ? "the quoted text '" : "'") + std::string(node.text()) + "'";
}

/// What a value of `spec` looks like, to complete "must be ...".
std::string expected(const OptionSpec& spec) {
  switch (spec.kind) {
    case OptionKind::text:
      return "text";
    case OptionKind::name:
      return "a name of letters, digits and '_'";
    case OptionKind::integer:
      return "a whole number";
    case OptionKind::ratio:
      return "a number from 0 to 1";
    case OptionKind::decimal:
      return "a plain decimal number";
    case OptionKind::boolean:
      return "true or false";
    case OptionKind::duration:
      return "a duration such as 30s, 10m or 2h";
    case OptionKind::column:
      return "a column name";
    case OptionKind::columns:
      return "a column name or a list of them";
    case OptionKind::expression:
      return "an SQL expression";
    case OptionKind::sql:
      return "an SQL SELECT";
    case OptionKind::path:
      return "a path";
    case OptionKind::choice:
      return "one of " + join(spec.choices, ", ");
    case OptionKind::list:
      return "a list";
    case OptionKind::map:
    case OptionKind::object:
      return "a mapping";
    case OptionKind::unit:
      return "a mapping with one key, the name of a " + spec.units;
    case OptionKind::any:
      return "anything";
    case OptionKind::either:
      break;
  }
  std::vector<std::string> alternatives;
  alternatives.reserve(spec.fields.size());
  for (const OptionSpec& field : spec.fields) alternatives.push_back(expected(field));
  return join(alternatives, " or ");
}

/// True if YAML of this kind can be a value of `spec` at all.
bool suits_kind(const OptionSpec& spec, const YamlNode& node) {
  switch (spec.kind) {
    case OptionKind::any:
      return true;
    case OptionKind::list:
      return node.is_sequence();
    case OptionKind::columns:
      return node.is_scalar() || node.is_sequence();
    case OptionKind::map:
    case OptionKind::object:
    case OptionKind::unit:
      return node.is_mapping();
    case OptionKind::either:
      return std::any_of(spec.fields.begin(), spec.fields.end(),
                         [&](const OptionSpec& field) { return suits_kind(field, node); });
    default:
      return node.is_scalar();
  }
}

bool is_dotted_name(std::string_view text) {
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_identifier(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_ratio(std::string_view text) {
  constexpr Int128 kOne = 1'000'000'000;
  const Parsed<Int128> ratio = parse_decimal(text, 18, 9, true);
  return ratio && ratio.value >= 0 && ratio.value <= kOne;
}

bool is_plain_decimal(std::string_view text) {
  const auto is_digits = [](std::string_view digits) {
    return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return is_digits(text);
  return is_digits(text.substr(0, point)) && is_digits(text.substr(point + 1));
}

/// Whether a scalar is a value of a scalar kind.
bool is_value_of(const OptionSpec& spec, const YamlNode& node) {
  const std::string_view text = node.text();
  switch (spec.kind) {
    case OptionKind::name:
      return is_dotted_name(text);
    case OptionKind::integer:
      return node.as_integer().has_value();
    case OptionKind::ratio:
      return is_ratio(text);
    case OptionKind::decimal:
      return is_plain_decimal(text);
    case OptionKind::boolean:
      return node.as_boolean().has_value();
    case OptionKind::duration:
      return parse_duration(text).has_value();
    case OptionKind::column:
    case OptionKind::columns:
    case OptionKind::expression:
    case OptionKind::sql:
    case OptionKind::path:
      return !trim(text).empty();
    case OptionKind::choice:
      return std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end();
    default:
      return true;
  }
}

std::string hint_for(const OptionSpec& spec, const YamlNode& node) {
  const std::string_view text = node.text();
  switch (spec.kind) {
    case OptionKind::choice:
      return did_you_mean(text, spec.choices);
    case OptionKind::ratio:
      return text.ends_with('%') ? "write 5% as 0.05" : "";
    case OptionKind::integer:
    case OptionKind::boolean:
      return node.is_quoted() ? "remove the quotes" : "";
    case OptionKind::name:
      return text.find('-') == std::string_view::npos ? "" : "write '_' for '-'";
    default:
      return {};
  }
}

/// True if there is nothing to say about a value: found out without the words to say it in, for
/// that is the way of nearly every value. False: Validation looks closer.
bool fits_at_once(const OptionSpec& spec, const YamlNode& node) {
  switch (spec.kind) {
    case OptionKind::any:
      return true;
    case OptionKind::list: {
      if (!node.is_sequence()) return false;
      for (std::size_t i = 0; !spec.fields.empty() && i < node.size(); ++i)
        if (!fits_at_once(spec.fields[0], node[i])) return false;
      return true;
    }
    case OptionKind::either:
      return std::any_of(spec.fields.begin(), spec.fields.end(),
                         [&](const OptionSpec& field) { return fits_at_once(field, node); });
    case OptionKind::map:
    case OptionKind::object:
    case OptionKind::unit:
    case OptionKind::sql:
    case OptionKind::expression:
      return false;
    default:
      return node.is_scalar() && is_value_of(spec, node);
  }
}

/// Walks a value beside its spec and reports what does not fit.
class Validation {
 public:
  explicit Validation(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void mapping(const YamlNode& node, const std::vector<OptionSpec>& specs,
               const std::string& subject, const std::vector<std::string>& also_allowed) {
    if (node && !node.is_mapping() && !node.is_null()) {
      diagnostics_.error(node.position(),
                         subject + " must be a mapping of options, got " + got(node));
      return;
    }
    for (std::size_t i = 0; i < node.size(); ++i) {
      const YamlNode key = node.key(i);
      if (!key.is_scalar()) continue;  // reported by the parser
      const auto spec = std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& known) {
        return known.name == key.text();
      });
      if (spec != specs.end()) {
        if (fits_at_once(*spec, node[i])) continue;
        value(node[i], *spec, "option '" + spec->name + "'", "'" + spec->name + "' of " + subject);
      } else if (std::find(also_allowed.begin(), also_allowed.end(), key.text()) ==
                 also_allowed.end()) {
        unknown(key, specs, subject, also_allowed);
      }
    }
    for (const OptionSpec& spec : specs)
      if (spec.required && !node.find(spec.name)) missing(node, spec, subject);
  }

  /// `node` is the value of option `main` and nothing else is given.
  void main_only(const YamlNode& node, const std::vector<OptionSpec>& specs, std::string_view main,
                 const std::string& subject) {
    for (const OptionSpec& spec : specs) {
      if (spec.name == main)
        value(node, spec, subject, subject);
      else if (spec.required)
        missing(node, spec, subject);
    }
  }

 private:
  void unknown(const YamlNode& key, const std::vector<OptionSpec>& specs,
               const std::string& subject, const std::vector<std::string>& also_allowed) {
    std::vector<std::string> known;
    known.reserve(specs.size() + also_allowed.size());
    for (const OptionSpec& spec : specs) known.push_back(spec.name);
    known.insert(known.end(), also_allowed.begin(), also_allowed.end());
    std::string hint = did_you_mean(key.text(), known);
    if (hint.empty())
      hint = known.empty() ? "it has no options" : "its options are " + join(known, ", ");
    diagnostics_.error(key.position(),
                       "unknown option '" + std::string(key.text()) + "' for " + subject, hint);
  }

  void missing(const YamlNode& node, const OptionSpec& spec, const std::string& subject) {
    std::string summary = spec.summary;
    if (summary.ends_with('.')) summary.pop_back();
    diagnostics_.error(node.position(), subject + " lacks the option '" + spec.name + "'",
                       summary.empty() ? "" : "'" + spec.name + "' is: " + summary);
  }

  /// `label` names the value in messages about itself, `subject` in those about its options.
  void value(const YamlNode& node, const OptionSpec& spec, const std::string& label,
             const std::string& subject) {
    if (spec.kind == OptionKind::either) return either(node, spec, label, subject);
    if (!suits_kind(spec, node)) return mismatch(node, spec, label);
    switch (spec.kind) {
      case OptionKind::any:
        return;
      case OptionKind::list:
        return elements(node, spec, label, subject);
      case OptionKind::map:
        return entries(node, spec, label, subject);
      case OptionKind::object:
        return mapping(node, spec.fields, subject, {});
      case OptionKind::unit:
        return unit(node, spec, label);
      default:
        break;
    }
    if (node.is_sequence()) return column_list(node, spec, label);
    if (!is_value_of(spec, node)) return mismatch(node, spec, label);
    const bool is_sql = spec.kind == OptionKind::sql || spec.kind == OptionKind::expression;
    if (is_sql && node.text().find("${") != std::string_view::npos)
      diagnostics_.error(node.position(), label + " is SQL, where '${' is not replaced",
                         "use a bound parameter such as :period or :param_x");
  }

  void mismatch(const YamlNode& node, const OptionSpec& spec, const std::string& label) {
    diagnostics_.error(node.position(), label + " must be " + expected(spec) + ", got " + got(node),
                       node.is_scalar() ? hint_for(spec, node) : "");
  }

  void column_list(const YamlNode& node, const OptionSpec& spec, const std::string& label) {
    if (node.size() == 0 && !spec.may_be_empty)
      diagnostics_.error(node.position(), label + " must name at least one column");
    std::vector<std::string_view> seen;
    for (std::size_t i = 0; i < node.size(); ++i) {
      const YamlNode column = node[i];
      if (!column.is_scalar() || !is_value_of(spec, column)) {
        diagnostics_.error(column.position(),
                           element_label(i, label) + " must be a column name, got " + got(column));
        continue;
      }
      if (std::find(seen.begin(), seen.end(), column.text()) != seen.end())
        diagnostics_.error(column.position(),
                           "column '" + std::string(column.text()) + "' stands twice in " + label);
      seen.push_back(column.text());
    }
  }

  void elements(const YamlNode& node, const OptionSpec& spec, const std::string& label,
                const std::string& subject) {
    if (spec.fields.empty()) return;
    for (std::size_t i = 0; i < node.size(); ++i)
      value(node[i], spec.fields[0], element_label(i, label), element_label(i, subject));
  }

  void entries(const YamlNode& node, const OptionSpec& spec, const std::string& label,
               const std::string& subject) {
    if (spec.fields.empty()) return;
    const std::string& what = spec.fields[0].name;  // "column": what one entry is called
    for (std::size_t i = 0; i < node.size(); ++i) {
      const std::string key = "'" + std::string(node.key(i).text()) + "'";
      if (what.empty())
        value(node[i], spec.fields[0], key + " of " + label, key + " of " + subject);
      else
        value(node[i], spec.fields[0], what + " " + key, what + " " + key);
    }
  }

  void unit(const YamlNode& node, const OptionSpec& spec, const std::string& label) {
    if (node.size() == 1) return;
    diagnostics_.error(
        node.position(),
        label + " must be " + expected(spec) + ", got " + std::to_string(node.size()) + " keys",
        "start each " + spec.units + " with '- ' and indent its options below it");
  }

  void either(const YamlNode& node, const OptionSpec& spec, const std::string& label,
              const std::string& subject) {
    std::vector<const OptionSpec*> candidates;
    for (const OptionSpec& field : spec.fields)
      if (suits_kind(field, node)) candidates.push_back(&field);
    if (candidates.empty()) return mismatch(node, spec, label);
    // Of mappings, the one with most of the keys written is what was meant.
    std::stable_sort(candidates.begin(), candidates.end(),
                     [&](const OptionSpec* a, const OptionSpec* b) {
                       return shared_keys(*a, node) > shared_keys(*b, node);
                     });
    Diagnostics first_problems;
    for (const OptionSpec* candidate : candidates) {
      Diagnostics problems;
      Validation(problems).value(node, *candidate, label, subject);
      if (problems.empty()) return;
      if (candidate == candidates.front()) first_problems = problems;
    }
    if (candidates.size() > 1 && node.is_scalar()) return mismatch(node, spec, label);
    diagnostics_.add_all(first_problems);
  }

  static std::ptrdiff_t shared_keys(const OptionSpec& spec, const YamlNode& node) {
    return std::count_if(spec.fields.begin(), spec.fields.end(), [&](const OptionSpec& field) {
      return static_cast<bool>(node.find(field.name));
    });
  }

  static std::string element_label(std::size_t i, const std::string& label) {
    return "element " + std::to_string(i + 1) + " of " + label;
  }

  Diagnostics& diagnostics_;
};

}  // namespace

void validate_options(YamlNode node, const std::vector<OptionSpec>& specs, std::string_view subject,
                      Diagnostics& diagnostics, const std::vector<std::string>& also_allowed) {
  Validation(diagnostics).mapping(node, specs, std::string(subject), also_allowed);
}

void validate_unit_options(YamlNode node, const std::vector<OptionSpec>& specs,
                           std::string_view main, std::string_view subject,
                           Diagnostics& diagnostics) {
  Validation validation(diagnostics);
  if (main.empty() || !node || node.is_mapping() || node.is_null())
    validation.mapping(node, specs, std::string(subject), {});
  else
    validation.main_only(node, specs, main, std::string(subject));
}

}  // namespace tallymill
