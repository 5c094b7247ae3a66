#include <algorithm>
#include <set>

#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// "salary > other.salary": a comparison of a column of one row with one of another row.
struct Predicate {
  std::string mine;
  std::string op;
  std::string theirs;
};

constexpr const char* kOperators[] = {"<=", ">=", "<>", "<", ">", "="};
constexpr std::string_view kOther = "other.";

std::optional<Predicate> parse_predicate(const std::string& text) {
  for (const char* op : kOperators) {
    const std::size_t at = text.find(op);
    if (at == std::string::npos) continue;
    const std::string_view right = trim(std::string_view(text).substr(at + std::string(op).size()));
    const std::string mine(trim(std::string_view(text).substr(0, at)));
    if (!is_identifier(mine) || !right.starts_with(kOther)) return std::nullopt;
    const std::string theirs(right.substr(kOther.size()));
    if (!is_identifier(theirs)) return std::nullopt;
    return Predicate{mine, op, theirs};
  }
  return std::nullopt;
}

/// A pair of rows is wrong, not one of them: both fail. A row is no pair with itself; two rows that
/// agree in everything the constraint looks at are one if they satisfy it.
class Denial final : public Check {
 public:
  explicit Denial(const Options& options)
      : options_(options), same_(options.columns("same")), texts_(options.texts("pairs")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    if (!check_columns(context, same_, options_.position("same")) || !read_pairs(context))
      return plan;
    std::set<std::string> seen;
    for (const std::string& name : same_) seen.insert(name);
    for (const Predicate& predicate : predicates_) {
      seen.insert(predicate.mine);
      seen.insert(predicate.theirs);
    }
    const std::vector<std::string> columns(seen.begin(), seen.end());
    plan.columns = columns;
    plan.needs = columns;
    plan.fails = FailingKeys{columns, select(quoted(columns)), ""};
    plan.expected = "no other row";
    if (!same_.empty()) plan.expected += " of the same " + join(same_, ", ");
    plan.expected += " with " + join(texts_, " and ");
    return plan;
  }

 private:
  bool read_pairs(CheckContext& context) {
    const SourcePosition where = options_.position("pairs");
    for (const std::string& text : texts_) {
      const auto predicate = parse_predicate(text);
      if (!predicate) {
        context.diagnostics().error(where, "'" + text + "' does not compare two rows",
                                    "write: column > other.column");
        return false;
      }
      const Column* mine = context.column(predicate->mine, where);
      const Column* theirs = context.column(predicate->theirs, where);
      if (mine == nullptr || theirs == nullptr) return false;
      if (!are_comparable(mine->type, theirs->type)) {
        context.diagnostics().error(where, "column '" + mine->name + "' is " + mine->type.name() +
                                               " but '" + theirs->name + "' is " +
                                               theirs->type.name() + "; they cannot be compared");
        return false;
      }
      predicates_.push_back(*predicate);
    }
    return true;
  }

  /// SQL over rows `a` and `b`.
  std::string holds(const std::string& a, const std::string& b) const {
    std::vector<std::string> conditions;
    for (const std::string& cell : quoted(same_))
      conditions.push_back(a + "." + cell + " = " + b + "." + cell);
    for (const Predicate& predicate : predicates_)
      conditions.push_back(a + "." + quote_identifier(predicate.mine) + " " + predicate.op + " " +
                           b + "." + quote_identifier(predicate.theirs));
    return join(conditions, " and ");
  }

  std::function<std::string(const std::string&)> select(
      const std::vector<std::string>& cells) const {
    std::vector<std::string> differs;
    for (const std::string& cell : cells) differs.push_back("a." + cell + " <> b." + cell);
    const std::string two = " and (a.\"tm:n\" > 1 or " + join(differs, " or ") + ")";
    const std::string forth = holds("a", "b") + two;
    const std::string back = holds("b", "a") + two;
    return [cells, forth, back](const std::string& rows) {
      const std::string values = "(select " + join(cells, ", ") + ", count(*) as \"tm:n\" from " +
                                 rows + " group by " + join(cells, ", ") + ")";
      const auto half = [&](const std::string& condition) {
        return "select a.* from " + values + " a semi join " + values + " b on " + condition;
      };
      return "select " + as_keys(cells) + ", \"tm:n\" as n, true as fails from (" + half(forth) +
             " union " + half(back) + ")";
    };
  }

  Options options_;
  std::vector<std::string> same_;
  std::vector<std::string> texts_;
  std::vector<Predicate> predicates_;
};

}  // namespace

void register_denial(Registry<CheckType>& checks) {
  checks.add({
      .name = "denial",
      .summary = "No two rows stand in a forbidden relation: a denial constraint.",
      .options = {{"same", OptionKind::columns, "Columns that two rows must share to be compared."},
                  {"pairs", OptionKind::columns,
                   "What must not hold of two rows, all together: tariff < other.tariff.", true}},
      .make = [](const Options& options) { return std::make_unique<Denial>(options); },
  });
}

}  // namespace tallymill
