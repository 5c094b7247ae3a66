#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

/// "0.05" as it is; empty after reporting what is no share of the rows.
std::optional<std::string> quantile_of(CleanseFlow& flow, YamlNode node) {
  Int128 limit = 1'000'000;
  const auto parsed = parse_decimal(node.text(), 18, 6, true);
  if (parsed && parsed.value >= 0 && parsed.value <= limit) return std::string(node.text());
  flow.context().diagnostics().error(
      node.position(), "'" + std::string(node.text()) + "' is no quantile; expected 0 to 1");
  return std::nullopt;
}

class Clip final : public Step {
 public:
  explicit Clip(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto column = flow.column(options_.text("column"), options_.position("column"));
    if (!column) return;
    Diagnostics& diagnostics = flow.context().diagnostics();
    if (!column->type.is_decimal() && column->type.kind != TypeKind::integer) {
      diagnostics.error(
          options_.position("column"),
          "column '" + column->name + "' is " + column->type.name() + ", expected a number");
      return;
    }
    const bool has_bounds = options_.has("min") || options_.has("max");
    if (has_bounds == options_.has("quantiles")) {
      diagnostics.error(options_.node().position(),
                        "step 'clip' needs either 'min' or 'max' or both, or 'quantiles'");
      return;
    }
    const auto bounds = has_bounds ? given_bounds(flow, *column) : quantile_bounds(flow, *column);
    if (!bounds) return;
    const std::string name = quote_identifier(column->name);
    std::string sql = "CASE";
    if (!bounds->first.empty())
      sql += " WHEN " + name + " < " + bounds->first + " THEN " + bounds->first;
    if (!bounds->second.empty())
      sql += " WHEN " + name + " > " + bounds->second + " THEN " + bounds->second;
    flow.set(*column, sql + " ELSE " + name + " END");
  }

 private:
  using Bounds = std::pair<std::string, std::string>;  ///< SQL; empty: none

  std::optional<Bounds> given_bounds(CleanseFlow& flow, const Column& column) const {
    Bounds bounds;
    for (const auto& [key, bound] : {std::pair<std::string, std::string*>("min", &bounds.first),
                                     std::pair<std::string, std::string*>("max", &bounds.second)}) {
      if (!options_.has(key)) continue;
      const SourcePosition where = options_.position(key);
      const auto text = value_text(flow.context(), options_.text(key), where);
      const auto literal =
          text ? literal_sql(column.type, *text, where, flow.context().diagnostics())
               : std::nullopt;
      if (!literal) return std::nullopt;
      *bound = *literal;
    }
    return bounds;
  }

  /// Values of the column itself, never between two of them, so that they are exact and that
  /// clipping again finds the same.
  std::optional<Bounds> quantile_bounds(CleanseFlow& flow, const Column& column) const {
    const std::vector<YamlNode> nodes = options_.list("quantiles");
    if (nodes.size() != 2) {
      flow.context().diagnostics().error(options_.position("quantiles"),
                                         "'quantiles' needs two numbers, such as [0.01, 0.99]");
      return std::nullopt;
    }
    const auto low = quantile_of(flow, nodes[0]);
    const auto high = quantile_of(flow, nodes[1]);
    if (!low || !high) return std::nullopt;
    std::vector<std::string> by;
    for (const std::string& name : options_.columns("by")) {
      if (!flow.column(name, options_.position("by"))) return std::nullopt;
      by.push_back(quote_identifier(name));
    }
    const std::string window =
        by.empty() ? " OVER ()" : " OVER (PARTITION BY " + join(by, ", ") + ")";
    const std::string value =
        "CASE WHEN NOT " + flow.is_marked() + " THEN " + quote_identifier(column.name) + " END";
    const auto bound = [&](const std::string& quantile) {
      return flow.keep("quantile_disc(" + value + ", " + quantile + ")" + window);
    };
    flow.store_rows();
    const std::string first = bound(*low);
    return Bounds{first, bound(*high)};
  }

  Options options_;
};

}  // namespace

void register_clip(Registry<StepType>& steps) {
  steps.add({
      .name = "clip",
      .summary = "Brings numbers beyond bounds to the bounds.",
      .options = {{.name = "column",
                   .kind = OptionKind::column,
                   .summary = "Number column to clip.",
                   .required = true},
                  {.name = "min",
                   .kind = OptionKind::text,
                   .summary =
                       "The least value, of the type of the column; param(name) for a parameter."},
                  {.name = "max", .kind = OptionKind::text, .summary = "The greatest value."},
                  {.name = "quantiles",
                   .kind = OptionKind::list,
                   .summary =
                       "Two shares of the rows, such as [0.01, 0.99]: their values are the bounds.",
                   .fields = {{.name = "share", .kind = OptionKind::text}}},
                  {.name = "by",
                   .kind = OptionKind::columns,
                   .summary = "Groups that have quantiles of their own."}},
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Clip>(options);
      },
  });
}

}  // namespace tallymill
