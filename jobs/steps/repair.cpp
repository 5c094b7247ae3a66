#include "core/money.h"
#include "core/text.h"
#include "jobs/parse_functions.h"
#include "jobs/reference_lookup.h"
#include "jobs/row_groups.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

constexpr int kScale = 6;
constexpr std::int64_t kOne = 1'000'000;
constexpr const char* kNothing = "CAST(NULL AS VARCHAR)";

std::string shown(const Column& column, const std::string& value) {
  if (!column.sensitive) return "CAST(" + value + " AS VARCHAR)";
  return "CASE WHEN " + value + " IS NOT NULL THEN " + quote_literal(kMaskedValue) + " END";
}

std::string field(const std::string& kept, const std::string& name) {
  return "struct_extract(" + kept + ", " + quote_literal(name) + ")";
}

/// Proposes another value for a cell, of the majority of its key or of a reference, and writes it
/// where that is asked for.
class Repair final : public Step {
 public:
  explicit Repair(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto column = flow.column(options_.text("column"), options_.position("column"));
    if (!has_sound_options(flow)) return;
    if (options_.has("table"))
      propose_by_reference(flow, column);
    else
      propose_by_majority(flow, column);
  }

 private:
  /// Another value for a cell, as SQL, and what speaks for it.
  struct Proposal {
    std::string value;
    std::string condition;  ///< beside: the cell differs, and the row has no reason to leave
    std::string support = kNothing;
    std::string of = kNothing;
    std::string reference = kNothing;
  };

  bool has_sound_options(CleanseFlow& flow) const {
    Diagnostics& diagnostics = flow.context().diagnostics();
    const bool has_table = options_.has("table");
    if (has_table == options_.has("key")) {
      diagnostics.error(options_.node().position(),
                        "step 'repair' needs either 'key', for the majority of the rows, or "
                        "'table', for a reference");
      return false;
    }
    if (has_table && !options_.has("on")) {
      diagnostics.error(options_.position("table"), "a repair from a table needs 'on'",
                        "say which columns of rows and table are its key");
      return false;
    }
    bool is_sound = true;
    const auto refuse = [&](const char* name, const char* other) {
      if (!options_.has(name)) return;
      diagnostics.error(options_.position(name), "'" + std::string(name) + "' goes with '" + other +
                                                     "'; this repair has none");
      is_sound = false;
    };
    for (const char* name : {"on", "take"})
      if (!has_table) refuse(name, "table");
    for (const char* name : {"confidence", "support"})
      if (has_table) refuse(name, "key");
    return is_sound;
  }

  /// In millionths. Above a half, so that no key has two majorities.
  std::optional<std::int64_t> share(CleanseFlow& flow) const {
    const std::string text = options_.text("confidence", "0.8");
    const Parsed<Int128> parsed = parse_decimal(text, 18, kScale, true);
    if (parsed && parsed.value > kOne / 2 && parsed.value <= kOne)
      return static_cast<std::int64_t>(parsed.value);
    flow.context().diagnostics().error(
        options_.position("confidence"),
        "'confidence' must be more than 0.5 and at most 1, got '" + text + "'");
    return std::nullopt;
  }

  void propose_by_majority(CleanseFlow& flow, const std::optional<Column>& column) const {
    const auto confidence = share(flow);
    const std::int64_t least = options_.integer("support", 2);
    std::vector<std::string> key;
    for (const std::string& name : options_.columns("key")) {
      if (!flow.column(name, options_.position("key"))) return;
      key.push_back(quote_identifier(name));
    }
    if (!column || !confidence) return;
    if (least < 1) {
      flow.context().diagnostics().error(options_.position("support"),
                                         "'support' must be at least 1 row");
      return;
    }
    const std::string keys = join(key, ", ");
    const std::string value = flow.keep("CASE WHEN NOT " + flow.is_marked() + " THEN " +
                                        quote_identifier(column->name) + " END");
    const std::string counts =
        flow.keep("{'same': count(" + value + ") OVER (PARTITION BY " + keys + ", " + value +
                  "), 'all': count(" + value + ") OVER (PARTITION BY " + keys + ")}");
    const std::string same = field(counts, "same");
    const std::string all = field(counts, "all");
    const std::string best = flow.keep("first_value({'value': " + value + ", 'support': " + same +
                                       "}) OVER (PARTITION BY " + keys + " ORDER BY " + same +
                                       " DESC, " + value + kWholePartition + ")");
    const std::string support = field(best, "support");
    propose(flow, *column,
            {.value = field(best, "value"),
             .condition = join(key, " IS NOT NULL AND ") + " IS NOT NULL AND " + support +
                          " >= " + std::to_string(least) + " AND " + support + " * " +
                          std::to_string(kOne) + " >= " + all + " * " + std::to_string(*confidence),
             .support = "CAST(" + support + " AS VARCHAR)",
             .of = "CAST(" + all + " AS VARCHAR)"});
    flow.store_rows();
  }

