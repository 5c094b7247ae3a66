#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

class Synonyms final : public Step {
 public:
  explicit Synonyms(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto column = flow.text_column(options_.text("column"), options_.position("column"));
    const auto unknown = if_missing(options_, "unknown", "synonyms", flow.context().diagnostics());
    const auto pairs = alias_relation(flow);
    if (!column || !unknown || !pairs || !is_function(flow, *pairs)) return;
    replace(flow, *column, *pairs, *unknown);
  }

 private:
  /// tm_alias, tm_word, tm_is_word: each alias with its word, and each word with itself.
  std::optional<std::string> alias_relation(CleanseFlow& flow) const {
    std::vector<std::string> known;
    const std::string relation = flow.context().table(options_.text("table"), &known);
    if (relation.empty() || known.empty()) return std::nullopt;
    const std::string word = options_.text("word", known.front());
    std::vector<std::string> names = options_.columns("aliases");
    if (names.empty())
      for (const std::string& name : known)
        if (name != word) names.push_back(name);
    names.insert(names.begin(), word);
    std::vector<std::string> selects;
    for (const std::string& name : names) {
      if (!table_has(options_.text("table"), known, name,
                     options_.position(name == word ? "word" : "aliases"),
                     flow.context().diagnostics()))
        return std::nullopt;
      selects.push_back("SELECT CAST(" + quote_identifier(name) +
                        " AS VARCHAR) AS tm_alias, CAST(" + quote_identifier(word) +
                        " AS VARCHAR) AS tm_word, " + (name == word ? "true" : "false") +
                        " AS tm_is_word FROM " + relation);
    }
    return "(SELECT DISTINCT * FROM (" + join(selects, " UNION ALL ") +
           ") WHERE tm_alias <> '' AND tm_word <> '')";
  }

  /// An alias of two words would pick one by chance; a word that is an alias of another would
  /// change again in a second run.
  bool is_function(CleanseFlow& flow, const std::string& pairs) const {
    const Rows twice = flow.context().engine().query(
        "SELECT tm_alias, string_agg(DISTINCT tm_word, ''' and ''' ORDER BY tm_word) FROM " +
        pairs + " GROUP BY tm_alias HAVING count(DISTINCT tm_word) > 1 ORDER BY 1 LIMIT 1");
    if (twice.cells.empty()) return true;
    flow.context().diagnostics().error(options_.position("table"),
                                       "table '" + options_.text("table") + "' lets '" +
                                           twice.text(0, 0) + "' stand for '" + twice.text(0, 1) +
                                           "'",
                                       "each alias and each word stands for one word");
    return false;
  }

  /// The words whose patterns fit the value, as a list. Of prefixes the longest counts.
  static std::string fitting_words(CleanseFlow& flow, const std::string& name,
                                   const std::string& pairs, bool is_prefix) {
    const Rows aliases = flow.context().engine().query(
        "SELECT tm_alias, tm_word FROM " + pairs +
        " WHERE NOT tm_is_word ORDER BY strlen(tm_alias) DESC, tm_alias");
    if (aliases.cells.empty()) return "CAST([] AS VARCHAR[])";
    std::vector<std::string> cases;
    for (std::size_t row = 0; row < aliases.cells.size(); ++row) {
      const std::string function = is_prefix ? "starts_with(" : "regexp_full_match(";
      const std::string condition =
          function + name + ", " + quote_literal(aliases.text(row, 0)) + ")";
      cases.push_back(" WHEN " + condition + " THEN " + quote_literal(aliases.text(row, 1)));
    }
    if (is_prefix) return "[CASE" + join(cases, "") + " END]";
    return "list_sort(list_distinct([CASE" + join(cases, " END, CASE") + " END]))";
  }

  void replace(CleanseFlow& flow, const Column& column, const std::string& pairs,
               IfMissing unknown) const {
    const std::string name = quote_identifier(column.name);
    const std::string kind = options_.text("match", "exact");
    const bool is_exact = kind == "exact";
    std::string word = flow.keep_joined("(SELECT DISTINCT tm_alias, tm_word FROM " + pairs +
                                            (is_exact ? ")" : " WHERE tm_is_word)"),
                                        "m.tm_alias = t." + name, "m.tm_word");
    std::string is_unknown = name + " IS NOT NULL AND " + word + " IS NULL";
    if (!is_exact) {
      const std::string found = flow.keep("CASE WHEN " + word + " IS NULL THEN list_filter(" +
                                          fitting_words(flow, name, pairs, kind == "prefix") +
                                          ", lambda w: w IS NOT NULL) END");
      flow.mark({.reason = "CASE WHEN len(" + found + ") > 1 THEN " +
                           quote_literal("ambiguous_" + column.name) + " END",
                 .message = quote_literal(column.name + " ") + " || " + shown_value_sql(column) +
                            " || ' stands for ' || array_to_string(" + found + ", ' and ')"});
      word = flow.keep("coalesce(" + word + ", CASE WHEN len(" + found + ") = 1 THEN " + found +
                       "[1] END)");
      is_unknown += " AND coalesce(len(" + found + "), 0) = 0";
    }
    if (unknown == IfMissing::reject)
      flow.mark({.reason = "CASE WHEN " + is_unknown + " THEN " +
                           quote_literal(reason_code(options_, "unknown_" + column.name,
                                                     flow.context().diagnostics())) +
                           " END",
                 .message = quote_literal("table " + options_.text("table") + " does not know " +
                                          column.name + " ") +
                            " || " + shown_value_sql(column)});
    flow.set(column,
             "coalesce(" + word + ", " + (unknown == IfMissing::null ? "NULL" : name) + ")");
  }

  Options options_;
};

}  // namespace

void register_synonyms(Registry<StepType>& steps) {
  steps.add({
      .name = "synonyms",
      .summary = "Replaces the many words for a thing by the one that a table has for it.",
      .options = {{.name = "column",
                   .kind = OptionKind::column,
                   .summary = "Text column whose values are looked up.",
                   .required = true},
                  {.name = "table",
                   .kind = OptionKind::name,
                   .summary = "tables/<name>.csv, or a dataset.",
                   .required = true},
                  {.name = "word",
                   .kind = OptionKind::column,
                   .summary = "Column of the table with the word to use.",
                   .default_text = "the first column"},
                  {.name = "aliases",
                   .kind = OptionKind::columns,
                   .summary = "Columns of the table with other words for it.",
                   .default_text = "all other columns"},
                  {.name = "match",
                   .kind = OptionKind::choice,
                   .summary = "What an alias is: the whole value, its beginning, or a regular "
                              "expression of all of it.",
                   .default_text = "exact",
                   .choices = {"exact", "prefix", "regex"}},
                  {.name = "unknown",
                   .kind = OptionKind::any,
                   .summary = "What a value does that the table lacks: reject, keep or null.",
                   .default_text = "reject"},
                  {.name = "reason",
                   .kind = OptionKind::text,
                   .summary = "Code of the rejects.",
                   .default_text = "unknown_<column>"}},
      .is_idempotent = true,
      .files =
          [](const Options& options) {
            return std::vector<FileUse>{
                {"tables/" + options.text("table") + ".csv", options.position("table")}};
          },
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Synonyms>(options);
      },
  });
}

}  // namespace tallymill
