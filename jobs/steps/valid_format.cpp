#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"
#include "rules/formats.h"

namespace tallymill {
namespace {

constexpr const char* kOtherwise = "reject";

/// The names as the `format` check knows them; reports one that is none.
bool are_formats(const Options& options, const std::vector<std::string>& names,
                 Diagnostics& diagnostics) {
  std::vector<std::string> known;
  for (const NamedFormat& format : named_formats()) known.push_back(format.name);
  bool is_sound = true;
  for (const std::string& name : names) {
    if (find_format(name) != nullptr) continue;
    const std::string meant = did_you_mean(name, known);
    diagnostics.error(options.position("format"), "there is no format '" + name + "'",
                      meant.empty() ? "the formats are " + join(known, ", ") : meant);
    is_sound = false;
  }
  return is_sound;
}

/// Asks texts for a format that has a name. A missing text has no format to be asked for.
class ValidFormat final : public Step {
 public:
  explicit ValidFormat(const Options& options)
      : options_(options), formats_(options.texts("format")) {}

  void apply(CleanseFlow& flow) override {
    Diagnostics& diagnostics = flow.context().diagnostics();
    const auto column = text_column(flow);
    const bool are_known = are_formats(options_, formats_, diagnostics);
    const std::string reason = reason_code(options_, "not_" + join(formats_, "_or_"), diagnostics);
    if (!column || !are_known) return;
    const std::string otherwise = options_.text("otherwise", kOtherwise);
    if (options_.has("reason") && otherwise != "reject") {
      diagnostics.error(options_.position("reason"),
                        "'reason' is for rows that are rejected; here they stay");
      return;
    }
    const std::string name = quote_identifier(column->name);
    std::vector<std::string> conditions;
    for (const std::string& format : formats_)
      conditions.push_back(
          "(" + format_condition(flow.context().engine(), *find_format(format), name) + ")");
    const std::string fails = "NOT (" + join(conditions, " OR ") + ")";
    if (otherwise == "reject") {
      flow.mark({.reason = "CASE WHEN " + fails + " THEN " + quote_literal(reason) + " END",
                 .message = quote_literal(column->name + " ") + " || " + shown_value_sql(*column) +
                            " || " + quote_literal(" is no " + join(formats_, " or "))});
      return;
    }
    flow.tally(column->name + " is no " + join(formats_, " or "), fails);
    if (otherwise == "blank") {
      Column blanked = *column;
      blanked.required = false;
      flow.set(blanked, "CASE WHEN " + fails + " THEN NULL ELSE " + name + " END");
    }
  }

 private:
  std::optional<Column> text_column(CleanseFlow& flow) const {
    const SourcePosition where = options_.position("column");
    auto column = flow.column(options_.text("column"), where);
    if (!column || column->type.kind == TypeKind::text ||
        column->type.kind == TypeKind::enumeration)
      return column;
    flow.context().diagnostics().error(
        where,
        "column '" + column->name + "' is " + column->type.name() + "; valid_format takes text",
        "a column of that type has its format already");
    return std::nullopt;
  }

  Options options_;
  std::vector<std::string> formats_;
};

}  // namespace

void register_valid_format(Registry<StepType>& steps) {
  steps.add({
      .name = "valid_format",
      .summary = "Asks the texts of a column for a format that has a name: email, cn_mobile.",
      .options = {{.name = "column",
                   .kind = OptionKind::column,
                   .summary = "Text column to look at.",
                   .required = true},
                  {.name = "format",
                   .kind = OptionKind::columns,
                   .summary = "Name of the format, or a list of which one must hold; the same "
                              "names as in the check 'format'.",
                   .required = true},
                  {.name = "otherwise",
                   .kind = OptionKind::choice,
                   .summary = "What happens to a text without it: its row is rejected, it is made "
                              "missing, or it stays and is counted.",
                   .default_text = kOtherwise,
                   .choices = {"reject", "blank", "keep"}},
                  {.name = "reason",
                   .kind = OptionKind::text,
                   .summary = "Code of the rejects.",
                   .default_text = "not_<format>"}},
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<ValidFormat>(options);
      },
  });
}

}  // namespace tallymill
