#include "core/text.h"
#include "jobs/row_groups.h"
#include "jobs/row_hierarchy.h"
#include "jobs/step.h"
#include "jobs/step_values.h"
#include "jobs/survivorship.h"

namespace tallymill {
namespace {

/// Ranks the rows of each group and lets the first one stay. Rows that earlier steps marked rank
/// behind the others, so that the survivor is a good row wherever there is one; the order ends in
/// all columns and the provenance, so that it does not depend on how rows arrive. Only rows that
/// are alike are ranked: a row that is like none stays, and keeps its values.
class Dedupe final : public Step {
 public:
  explicit Dedupe(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    if (!has_sound_options(flow)) return;
    const auto apart = kept_apart(flow);
    const auto keys = group_keys(flow);
    const auto order = survivor_order(flow);
    const auto rules = survivor_rules(flow, options_);
    std::optional<RowHierarchy> hierarchy;
    if (options_.has("hierarchy")) {
      hierarchy = row_hierarchy(flow, options_.object("hierarchy"));
      if (!hierarchy) return;
    }
    if (!apart || !keys || !order || !rules) return;
    std::vector<Column> alike = *keys;
    RowGroups groups{.keys = names_of(*keys),
                     .parts = names_of(*keys),
                     .is_marked = flow.is_marked(),
                     .order = *order,
                     .tie_breaker = ", " + flow.total_order() + ", " + flow.reasons_so_far()};
    // Without a value there is nothing to be equal by; whole rows may be equal in what they lack.
    groups.comparable =
        is_exact() ? "true" : join(groups.keys, " IS NOT NULL AND ") + " IS NOT NULL";
    if (!apart->empty()) {
      groups.comparable += " AND NOT " + *apart;
      groups.keys.push_back(*apart);
      groups.parts.push_back(*apart);
      alike.push_back({.name = *apart, .type = Type::boolean()});
    }
    flow.narrow_to_alike(alike, groups.comparable);
    // Who is first is mostly clear without a look at all columns.
    if (rules->empty() && !hierarchy && !order->empty())
      flow.try_without(groups.tie_breaker,
                       flow.keep("rank() " + groups.window(groups.parts) + ") <> row_number() " +
                                 groups.window(groups.parts) + ")"));
    if (hierarchy) tell_apart(flow, *hierarchy, groups);
    const std::string survives = merge(flow, groups);
    // All is kept before a column is written: groups and their order go by the rows as they came.
    const std::vector<std::string> values = keep_survivors(flow, groups, *rules);
    if (hierarchy) {
      const RowLinks links = keep_links(flow, *hierarchy, groups, survives);
      flow.widen();
      set_survivors(flow, *rules, values, survives);
      set_links(flow, *hierarchy, links);
    } else {
      flow.widen();
      set_survivors(flow, *rules, values, survives);
    }
  }

 private:
  bool is_exact() const { return options_.boolean("exact"); }

  bool has_sound_options(CleanseFlow& flow) const {
    Diagnostics& diagnostics = flow.context().diagnostics();
    const bool has_keys = options_.has("by") || options_.has("prefix") || options_.has("suffix");
    if (is_exact() == has_keys) {
      diagnostics.error(options_.node().position(),
                        "step 'dedupe' needs either 'exact: true' or 'by'",
                        has_keys || is_exact() ? "" : "or 'prefix' or 'suffix'");
      return false;
    }
    if (has_keys && !options_.has("order")) {
      diagnostics.error(options_.position(options_.has("by") ? "by" : "order"),
                        "dedupe by columns needs 'order'",
                        "say which row survives, for example order: [updated_at desc]");
      return false;
    }
    return true;
  }

  /// A hidden boolean, true for rows that are like nothing; an empty text where all may be alike.
  /// A row that cannot be asked has a reason to leave.
  std::optional<std::string> kept_apart(CleanseFlow& flow) const {
    if (!options_.has("unless")) return std::string();
    const std::string sql = options_.text("unless");
    const auto bound = flow.bind(sql, Type::boolean(), options_.position("unless"));
    if (!bound) return std::nullopt;
    const CleanseFlow::Guarded asked = flow.keep_guarded(*bound);
    flow.mark({.reason = "CASE WHEN " + asked.failed + " THEN 'not_computable' END",
               .message = quote_literal("the condition cannot be computed: " + sql)});
    return flow.keep("coalesce(" + asked.value + ", false)", Type::boolean());
  }

  static std::vector<std::string> names_of(const std::vector<Column>& columns) {
    std::vector<std::string> names;
    for (const Column& column : columns) names.push_back(quote_identifier(column.name));
    return names;
  }

  std::optional<std::vector<Column>> group_keys(CleanseFlow& flow) const {
    std::vector<Column> keys;
    if (is_exact()) keys = flow.schema().columns;
    for (const std::string& name : options_.columns("by")) {
      const auto column = flow.column(name, options_.position("by"));
      if (!column) return std::nullopt;
      keys.push_back(*column);
    }
    const bool is_sound =
        add_ends(flow, "prefix", "left", keys) && add_ends(flow, "suffix", "right", keys);
    return is_sound ? std::optional(std::move(keys)) : std::nullopt;
  }

