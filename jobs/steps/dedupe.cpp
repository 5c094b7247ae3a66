#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

constexpr const char* kWhole = " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";

std::string shown_text(const Column& column) {
  if (column.sensitive) return quote_literal(kMaskedValue);
  return "CAST(" + quote_identifier(column.name) + " AS VARCHAR)";
}

/// Ranks the rows of each group and lets the first one stay. Rows that earlier steps marked rank
/// behind the others, so that the survivor is a good row wherever there is one; the order ends in
/// all columns and the provenance, so that it does not depend on how rows arrive.
class Dedupe final : public Step {
 public:
  explicit Dedupe(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    if (!has_sound_options(flow)) return;
    const auto keys = group_keys(flow);
    const auto order = survivor_order(flow);
    const auto survivors = survivor_rules(flow);
    const auto family = hierarchy(flow);
    if (!keys || !order || !survivors || !family) return;
    Groups groups{.keys = *keys,
                  .parts = *keys,
                  .is_marked = flow.is_marked(),
                  .order = *order + flow.total_order() + ", " + flow.reasons_so_far()};
    // Without a value there is nothing to be equal by; whole rows may be equal in what they lack.
    groups.comparable =
        is_exact() ? "true" : join(groups.keys, " IS NOT NULL AND ") + " IS NOT NULL";
    if (!family->differs.name.empty()) tell_apart(flow, *family, groups);
    const std::string rank = merge(flow, groups);
    choose_values(flow, groups, *survivors, rank);
    if (!family->differs.name.empty()) link(flow, *family, groups, rank);
    flow.store_rows();
  }

 private:
  /// SQL about groups of rows that stand for the same thing.
  struct Groups {
    std::vector<std::string> keys;
    std::vector<std::string> parts;  ///< rows equal in these are merged
    std::string is_marked;           ///< by earlier steps
    std::string order;
    std::string comparable = {};

    std::string window(const std::vector<std::string>& by, const std::string& first = "") const {
      return "OVER (PARTITION BY " + join(by, ", ") + " ORDER BY " + is_marked + ", " + first +
             order;
    }
  };
  struct Survivor {
    Column column;
    std::string order;  ///< terms that rank its values, in front of the order of rows
  };
  /// Rows of one group whose registered names differ; no names where there is no such option.
  struct Family {
    Column differs;
    Column id;
    std::string into;
  };

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

