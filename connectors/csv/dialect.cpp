#include "connectors/csv/dialect.h"

#include "core/text.h"

namespace tallymill::csv {

namespace {

/// A character that may separate or quote: ASCII, and nothing words, numbers or lines are made of.
std::optional<char> separator_from(std::string_view text) {
  if (text == "tab") return '\t';
  if (text.size() != 1) return std::nullopt;
  const auto c = static_cast<unsigned char>(text[0]);
  const bool is_word = is_identifier(text) || (c >= '0' && c <= '9');
  const bool is_usable = c != '\0' && c < 0x80 && c != '\n' && c != '\r' && !is_word;
  return is_usable ? std::optional<char>(text[0]) : std::nullopt;
}

OptionSpec option(std::string name, OptionKind kind, std::string summary,
                  std::string default_text = {}) {
  OptionSpec spec;
  spec.name = std::move(name);
  spec.kind = kind;
  spec.summary = std::move(summary);
  spec.default_text = std::move(default_text);
  return spec;
}

OptionSpec choice(std::string name, std::string summary, std::string default_text,
                  std::vector<std::string> choices) {
  OptionSpec spec =
      option(std::move(name), OptionKind::choice, std::move(summary), std::move(default_text));
  spec.choices = std::move(choices);
  return spec;
}

OptionSpec header_option() {
  OptionSpec spec = option("header", OptionKind::either,
                           "Whether the first record names the columns, or their names; with false "
                           "they are column1, column2, ...",
                           "true");
  spec.fields = {option("", OptionKind::boolean, "true: the first record names the columns."),
                 option("", OptionKind::list, "The names of the columns; the file has no header.")};
  spec.fields[1].fields = {option("", OptionKind::text, "A column name.")};
  return spec;
}

OptionSpec texts_option(std::string name, std::string summary, std::string default_text) {
  OptionSpec spec =
      option(std::move(name), OptionKind::list, std::move(summary), std::move(default_text));
  spec.fields = {option("", OptionKind::text, "A text.")};
  return spec;
}

}  // namespace

std::vector<OptionSpec> dialect_options() {
  return {
      choice("format", "The format of the files.", "csv", {"csv"}),
      option("delimiter", OptionKind::text, "The character between cells; `tab` for a tab.", ","),
      option("quote", OptionKind::text,
             "The character around cells that hold delimiters or line ends; `none` if there is no "
             "such character.",
             "\""),
      header_option(),
      option(
          "header_starts_with", OptionKind::text,
          "The header is the first line that starts with this text; lines before it are skipped."),
      option("skip_lines", OptionKind::integer, "Lines to skip at the start of each file.", "0"),
      option("trim", OptionKind::boolean,
             "Take blanks and tabs around cells and column names away, also within quotes.",
             "false"),
      choice("encoding", "The encoding of the files; a UTF-8 byte order mark decides over it.",
             "auto", {"auto", "utf-8", "gb18030", "gbk"}),
      texts_option("null_values", "Texts that mean a missing cell, in quotes or not.",
                   "an empty cell without quotes"),
      choice("ragged", "What a record with too few cells is: a reject, or padded with nulls.",
             "reject", {"reject", "pad"}),
      choice("extra_empty", "What empty surplus cells at the end of a record are.", "reject",
             {"reject", "ignore"}),
  };
}

void check_dialect(const Options& from, Diagnostics& diagnostics) {
  for (const char* key : {"delimiter", "quote"}) {
    const std::string text = from.text(key);
    if (!from.has(key) || separator_from(text) || (key == std::string("quote") && text == "none"))
      continue;
    diagnostics.error(from.position(key),
                      "option '" + std::string(key) +
                          "' must be one ASCII character that is no letter or digit, got '" + text +
                          "'");
  }
  const Dialect dialect = Dialect::from(from);
  if (dialect.syntax.delimiter == dialect.syntax.quote)
    diagnostics.error(from.position(from.has("quote") ? "quote" : "delimiter"),
                      "delimiter and quote are the same character");
  if (!dialect.header_starts_with.empty() && dialect.header != Header::first_record)
    diagnostics.error(from.position("header_starts_with"),
                      "option 'header_starts_with' needs a header in the file",
                      "remove 'header', or use skip_lines");
  if (dialect.skip_lines < 0)
    diagnostics.error(from.position("skip_lines"), "option 'skip_lines' must not be negative");
  if (dialect.header == Header::declared && dialect.names.empty())
    diagnostics.error(from.position("header"), "option 'header' names no column");
}

Dialect Dialect::from(const Options& from) {
  Dialect dialect;
  dialect.syntax.delimiter = separator_from(from.text("delimiter", ",")).value_or(',');
  const std::string quote = from.text("quote", "\"");
  dialect.syntax.quote = quote == "none" ? '\0' : separator_from(quote).value_or('"');
  dialect.syntax.is_padded = from.boolean("trim");
  if (const YamlNode header = from.node("header"); header.is_sequence()) {
    dialect.header = Header::declared;
    dialect.names = from.texts("header");
  } else if (header && !from.boolean("header")) {
    dialect.header = Header::none;
  }
  dialect.header_starts_with = from.text("header_starts_with");
  dialect.skip_lines = from.integer("skip_lines");
  dialect.encoding = text_encoding_from(from.text("encoding", "auto"));
  if (from.has("null_values")) dialect.null_values = from.texts("null_values");
  dialect.pads_short_records = from.text("ragged") == "pad";
  dialect.ignores_extra_empty = from.text("extra_empty") == "ignore";
  return dialect;
}

}  // namespace tallymill::csv
