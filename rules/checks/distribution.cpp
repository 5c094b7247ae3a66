#include <algorithm>
#include <cmath>

#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// Upper tail of the chi-square distribution by the regularised incomplete gamma function: its
/// series below, its continued fraction (Lentz) above a + 1.
double chi_square_tail(double statistic, double freedom) {
  const double a = freedom / 2;
  const double x = statistic / 2;
  if (x <= 0 || a <= 0) return 1;
  const double scale = std::exp(-x + a * std::log(x) - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (int i = 1; i < 1'000 && term > sum * 1e-16; ++i) sum += term *= x / (a + i);
    return 1 - sum * scale;
  }
  double b = x + 1 - a;
  double c = 1e300;
  double d = 1 / b;
  double fraction = d;
  for (int i = 1; i < 1'000; ++i) {
    const double numerator = -i * (i - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    fraction *= c * d;
    if (std::abs(c * d - 1) < 1e-16) break;
  }
  return scale * fraction;
}

/// Distances come from exact counts of declared bins, in the order of the bins and in one
/// expression, so neither threads nor row order change them. Bins are declared, not found: bins
/// that move with the data would hide what they measure.
class Distribution final : public Check {
 public:
  explicit Distribution(const Options& options)
      : options_(options),
        column_(options.text("column")),
        like_(options.text("like")),
        method_(options.text("method")) {}

  std::vector<FileUse> files() const override {
    const auto name = split_reference(like_);
    if (!name) return {};
    return {{"tables/" + name->reference + ".csv", options_.position("like")}};
  }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !is_sound(context, *column)) return plan;
    const auto limit = check_amount(context, options_, limit_option(),
                                    options_.text(limit_option(), default_limit()), 9, false);
    const auto name = split_reference(like_);
    if (!name) {
      context.diagnostics().error(options_.position("like"),
                                  "'" + like_ + "' does not name a dataset and a column",
                                  "write like: last_month.segment");
      return plan;
    }
    const auto reference = context.reference(name->reference, options_.position("like"));
    if (!reference || !limit) return plan;
    const Column* theirs = context.column(*reference, name->column, options_.position("like"));
    if (theirs == nullptr) return plan;
    if (reference->is_table || !are_comparable(column->type, theirs->type)) {
      context.diagnostics().error(options_.position("like"),
                                  "column '" + column_ + "' is " + column->type.name() + " but '" +
                                      like_ + "' is " + theirs->type.name() +
                                      "; they cannot be compared");
      return plan;
    }
    limit_ = *limit;
    const std::size_t errors_before = context.diagnostics().sorted().size();
    for (const std::string& bin : bins(context, *column, column_))
      plan.aggregates.push_back({"count_if", bin});
    if (context.diagnostics().sorted().size() > errors_before) return plan;
    for (const std::string& bin : bins(context, *column, name->column))
      plan.outside.push_back("select count_if(" + bin + ") from " + reference->relation);
    plan.columns = {column_};
    plan.needs = {column_};
    plan.expected =
        "a distribution like " + like_ + ": " + words() + " " + format_decimal(limit_, 9);
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    std::vector<std::int64_t> here;
    std::vector<std::int64_t> there;
    for (const auto& count : measures.aggregates) here.push_back(std::stoll(count.value_or("0")));
    for (const auto& count : measures.outside) there.push_back(std::stoll(count.value_or("0")));
    std::int64_t n = 0;
    std::int64_t m = 0;
    for (std::int64_t count : here) n += count;
    for (std::int64_t count : there) m += count;
    if (n == 0 || m == 0) return {CheckVerdict::not_applicable, "no row to compare", {}};
    if (method_ == "ks") return judge_ks(here, there, n, m);
    const double value = method_ == "psi" ? psi(here, there) : p_value(here, there, n, m);
    // What is printed is what is compared.
    const auto units = static_cast<Int128>(std::llround(std::min(value, 1e9) * 1e9));
    const bool holds = method_ == "psi" ? units <= limit_ : units >= limit_;
    return {holds ? CheckVerdict::pass : CheckVerdict::fail,
            (method_ == "psi" ? "psi " : "p ") + format_decimal(units, 9),
            {}};
  }

 private:
  const char* limit_option() const { return method_ == "chi_square" ? "min_p" : "max"; }
  std::string default_limit() const {
    if (method_ == "chi_square") return "0.05";
    return method_ == "psi" ? "0.2" : "0.1";
  }
  std::string words() const {
    if (method_ == "chi_square") return "chi-square p at least";
    return method_ == "psi" ? "psi at most" : "ks distance at most";
  }

  bool is_sound(CheckContext& context, const Column& column) const {
    const auto report = [&](const char* option, std::string message, std::string hint) {
      context.diagnostics().error(options_.position(option), std::move(message), std::move(hint));
      return false;
    };
    if (options_.has("values") == options_.has("edges"))
      return report("column", "check 'distribution' must have either 'values' or 'edges'",
                    "edges cut numbers and dates into bins");
    if (options_.has("edges") && !has_order(column.type))
      return report("edges",
                    "column '" + column_ + "' is " + column.type.name() + ", which has no order",
                    "use values");
    if (method_ == "ks" && !options_.has("edges"))
      return report("method", "ks compares numbers and dates by 'edges'",
                    "use psi or chi_square for values");
    const char* other = method_ == "chi_square" ? "max" : "min_p";
    if (options_.has(other))
      return report(other, "option '" + std::string(other) + "' is not for method " + method_, "");
    return true;
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
      conditions.push_back(cell + " not in (" + join(literals, ", ") + ")");
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
    return {holds ? CheckVerdict::pass : CheckVerdict::fail,
            "ks distance " + format_decimal(greatest * 1'000'000'000 / whole, 9),
            {}};
  }

  /// An empty bin counts as half a row: without that one new value would be infinitely far.
  static double psi(const std::vector<std::int64_t>& here, const std::vector<std::int64_t>& there) {
    double n = 0;
    double m = 0;
    const auto rows = [](std::int64_t count) {
      return count == 0 ? 0.5 : static_cast<double>(count);
    };
    for (std::size_t i = 0; i < here.size(); ++i) {
      if (here[i] == 0 && there[i] == 0) continue;
      n += rows(here[i]);
      m += rows(there[i]);
    }
    double sum = 0;
    for (std::size_t i = 0; i < here.size(); ++i) {
      if (here[i] == 0 && there[i] == 0) continue;
      const double p = rows(here[i]) / n;
      const double q = rows(there[i]) / m;
      sum += (p - q) * std::log(p / q);
    }
    return sum;
  }

  /// Of homogeneity: both are samples of one distribution.
  static double p_value(const std::vector<std::int64_t>& here,
                        const std::vector<std::int64_t>& there, std::int64_t n, std::int64_t m) {
    const auto all = static_cast<double>(n + m);
    double statistic = 0;
    int used = 0;
    for (std::size_t i = 0; i < here.size(); ++i) {
      const auto both = static_cast<double>(here[i] + there[i]);
      if (both <= 0) continue;
      ++used;
      const double expected_here = both * static_cast<double>(n) / all;
      const double expected_there = both * static_cast<double>(m) / all;
      const double off = static_cast<double>(here[i]) - expected_here;
      statistic += off * off / expected_here + off * off / expected_there;
    }
    return used < 2 ? 1 : chi_square_tail(statistic, used - 1);
  }

  Options options_;
  std::string column_;
  std::string like_;
  std::string method_;
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
                  {"method",
                   OptionKind::choice,
                   "How the distance is measured: population stability index, Kolmogorov-Smirnov, "
                   "or the chi-square test of homogeneity.",
                   true,
                   "",
                   {"psi", "ks", "chi_square"}},
                  list("values", "Values that are bins of their own; the rest is one more."),
                  list("edges", "Where bins begin, in ascending order."),
                  {"max", OptionKind::decimal, "Greatest distance allowed (psi, ks).", false,
                   "0.2 for psi, 0.1 for ks"},
                  {"min_p", OptionKind::ratio, "Least p-value allowed (chi_square).", false,
                   "0.05"}},
      .judges_rows = false,
      .make = [](const Options& options) { return std::make_unique<Distribution>(options); },
  });
}

}  // namespace tallymill
