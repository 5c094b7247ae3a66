#include "core/text.h"
#include "jobs/reference_lookup.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

class Enrich final : public Step {
 public:
  explicit Enrich(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto unmatched =
        if_missing(options_, "unmatched", "enrich", flow.context().diagnostics());
    const auto reference = reference_of(flow, options_);
    if (!reference) return;
    const bool is_sound = has_sound_takes(flow, *reference) && reference->is_sound && unmatched;
    if (!is_sound || !answers_once(flow, *reference, taken())) return;
    look_up(flow, *reference, *unmatched);
  }

 private:
  /// Columns of the reference, in the order of `take`.
  std::vector<std::string> taken() const {
    std::vector<std::string> names;
    const YamlNode node = options_.node("take");
    for (std::size_t i = 0; i < node.size(); ++i) names.emplace_back(node[i].text());
    return names;
  }

  bool has_sound_takes(CleanseFlow& flow, const Reference& reference) const {
    const YamlNode node = options_.node("take");
    bool is_sound = true;
    for (std::size_t i = 0; i < node.size(); ++i) {
      const std::string column(node.key(i).text());
      const SourcePosition where = node.key(i).position();
      is_sound = reference.has(std::string(node[i].text()), node[i].position(),
                               flow.context().diagnostics()) &&
                 is_sound;
      const bool fits = flow.schema().find(column) != nullptr
                            ? flow.text_column(column, where).has_value()
                            : flow.may_be_named(column, where);
      is_sound = fits && is_sound;
    }
    return is_sound;
  }

  void refuse_unmatched(CleanseFlow& flow, const Reference& reference,
                        const std::string& found) const {
    std::vector<std::string> shown;
    for (const Reference::Pair& pair : reference.key)
      shown.push_back("coalesce(" + shown_value_sql(*flow.schema().find(pair.column)) +
                      ", 'nothing')");
    flow.mark(
        {.reason = "CASE WHEN " + found + " IS NULL THEN " +
                   quote_literal(reason_code(options_, "unmatched_" + reference.key.front().column,
                                             flow.context().diagnostics())) +
                   " END",
         .message = quote_literal("table " + reference.name + " does not know ") +
                    " || concat_ws(', ', " + join(shown, ", ") + ")"});
  }

  void look_up(CleanseFlow& flow, const Reference& reference, IfMissing unmatched) const {
    const std::vector<std::string> takes = taken();
    const std::string found = keep_answers(flow, reference, takes);
    if (unmatched == IfMissing::reject) refuse_unmatched(flow, reference, found);
    const YamlNode node = options_.node("take");
    for (std::size_t i = 0; i < takes.size(); ++i) {
      const std::string name(node.key(i).text());
      const Column* old = flow.schema().find(name);
      const std::string otherwise =
          old != nullptr && unmatched != IfMissing::null ? quote_identifier(name) : "NULL";
      flow.set({.name = name,
                .type = Type::text(),
                .sensitive =
                    (old != nullptr && old->sensitive) || is_sensitive(flow, reference, takes[i])},
               "CASE WHEN " + found + " IS NOT NULL THEN struct_extract(" + found + ", 'v" +
                   std::to_string(i) + "') ELSE " + otherwise + " END");
    }
  }

  Options options_;
};

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> specs = reference_options(true);
  specs.push_back(
      {.name = "take",
       .kind = OptionKind::map,
       .summary = "Columns to set, each with the column of the table it gets its value from.",
       .required = true,
       .fields = {{.name = "column", .kind = OptionKind::column}}});
  specs.push_back(
      {.name = "unmatched",
       .kind = OptionKind::any,
       .summary = "What a row does that the table has no key for: reject, keep or null.",
       .default_text = "reject"});
  specs.push_back({.name = "reason",
                   .kind = OptionKind::text,
                   .summary = "Code of the rejects.",
                   .default_text = "unmatched_<first key column>"});
  return specs;
}

}  // namespace

void register_enrich(Registry<StepType>& steps) {
  steps.add({
      .name = "enrich",
      .summary = "Looks up columns by key in a table or a dataset.",
      .options = options(),
      .is_idempotent = true,
      .files = reference_files,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Enrich>(options);
      },
  });
}

}  // namespace tallymill