  void propose_by_reference(CleanseFlow& flow, std::optional<Column> column) const {
    const auto reference = reference_of(flow, options_);
    if (!reference || !reference->is_sound || !column) return;
    const std::string take = options_.text("take", column->name);
    const SourcePosition where = options_.position(options_.has("take") ? "take" : "column");
    if (!reference->has(take, where, flow.context().diagnostics()) ||
        !answers_once(flow, *reference, {take}) || !reads_as(flow, *reference, take, *column))
      return;
    column->sensitive = column->sensitive || is_sensitive(flow, *reference, take);
    const std::string found = keep_answers(flow, *reference, {take});
    const std::string value = flow.keep(value_of(flow, *column, field(found, "v0")));
    propose(flow, *column,
            {.value = value,
             .condition = value + " IS NOT NULL",
             .reference = quote_literal(reference->name)});
  }

  /// A text of the reference as a value of the column; one that is empty says nothing.
  static std::string value_of(CleanseFlow& flow, const Column& column, const std::string& text) {
    std::string given = "nullif(" + text + ", '')";
    if (column.type.kind == TypeKind::text) return given;
    return field(parse_sql(flow.context().engine(), column.type, "", given), "value");
  }

  /// False after reporting texts of the reference that are no values of the column.
  bool reads_as(CleanseFlow& flow, const Reference& reference, const std::string& take,
                const Column& column) const {
    if (column.type.kind == TypeKind::text) return true;
    const std::string text = "nullif(CAST(" + quote_identifier(take) + " AS VARCHAR), '')";
    const std::string problem =
        field(parse_sql(flow.context().engine(), column.type, "", text), "problem");
    const Rows bad = flow.context().engine().query("SELECT DISTINCT " + text + ", " + problem +
                                                   " FROM " + reference.relation + " WHERE " +
                                                   problem + " IS NOT NULL ORDER BY 1, 2 LIMIT 1");
    if (bad.cells.empty()) return true;
    const std::string given = is_sensitive(flow, reference, take) ? std::string(kMaskedValue)
                                                                  : "'" + bad.text(0, 0) + "'";
    flow.context().diagnostics().error(
        reference.where, "column '" + take + "' of table '" + reference.name + "' has " + given +
                             ", which is no " + column.type.name() + " (" + bad.text(0, 1) + ")");
    return false;
  }

  void propose(CleanseFlow& flow, const Column& column, const Proposal& proposal) const {
    const std::string name = quote_identifier(column.name);
    const std::string is_proposed =
        flow.keep(proposal.condition + " AND NOT " + flow.is_marked() + " AND " + name +
                  " IS DISTINCT FROM " + proposal.value);
    const std::string before = flow.keep(name);
    const bool is_applied = options_.text("mode", "propose") == "apply";
    flow.note({.evidence = "proposals",
               .condition = is_proposed,
               .fields = {{"column", quote_literal(column.name)},
                          {"before", shown(column, before)},
                          {"proposed", shown(column, proposal.value)},
                          {"support", proposal.support},
                          {"of", proposal.of},
                          {"reference", proposal.reference},
                          {"applied", quote_literal(is_applied ? "yes" : "no")}}});
    if (is_applied)
      flow.set(column,
               "CASE WHEN " + is_proposed + " THEN " + proposal.value + " ELSE " + name + " END");
  }

  Options options_;
};

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> specs{
      {.name = "column",
       .kind = OptionKind::column,
       .summary = "The column to repair.",
       .required = true},
      {.name = "key",
       .kind = OptionKind::columns,
       .summary = "Rows equal in these should have one value."},
      {.name = "confidence",
       .kind = OptionKind::ratio,
       .summary = "Share of the key's values that must agree, more than a half.",
       .default_text = "0.8"},
      {.name = "support",
       .kind = OptionKind::integer,
       .summary = "Rows that must agree.",
       .default_text = "2"}};
  for (OptionSpec& spec : reference_options(false)) specs.push_back(std::move(spec));
  specs.push_back({.name = "take",
                   .kind = OptionKind::column,
                   .summary = "Column of the table that has the value.",
                   .default_text = "called like the column"});
  specs.push_back({.name = "mode",
                   .kind = OptionKind::choice,
                   .summary = "Only tell what is proposed, or write it into the rows, too.",
                   .default_text = "propose",
                   .choices = {"propose", "apply"}});
  return specs;
}

}  // namespace

void register_repair(Registry<StepType>& steps) {
  steps.add({
      .name = "repair",
      .summary =
          "Proposes another value for cells: of the majority of their key, or of a reference.",
      .options = options(),
      .is_idempotent = true,
      .notes = [](const Options&) { return std::vector<std::string>{"proposals"}; },
      .files = reference_files,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Repair>(options);
      },
  });
}

}  // namespace tallymill
