#include "core/text.h"
#include "jobs/step.h"

namespace tallymill {
namespace {

OptionSpec sql_option() {
  return {.name = "sql",
          .kind = OptionKind::expression,
          .summary = "Expression over the columns so far, also those derived before it.",
          .required = true};
}

class Derive final : public Step {
 public:
  explicit Derive(const Options& options) : columns_(options.node()) {}

  void apply(CleanseFlow& flow) override {
    for (std::size_t i = 0; i < columns_.size(); ++i) derive(flow, columns_.key(i), columns_[i]);
  }

 private:
  static void derive(CleanseFlow& flow, YamlNode key, YamlNode node) {
    const std::string name(key.text());
    const bool is_new = flow.schema().find(name) == nullptr;
    if (is_new && !flow.may_be_named(name, key.position())) return;
    const Column column = parse_column(name, node, flow.context().task().currency_scale,
                                       flow.context().diagnostics(), {sql_option()});
    const Options options(node);
    const auto sql = flow.bind(options.text("sql"), column.type, options.position("sql"));
    if (!sql) return;
    const CleanseFlow::Guarded guarded = flow.keep_guarded(*sql);
    flow.mark({.reason = "CASE WHEN " + guarded.failed + " THEN 'not_computable' END",
               .message = quote_literal(
                   name + " cannot be computed here (overflow, or a conversion that fails)")});
    flow.set(column, guarded.value);
  }

  YamlNode columns_;
};

}  // namespace

void register_derive(Registry<StepType>& steps) {
  steps.add({
      .name = "derive",
      .summary = "Makes or replaces columns by SQL expressions.",
      .options = column_options({sql_option()}),
      .keys_are_columns = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Derive>(options);
      },
  });
}

}  // namespace tallymill