  /// The first or last so many characters of the texts under option `side`.
  bool add_ends(CleanseFlow& flow, const char* side, const std::string& function,
                std::vector<Column>& keys) const {
    const YamlNode node = options_.node(side);
    for (std::size_t i = 0; node && i < node.size(); ++i) {
      const std::string name(node.key(i).text());
      if (!flow.text_column(name, node.key(i).position())) return false;
      const std::string count(node[i].text());
      if (count.find_first_of("123456789") == std::string::npos || count.starts_with('-')) {
        flow.context().diagnostics().error(
            node[i].position(),
            "'" + std::string(side) + "' compares at least 1 character, got " + count);
        return false;
      }
      const std::string quoted = quote_identifier(name);
      // A text that is shorter says less than was asked for, so it is equal to nothing.
      keys.push_back({.name = flow.keep("CASE WHEN length(" + quoted + ") >= " + count + " THEN " +
                                            function + "(" + quoted + ", " + count + ") END",
                                        Type::text()),
                      .type = Type::text()});
    }
    return true;
  }

  /// `[updated_at desc, version]` as ORDER BY terms; a missing value never wins.
  std::optional<std::string> survivor_order(CleanseFlow& flow) const {
    const bool last = options_.text("keep", "first") == "last";
    std::string order;
    for (const YamlNode& node : options_.list("order")) {
      const std::string term(trim(node.text()));
      const std::size_t blank = term.find(' ');
      const std::string name = term.substr(0, blank);
      const std::string word(blank == std::string::npos ? "asc" : trim(term.substr(blank)));
      if (word != "asc" && word != "desc") {
        flow.context().diagnostics().error(
            node.position(), "'" + term + "' is no order; expected '" + name + "', '" + name +
                                 " asc' or '" + name + " desc'");
        return std::nullopt;
      }
      if (!flow.column(name, node.position())) return std::nullopt;
      const bool descending = (word == "desc") != last;
      order += ", " + quote_identifier(name) + (descending ? " DESC" : " ASC") + " NULLS LAST";
    }
    return order;
  }

  /// Marks all but the first row of each part; gives the hidden boolean that is true for a first
  /// one of several.
  std::string merge(CleanseFlow& flow, const RowGroups& groups) const {
    const std::string window = groups.window(groups.parts) + ")";
    const bool has_place = flow.schema().has_provenance;
    const std::string place = has_place ? "_source || ':' || _line" : flow.all_values();
    const std::string ranked =
        flow.keep("{'rank': row_number() " + window + ", 'survivor': first_value(" + place + ") " +
                  window + "}");
    const std::string rank = "struct_extract(" + ranked + ", 'rank')";
    const std::string survivor = "struct_extract(" + ranked + ", 'survivor')";
    const std::string reason = reason_code(options_, "duplicate", flow.context().diagnostics());
    const std::string what = is_exact() ? "the same row as " : "another row has survived: ";
    flow.mark({.leaving = Leaving::merged,
               .reason = "CASE WHEN " + groups.comparable + " AND " + rank + " > 1 THEN " +
                         quote_literal(reason) + " END",
               .message = has_place ? quote_literal(what) + " || " + survivor
                                    : quote_literal(what + "one that stays"),
               .survivor = survivor});
    return flow.keep(groups.comparable + " AND " + rank + " = 1");
  }

  Options options_;
};

std::vector<OptionSpec> options() {
  const OptionSpec characters{.name = "characters", .kind = OptionKind::integer};
  std::vector<OptionSpec> specs{
      {.name = "exact",
       .kind = OptionKind::boolean,
       .summary = "Rows are the same if all columns are equal.",
       .default_text = "false"},
      {.name = "by",
       .kind = OptionKind::columns,
       .summary = "Rows are the same if these columns are; a missing value is not."},
      {.name = "prefix",
       .kind = OptionKind::map,
       .summary = "And if the first so many characters of these texts are.",
       .fields = {characters}},
      {.name = "suffix",
       .kind = OptionKind::map,
       .summary = "And if the last so many characters of these texts are.",
       .fields = {characters}},
      {.name = "order",
       .kind = OptionKind::list,
       .summary = "Which row survives: columns, each with asc or desc.",
       .fields = {{.name = "column", .kind = OptionKind::text}}},
      {.name = "keep",
       .kind = OptionKind::choice,
       .summary = "The first or the last row in that order.",
       .default_text = "first",
       .choices = {"first", "last"}}};
  for (OptionSpec& spec : survivorship_options()) specs.push_back(std::move(spec));
  specs.push_back(hierarchy_option());
  specs.push_back({.name = "unless",
                   .kind = OptionKind::expression,
                   .summary = "Condition: rows for which it is true are the same as no other."});
  specs.push_back({.name = "reason",
                   .kind = OptionKind::text,
                   .summary = "Code of the rows that are merged.",
                   .default_text = "duplicate"});
  return specs;
}

}  // namespace

void register_dedupe(Registry<StepType>& steps) {
  steps.add({
      .name = "dedupe",
      .summary = "Merges rows that stand for the same thing; one of them survives.",
      .options = options(),
      .is_idempotent = true,
      .evidence = "merged",
      .notes =
          [](const Options& options) {
            return options.has("hierarchy") ? std::vector<std::string>{"review"}
                                            : std::vector<std::string>{};
          },
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Dedupe>(options);
      },
  });
}

}  // namespace tallymill
