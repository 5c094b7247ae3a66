#include "jobs/reconcile_currency.h"

#include <algorithm>

#include "core/text.h"
#include "jobs/match_planner.h"

namespace tallymill {
namespace {

struct NamedSide {
  std::string name;
  SideOptions side;
};

std::vector<NamedSide> sides_of(const Options& job) {
  std::vector<NamedSide> sides;
  if (job.has("systems")) {
    for (const YamlNode& node : job.list("systems"))
      sides.push_back({"system '" + Options(node).text("name") + "'", {Options(node)}});
    return sides;
  }
  for (const char* which : {"left", "right"})
    sides.push_back({"the " + std::string(which) + " side", {job.object(which)}});
  return sides;
}

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// Whether rows of one job meet only where this side's column `currency` is equal, or shown.
bool is_mentioned(const Options& job, const SideOptions& side) {
  const std::string name = kCurrencyColumn;
  if (is_among(side.options.columns("key"), name)) return true;
  // Rows that are counted have no amounts to mix.
  if (side.options.text("aggregate") == "count" || !side.options.has("amount")) return true;
  // A condition on it is taken for one that leaves a single currency.
  if (side.options.text("where").find(name) != std::string::npos) return true;
  if (job.has("compare"))
    for (const YamlNode& node : job.list("compare")) {
      const Options pair(node);
      if (pair.text("column") == name || pair.text("right") == name) return true;
    }
  if (!job.has("stages")) return false;
  return std::ranges::all_of(job.list("stages"), [&](const YamlNode& stage) {
    for (std::size_t i = 0; i < stage.size(); ++i)
      if (stage[i].is_mapping() && is_among(Options(stage[i]).columns("by"), name)) return true;
    return false;
  });
}

void plan_side(JobContext& context, const NamedSide& named) {
  const Options& side = named.side.options;
  const std::string name = side.text("currency");
  const SourcePosition where = side.position("currency");
  if (is_among(side.columns("key"), name))
    context.diagnostics().error(where, "'" + name + "' is a part of the key already",
                                "leave it out of the key");
  for (const std::string& dataset : named.side.datasets()) {
    const Schema& schema = context.schema(dataset);
    const Column* column = schema.find(name);
    if (column == nullptr)
      context.diagnostics().error(where, "dataset '" + dataset + "' has no column '" + name + "'",
                                  did_you_mean(name, schema.names()));
    else if (column->type.sql() != Type::text().sql())
      context.diagnostics().error(
          where, "column '" + name + "' is " + column->type.name() + "; a currency is text");
  }
}

}  // namespace

OptionSpec side_currency_option() {
  return {.name = "currency",
          .kind = OptionKind::column,
          .summary =
              "Column that names the amount's currency: amounts of two are neither added up "
              "nor compared."};
}

OptionSpec minor_units_option() {
  return {.name = "minor_units",
          .kind = OptionKind::map,
          .summary =
              "Fraction digits of the currencies there are; another one, or an amount with "
              "more digits, is an error.",
          .fields = {{.name = "currency", .kind = OptionKind::integer}}};
}

bool plan_currencies(JobContext& context, const Options& job) {
  const std::vector<NamedSide> sides = sides_of(job);
  const bool is_told = std::ranges::any_of(
      sides, [](const NamedSide& each) { return each.side.options.has("currency"); });
  if (!is_told && job.has("minor_units"))
    context.diagnostics().error(job.position("minor_units"),
                                "minor_units are of the currencies that the sides name",
                                "add 'currency: <column>' to them");
  for (const NamedSide& each : sides) {
    if (each.side.options.has("currency")) {
      plan_side(context, each);
    } else if (is_told) {
      context.diagnostics().error(each.side.options.node().position(),
                                  each.name + " has no 'currency', another one has",
                                  "each side names its own");
    } else if (!is_mentioned(job, each.side)) {
      for (const std::string& dataset : each.side.datasets())
        if (context.schema(dataset).find(kCurrencyColumn) != nullptr)
          context.diagnostics().error(each.side.where(),
                                      "dataset '" + dataset + "' has a column 'currency', and " +
                                          each.name + " would take all amounts for one currency",
                                      "say 'currency: currency', or keep one of them with 'where'");
    }
  }
  return is_told;
}

std::map<std::string, int> read_minor_units(JobContext& context, const Options& job, int scale) {
  std::map<std::string, int> units;
  const YamlNode digits = job.node("minor_units");
  for (std::size_t i = 0; digits && i < digits.size(); ++i) {
    const std::int64_t count = Options(digits).integer(digits.key(i).text());
    if (count < 0 || count > scale)
      context.diagnostics().error(digits[i].position(),
                                  "amounts have " + std::to_string(scale) +
                                      " fraction digits, so a currency has 0 to " +
                                      std::to_string(scale));
    else
      units[std::string(digits.key(i).text())] = static_cast<int>(count);
  }
  return units;
}

}  // namespace tallymill