  std::optional<std::vector<std::string>> group_keys(CleanseFlow& flow) const {
    std::vector<std::string> keys;
    if (is_exact())
      for (const std::string& name : flow.schema().names()) keys.push_back(quote_identifier(name));
    for (const std::string& name : options_.columns("by")) {
      if (!flow.column(name, options_.position("by"))) return std::nullopt;
      keys.push_back(quote_identifier(name));
    }
    for (const auto& [side, function] :
         {std::pair("prefix", "left"), std::pair("suffix", "right")}) {
      const YamlNode node = options_.node(side);
      for (std::size_t i = 0; node && i < node.size(); ++i) {
        const std::string name(node.key(i).text());
        if (!flow.text_column(name, node.key(i).position())) return std::nullopt;
        const std::string quoted = quote_identifier(name);
        const std::string count(node[i].text());
        // A text that is shorter says less than was asked for, so it is equal to nothing.
        keys.push_back(flow.keep("CASE WHEN length(" + quoted + ") >= " + count + " THEN " +
                                 function + "(" + quoted + ", " + count + ") END"));
      }
    }
    return keys;
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
      order += quote_identifier(name) + (descending ? " DESC" : " ASC") + " NULLS LAST, ";
    }
    return order;
  }

  std::optional<std::vector<Survivor>> survivor_rules(CleanseFlow& flow) const {
    std::vector<Survivor> survivors;
    const YamlNode node = options_.node("survivors");
    for (std::size_t i = 0; node && i < node.size(); ++i) {
      const auto column = flow.column(std::string(node.key(i).text()), node.key(i).position());
      const auto order =
          column ? value_order(flow, *column, std::string(node[i].text()), node[i].position())
                 : std::nullopt;
      if (!order) return std::nullopt;
      survivors.push_back({*column, *order});
    }
    return survivors;
  }

  std::optional<std::string> value_order(CleanseFlow& flow, const Column& column,
                                         const std::string& rule,
                                         const SourcePosition& where) const {
    const std::string name = quote_identifier(column.name);
    if (rule == "first_non_null") return std::string();
    if (rule == "min") return name + " ASC NULLS LAST, ";
    if (rule == "max") return name + " DESC NULLS LAST, ";
    if (rule == "longest") {
      if (!flow.text_column(column.name, where)) return std::nullopt;
      return "length(" + name + ") DESC NULLS LAST, ";
    }
    const std::string needed = rule == "most_recent" ? "recency" : "sources";
    if (!options_.has(needed)) {
      flow.context().diagnostics().error(where, "'" + rule + "' needs '" + needed + "'",
                                         needed == "recency"
                                             ? "name the column that says how recent a row is"
                                             : "list the sources, the best first");
      return std::nullopt;
    }
    if (needed == "recency") {
      const auto recency = flow.column(options_.text(needed), options_.position(needed));
      if (!recency) return std::nullopt;
      return quote_identifier(recency->name) + " DESC NULLS LAST, ";
    }
    return source_order(flow);
  }

  std::optional<std::string> source_order(CleanseFlow& flow) const {
    const std::string source = options_.text("source", kSourceColumn);
    const bool is_known = flow.schema().has_provenance && source == kSourceColumn;
    if (!is_known && !flow.column(source, options_.position("source"))) return std::nullopt;
    std::string order = "CASE " + quote_identifier(source);
    std::size_t place = 0;
    for (const std::string& name : options_.texts("sources"))
      order += " WHEN " + quote_literal(name) + " THEN " + std::to_string(++place);
    return order + " ELSE " + std::to_string(place + 1) + " END, ";
  }

  std::optional<Family> hierarchy(CleanseFlow& flow) const {
    if (!options_.has("hierarchy")) return Family{};
    const Options options = options_.object("hierarchy");
    const auto differs = flow.column(options.text("differs"), options.position("differs"));
    const auto id = flow.column(options.text("id"), options.position("id"));
    if (!differs || !id) return std::nullopt;
    const std::string into = options.text("into");
    const SourcePosition where = options.position("into");
    if (const Column* old = flow.schema().find(into); old != nullptr && old->type != id->type) {
      flow.context().diagnostics().error(where, "column '" + into + "' is " + old->type.name() +
                                                    ", expected " + id->type.name() + ", as '" +
                                                    id->name + "' is");
      return std::nullopt;
    }
    if (flow.schema().find(into) == nullptr && !flow.may_be_named(into, where)) return std::nullopt;
    return Family{*differs, *id, into};
  }

  /// Rows of a group are merged only where the registered names are equal; one without goes with
  /// the group's first.
  static void tell_apart(CleanseFlow& flow, const Family& family, Groups& groups) {
    const std::string name = quote_identifier(family.differs.name);
    groups.parts.push_back(flow.keep("coalesce(" + name + ", first_value(" + name +
                                     " IGNORE NULLS) " + groups.window(groups.keys) + kWhole +
                                     "))"));
  }

  /// Marks all but the first row of each part; gives the row's rank.
  std::string merge(CleanseFlow& flow, const Groups& groups) const {
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
    return rank;
  }

  /// The survivor gets the best value of each column; the merged rows keep theirs, which is what a
  /// merge is undone from.
  static void choose_values(CleanseFlow& flow, const Groups& groups,
                            const std::vector<Survivor>& survivors, const std::string& rank) {
    std::vector<std::string> values;
    for (const Survivor& survivor : survivors)
      values.push_back(flow.keep("first_value(CASE WHEN NOT " + groups.is_marked + " THEN " +
                                 quote_identifier(survivor.column.name) + " END IGNORE NULLS) " +
                                 groups.window(groups.parts, survivor.order) + kWhole + ")"));
    for (std::size_t i = 0; i < survivors.size(); ++i) {
      const std::string name = quote_identifier(survivors[i].column.name);
      flow.set(survivors[i].column, "CASE WHEN " + groups.comparable + " AND " + rank +
                                        " = 1 THEN coalesce(" + values[i] + ", " + name +
                                        ") ELSE " + name + " END");
    }
  }

  static void link(CleanseFlow& flow, const Family& family, const Groups& groups,
                   const std::string& rank) {
    const std::string id = quote_identifier(family.id.name);
    const std::string names =
        flow.keep("CASE WHEN " + groups.comparable + " AND NOT " + groups.is_marked + " THEN " +
                  quote_identifier(family.differs.name) + " END");
    const std::string all = " OVER (PARTITION BY " + join(groups.keys, ", ") + ")";
    const std::string differs =
        flow.keep("coalesce(min(" + names + ")" + all + " <> max(" + names + ")" + all +
                  ", false) AND " + groups.comparable + " AND " + rank + " = 1");
    const std::string parent =
        flow.keep("first_value(" + id + ") " + groups.window(groups.keys) + kWhole + ")");
    Column column = family.id;
    column.name = family.into;
    column.required = false;
    flow.set(column,
             "CASE WHEN " + differs + " AND " + parent + " <> " + id + " THEN " + parent + " END");
    flow.note({.evidence = "review",
               .condition = differs,
               .fields = {{"id", shown_text(family.id)},
                          {"parent", family.id.sensitive ? quote_literal(kMaskedValue)
                                                         : "CAST(" + parent + " AS VARCHAR)"},
                          {"registered", shown_text(family.differs)}}});
  }

  Options options_;
};

std::vector<OptionSpec> options() {
  const OptionSpec characters{.name = "characters", .kind = OptionKind::integer};
  return {{.name = "exact",
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
           .choices = {"first", "last"}},
          {.name = "survivors",
           .kind = OptionKind::map,
           .summary = "Which value of a group the survivor gets, by column.",
           .fields = {{.name = "rule",
                       .kind = OptionKind::choice,
                       .choices = {"first_non_null", "most_recent", "longest", "source_priority",
                                   "min", "max"}}}},
          {.name = "recency",
           .kind = OptionKind::column,
           .summary = "What most_recent goes by: the greatest value is the most recent."},
          {.name = "sources",
           .kind = OptionKind::list,
           .summary = "What source_priority goes by: the best source first.",
           .fields = {{.name = "source", .kind = OptionKind::text}}},
          {.name = "source",
           .kind = OptionKind::column,
           .summary = "Column that names a row's source.",
           .default_text = "_source"},
          {.name = "hierarchy",
           .kind = OptionKind::object,
           .summary = "Rows of a group are linked, not merged, where a registered name differs.",
           .fields = {{.name = "differs",
                       .kind = OptionKind::column,
                       .summary = "The registered name.",
                       .required = true},
                      {.name = "id",
                       .kind = OptionKind::column,
                       .summary = "What a row is linked by.",
                       .required = true},
                      {.name = "into",
                       .kind = OptionKind::column,
                       .summary = "Column that gets the id of the group's first row.",
                       .required = true}}},
          {.name = "reason",
           .kind = OptionKind::text,
           .summary = "Code of the rows that are merged.",
           .default_text = "duplicate"}};
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
