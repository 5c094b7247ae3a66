#include <algorithm>
#include <array>
#include <cmath>

#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/distances.h"
#include "rules/statistic.h"

namespace tallymill {
namespace {

constexpr int kLimitScale = 9;

/// What a method measures, and what it takes.
struct Method {
  std::string_view name;
  std::string_view noun;                                           ///< "psi"
  std::string_view expected;                                       ///< "psi at most"
  std::string_view limit;                                          ///< by default
  double (*of_counts)(BinCounts here, BinCounts there) = nullptr;  ///< null: of whole numbers
};
constexpr std::array kMethods{
    Method{"psi", "psi", "psi at most", "0.2", psi},
    Method{"ks", "ks distance", "ks distance at most", "0.1"},
    Method{"chi_square", "p", "chi-square p at least", "0.05", homogeneity_p},
    Method{"kl", "kl divergence", "kl divergence at most", "0.1", kl_divergence},
    Method{"js", "js divergence", "js divergence at most", "0.05", js_divergence},
    Method{"wasserstein", "wasserstein distance", "wasserstein distance at most", ""},
};

const Method& method_of(const std::string& name) {
  return *std::find_if(kMethods.begin(), kMethods.end(),
                       [&](const Method& method) { return method.name == name; });
}
std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (const Method& method : kMethods) names.emplace_back(method.name);
  return names;
}

/// Distances come from exact counts of declared bins, in the order of the bins, so neither threads
/// nor row order change them: of money too, for only rows are counted, never amounts. Bins are
/// declared, not found: bins that move with the data would hide what they measure. wasserstein,
/// which is an amount, needs no bins and never leaves whole numbers.
class Distribution final : public Check {
 public:
  explicit Distribution(const Options& options)
      : options_(options),
        column_(options.text("column")),
        like_(options.text("like")),
        method_(method_of(options.text("method"))) {}

