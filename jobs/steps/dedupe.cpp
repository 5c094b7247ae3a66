#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

/// Ranks the rows of each group and lets the first one stay. Rows that earlier steps marked rank
/// behind the others, so that the survivor is a good row wherever there is one; the order ends in
/// all columns and the provenance, so that it does not depend on how rows arrive.
class Dedupe final : public Step {
 public:
  explicit Dedupe(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const bool is_exact = options_.boolean("exact");
    if (!has_sound_options(flow, is_exact)) return;
    std::vector<std::string> group;
    if (is_exact) {
      for (const std::string& name : flow.schema().names()) group.push_back(quote_identifier(name));
    } else {
      for (const std::string& name : options_.columns("by")) {
        if (!flow.column(name, options_.position("by"))) return;
        group.push_back(quote_identifier(name));
      }
    }
    const auto order = survivor_order(flow);
    if (order) merge(flow, group, *order, is_exact);
  }

 private:
  bool has_sound_options(CleanseFlow& flow, bool is_exact) const {
    Diagnostics& diagnostics = flow.context().diagnostics();
    if (is_exact == options_.has("by")) {
      diagnostics.error(options_.node().position(),
                        "step 'dedupe' needs either 'exact: true' or 'by'");
      return false;
    }
    if (options_.has("by") && !options_.has("order")) {
      diagnostics.error(options_.position("by"), "dedupe by columns needs 'order'",
                        "say which row survives, for example order: [updated_at desc]");
      return false;
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
      order += quote_identifier(name) + (descending ? " DESC" : " ASC") + " NULLS LAST, ";
    }
    return order;
  }

  void merge(CleanseFlow& flow, const std::vector<std::string>& group, const std::string& order,
             bool is_exact) const {
    const std::string window = "OVER (PARTITION BY " + join(group, ", ") + " ORDER BY " +
                               flow.is_marked() + ", " + order + flow.total_order() + ", " +
                               flow.reasons_so_far() + ")";
    // Without a value there is nothing to be equal by; whole rows may be equal in what they lack.
    const std::string comparable =
        is_exact ? std::string("true") : join(group, " IS NOT NULL AND ") + " IS NOT NULL";
    const bool has_place = flow.schema().has_provenance;
    const std::string survivor =
        has_place ? "first_value(_source || ':' || _line) " + window : std::string("NULL");
    const std::string rank =
        flow.keep("{'rank': row_number() " + window + ", 'survivor': " + survivor + "}");
    const std::string reason = reason_code(options_, "duplicate", flow.context().diagnostics());
    const std::string what = is_exact ? "the same row as " : "another row has survived: ";
    flow.mark({.leaving = Leaving::merged,
               .reason = "CASE WHEN " + comparable + " AND struct_extract(" + rank +
                         ", 'rank') > 1 THEN " + quote_literal(reason) + " END",
               .message = has_place
                              ? quote_literal(what) + " || struct_extract(" + rank + ", 'survivor')"
                              : quote_literal(what + "one that stays")});
    flow.store_rows();
  }

  Options options_;
};

}  // namespace

void register_dedupe(Registry<StepType>& steps) {
  steps.add({
      .name = "dedupe",
      .summary = "Merges rows that stand for the same thing; one of them survives.",
      .options = {{.name = "exact",
                   .kind = OptionKind::boolean,
                   .summary = "Rows are the same if all columns are equal.",
                   .default_text = "false"},
                  {.name = "by",
                   .kind = OptionKind::columns,
                   .summary = "Rows are the same if these columns are; a missing value is not."},
                  {.name = "order",
                   .kind = OptionKind::list,
                   .summary = "Which row survives: columns, each with asc or desc.",
                   .fields = {{.name = "column", .kind = OptionKind::text}}},
                  {.name = "keep",
                   .kind = OptionKind::choice,
                   .summary = "The first or the last row in that order.",
                   .default_text = "first",
                   .choices = {"first", "last"}},
                  {.name = "reason",
                   .kind = OptionKind::text,
                   .summary = "Code of the rows that are merged.",
                   .default_text = "duplicate"}},
      .is_idempotent = true,
      .evidence = "merged",
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Dedupe>(options);
      },
  });
}

}  // namespace tallymill