  std::vector<FileUse> files() const override {
    const auto name = split_reference(like_);
    if (!name) return {};
    return {{"tables/" + name->reference + ".csv", options_.position("like")}};
  }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !is_sound(context, *column)) return plan;
    const auto name = split_reference(like_);
    if (!name) {
      context.diagnostics().error(options_.position("like"),
                                  "'" + like_ + "' does not name a dataset and a column",
                                  "write like: last_month.segment");
      return plan;
    }
    const auto reference = context.reference(name->reference, options_.position("like"));
    if (!reference) return plan;
    const Column* theirs = context.column(*reference, name->column, options_.position("like"));
    if (theirs == nullptr) return plan;
    if (reference->is_table || !are_comparable(column->type, theirs->type)) {
      context.diagnostics().error(options_.position("like"),
                                  "column '" + column_ + "' is " + column->type.name() + " but '" +
                                      like_ + "' is " + theirs->type.name() +
                                      "; they cannot be compared");
      return plan;
    }
    scale_ = is_amount() ? std::max(column->type.scale, theirs->type.scale) : kLimitScale;
    const auto limit =
        check_amount(context, options_, limit_option(),
                     options_.text(limit_option(), std::string(method_.limit)), scale_, false);
    if (!limit) return plan;
    limit_ = *limit;
    plan.columns = {column_};
    plan.needs = {column_};
    plan.expected = "a distribution like " + like_ + ": " + std::string(method_.expected) + " " +
                    format_decimal(limit_, scale_);
    if (is_amount()) {
      plan.pass =
          areas(as_units(context.engine(), column_, column->type, scale_), reference->relation,
                as_units(context.engine(), name->column, theirs->type, scale_));
      return plan;
    }
    const std::size_t errors_before = context.diagnostics().sorted().size();
    for (const std::string& bin : bins(context, *column, column_))
      plan.aggregates.push_back({"count_if", bin});
    if (context.diagnostics().sorted().size() > errors_before) return plan;
    for (const std::string& bin : bins(context, *column, name->column))
      plan.outside.push_back("select count_if(" + bin + ") from " + reference->relation);
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    if (is_amount()) return judge_areas(measures);
    std::vector<std::int64_t> here;
    std::vector<std::int64_t> there;
    for (const auto& count : measures.aggregates) here.push_back(std::stoll(count.value_or("0")));
    for (const auto& count : measures.outside) there.push_back(std::stoll(count.value_or("0")));
    std::int64_t n = 0;
    std::int64_t m = 0;
    for (std::int64_t count : here) n += count;
    for (std::int64_t count : there) m += count;
    if (n == 0 || m == 0) return {CheckVerdict::not_applicable, "no row to compare", {}};
    if (method_.of_counts == nullptr) return judge_ks(here, there, n, m);
    // What is printed is what is compared.
    const double value = std::min(method_.of_counts(here, there), 1e9);
    const auto units = static_cast<Int128>(std::llround(std::max(value, 0.0) * 1e9));
    return judged(units, is_test() ? units >= limit_ : units <= limit_);
  }

 private:
  bool is_test() const { return method_.name == "chi_square"; }
  bool is_amount() const { return method_.name == "wasserstein"; }
  const char* limit_option() const { return is_test() ? "min_p" : "max"; }

  CheckJudgement judged(Int128 units, bool holds) const {
    return {holds ? CheckVerdict::pass : CheckVerdict::fail,
            std::string(method_.noun) + " " + format_decimal(units, scale_),
            {}};
  }

  bool is_sound(CheckContext& context, const Column& column) const {
    const auto report = [&](const char* option, std::string message, std::string hint) {
      context.diagnostics().error(options_.position(option), std::move(message), std::move(hint));
      return false;
    };
    if (is_amount()) return takes_no_bins(context, column);
    if (options_.has("values") == options_.has("edges"))
      return report("column", "check 'distribution' must have either 'values' or 'edges'",
                    "edges cut numbers and dates into bins");
    if (options_.has("edges") && !has_order(column.type))
      return report("edges",
                    "column '" + column_ + "' is " + column.type.name() + ", which has no order",
                    "use values");
    if (method_.name == "ks" && !options_.has("edges"))
      return report("method", "ks compares numbers and dates by 'edges'",
                    "use psi or chi_square for values");
    const char* other = is_test() ? "max" : "min_p";
    if (options_.has(other))
      return report(
          other,
          "option '" + std::string(other) + "' is not for method " + std::string(method_.name), "");
    return true;
  }

  bool takes_no_bins(CheckContext& context, const Column& column) const {
    const auto report = [&](const char* option, const std::string& message, const char* hint) {
      context.diagnostics().error(options_.position(option), message, hint);
      return false;
    };
    if (!is_number(column.type))
      return report(
          "column",
          "column '" + column_ + "' is " + column.type.name() + "; wasserstein measures numbers",
          "ks takes dates by 'edges'");
    for (const char* option : {"values", "edges", "min_p"})
      if (options_.has(option))
        return report(option, "option '" + std::string(option) + "' is not for method wasserstein",
                      "it compares all values, without bins");
    if (!options_.has("max"))
      return report("method", "method wasserstein needs 'max', in units of the column",
                    "max: 1.50");
    return true;
  }

  /// SELECT of the rows of both sides and the area between their cumulative counts, each times the
  /// other's rows: whole numbers, by which the distance is area / (here * there).
  static std::function<std::string(const std::string&)> areas(const std::string& mine,
                                                              const std::string& other,
                                                              const std::string& theirs) {
    return [=](const std::string& rows) {
      const std::string both =
          "(select u, sum(h)::HUGEINT as h, sum(t)::HUGEINT as t from (select " + mine +
          " as u, 1 as h, 0 as t from " + rows + " union all select " + theirs + ", 0, 1 from " +
          other + ") where u is not null group by u)";
      return "select max(n), max(m), sum(abs(f * m - g * n) * width) from (select lead(u) over "
             "(order by u) - u as width, sum(h) over (order by u)::HUGEINT as f, sum(t) over "
             "(order by u)::HUGEINT as g, sum(h) over ()::HUGEINT as n, sum(t) over ()::HUGEINT as "
             "m from " +
             both + ")";
    };
  }

  CheckJudgement judge_areas(const CheckMeasures& measures) const {
    const auto number = [&](std::size_t at) {
      return parse_decimal(measures.aggregates.at(at).value_or("0"), 38, 0).value;
    };
    const Int128 rows = number(0) * number(1);
    if (rows == 0) return {CheckVerdict::not_applicable, "no row to compare", {}};
    const Int128 area = number(2);
    // Cut off behind the last digit for people; compared whole.
    const Int128 units = area / rows;
    return judged(units, units < limit_ || (units == limit_ && area % rows == 0));
  }

  /// SQL conditions of the bins over the column `name`; the last is of what is in no other.
  std::vector<std::string> bins(CheckContext& context, const Column& column,
                                const std::string& name) const {
    const std::string cell = quote_identifier(name);
    const std::string option = options_.has("values") ? "values" : "edges";
    std::vector<std::string> literals;
    for (const YamlNode& node : options_.list(option))
      if (const auto value = check_value(context, node, column, "an element of '" + option + "'"))
        literals.push_back(value->sql);
    std::vector<std::string> conditions;
    if (option == "values") {
      for (const std::string& literal : literals) conditions.push_back(cell + " = " + literal);
      conditions.push_back("not " + is_one_of(cell, literals));
      return conditions;
    }
    for (std::size_t i = 1; i < literals.size(); ++i) {
      if (context.engine().query("select " + literals[i - 1] + " < " + literals[i]).text(0, 0) ==
          "true")
        continue;
      context.diagnostics().error(options_.list(option)[i].position(),
                                  "'edges' must ascend: this one is not greater than the last");
      break;
    }
    std::string above;
    for (const std::string& literal : literals) {
      conditions.push_back(above + cell + " < " + literal);
      above = cell + " >= " + literal + " and ";
    }
    conditions.push_back(above + "true");
    return conditions;
  }

  /// The greatest distance of the shares below an edge, as whole numbers.
  CheckJudgement judge_ks(const std::vector<std::int64_t>& here,
                          const std::vector<std::int64_t>& there, std::int64_t n,
                          std::int64_t m) const {
    Int128 below_here = 0;
    Int128 below_there = 0;
    Int128 greatest = 0;
    for (std::size_t i = 0; i < here.size(); ++i) {
      below_here += here[i];
      below_there += there[i];
      const Int128 off = below_here * m - below_there * n;
      greatest = std::max(greatest, off < 0 ? -off : off);
    }
    const Int128 whole = Int128{n} * m;
    const bool holds = greatest * 1'000'000'000 <= limit_ * whole;
    return judged(greatest * 1'000'000'000 / whole, holds);
  }

  Options options_;
  std::string column_;
  std::string like_;
  const Method& method_;
  int scale_ = kLimitScale;
  Int128 limit_ = 0;
};

}  // namespace

void register_distribution(Registry<CheckType>& checks) {
  const auto list = [](const char* name, const char* summary) {
    return OptionSpec{name, OptionKind::list, summary, false, "", {}, {{"", OptionKind::text}}};
  };
  checks.add({
      .name = "distribution",
      .summary = "The values of a column are distributed like those of another dataset.",
      .options = {{"column", OptionKind::column, "Column to look at.", true},
                  {"like", OptionKind::text, "What to compare with: dataset.column.", true},
                  {"method", OptionKind::choice,
                   "How the distance is measured: population stability index, Kolmogorov-Smirnov, "
                   "chi-square test of homogeneity, Kullback-Leibler or Jensen-Shannon divergence, "
                   "or how far values would have to be moved (Wasserstein).",
                   true, "", method_names()},
                  list("values", "Values that are bins of their own; the rest is one more."),
                  list("edges", "Where bins begin, in ascending order."),
                  {"max", OptionKind::decimal,
                   "Greatest distance allowed (all but chi_square); of wasserstein in units of the "
                   "column.",
                   false, "0.2 for psi, 0.1 for ks and kl, 0.05 for js"},
                  {"min_p", OptionKind::ratio, "Least p-value allowed (chi_square).", false,
                   "0.05"}},
      .judges_rows = false,
      .make = [](const Options& options) { return std::make_unique<Distribution>(options); },
  });
}

}  // namespace tallymill
