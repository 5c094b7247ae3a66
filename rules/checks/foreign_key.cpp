#include <set>

#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

/// A table's values are text, so they are compared with the column's canonical text: in an integer
/// column 7 matches "7", never "07".
class ForeignKey final : public Check {
 public:
  explicit ForeignKey(const Options& options)
      : options_(options),
        columns_(options.columns("column")),
        references_(options.columns("references")) {}

  std::vector<FileUse> files() const override {
    std::set<std::string> names;
    for (const std::string& reference : references_)
      if (const auto name = split_reference(reference)) names.insert(name->reference);
    std::vector<FileUse> files;
    for (const std::string& name : names)
      files.push_back({"tables/" + name + ".csv", options_.position("references")});
    return files;
  }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const SourcePosition where = options_.position("references");
    const auto names = reference_columns(context);
    if (names.empty()) return plan;
    const auto reference = context.reference(names.front().reference, where);
    if (!reference) return plan;
    MissingReference missing{{}, reference->relation, {}, {}};
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Column* column = context.column(columns_[i], options_.position("column"));
      const Column* referenced = context.column(*reference, names[i].column, where);
      if (column == nullptr || referenced == nullptr) return plan;
      if (!comparable(context, *reference, *column, *referenced)) return plan;
      const std::string value = quote_identifier(column->name);
      const std::string key = quote_identifier(referenced->name);
      const bool is_number = column->type.kind == TypeKind::integer;
      missing.values.push_back(reference->is_table && !is_number ? value + "::VARCHAR" : value);
      missing.references.push_back(reference->is_table && is_number ? whole_number(key) : key);
      if (columns_.size() == 1)
        missing.type = compared_type(*column, *referenced, reference->is_table);
    }
    plan.columns = columns_;
    plan.needs = columns_;
    plan.fails = std::move(missing);
    plan.expected = "a value of " + join(references_, ", ");
    return plan;
  }

 private:
  /// The number whose text a table's cell is, and null for any other text: numbers are looked up
  /// much faster than texts. Each step of the CASE only sees what passed the one before; only of 19
  /// digits it is open whether they fit.
  static std::string whole_number(const std::string& text) {
    return "case when regexp_full_match(" + text + ", '0|-?[1-9][0-9]{0,17}') then " + text +
           "::BIGINT when regexp_full_match(" + text + ", '-?[1-9][0-9]{18}') then case when " +
           text + "::HUGEINT between -9223372036854775808 and 9223372036854775807 then " + text +
           "::BIGINT end end";
  }

  /// Nothing where they are numbers of different scales.
  static std::optional<Type> compared_type(const Column& column, const Column& referenced,
                                           bool is_table) {
    if (is_table) return column.type.kind == TypeKind::integer ? column.type : Type::text();
    if (column.type.sql() != referenced.type.sql()) return std::nullopt;
    return column.type;
  }

  /// Empty after a report.
  std::vector<ReferenceName> reference_columns(CheckContext& context) const {
    const auto report = [&](std::string message) -> std::vector<ReferenceName> {
      context.diagnostics().error(options_.position("references"), std::move(message),
                                  "write references: org.org_code for column org_code of org");
      return {};
    };
    if (references_.size() != columns_.size())
      return report("'column' names " + std::to_string(columns_.size()) + " and 'references' " +
                    std::to_string(references_.size()) + " columns; they must pair up");
    std::vector<ReferenceName> names;
    for (const std::string& reference : references_) {
      const auto name = split_reference(reference);
      if (!name) return report("'" + reference + "' does not name a dataset or table and a column");
      names.push_back(*name);
      if (name->reference != names.front().reference)
        return report("'references' names two datasets, '" + names.front().reference + "' and '" +
                      name->reference + "'; a key lies in one");
    }
    return names;
  }

  bool comparable(CheckContext& context, const CheckContext::Reference& reference,
                  const Column& column, const Column& referenced) const {
    const bool both_decimal = column.type.is_decimal() && referenced.type.is_decimal();
    if (reference.is_table || both_decimal || column.type.sql() == referenced.type.sql())
      return true;
    context.diagnostics().error(options_.position("references"),
                                "column '" + column.name + "' is " + column.type.name() + " but '" +
                                    reference.name + "." + referenced.name + "' is " +
                                    referenced.type.name() + "; they cannot be compared",
                                "cast one of them where it is cleansed");
    return false;
  }

  Options options_;
  std::vector<std::string> columns_;
  std::vector<std::string> references_;
};

}  // namespace

void register_foreign_key(Registry<CheckType>& checks) {
  checks.add({
      .name = "foreign_key",
      .summary = "Every value of a column exists in a column of another dataset or table.",
      .options = {{"column", OptionKind::columns, "Column or columns to look up.", true},
                  {"references", OptionKind::columns,
                   "Where they must exist: dataset.column or table.column, one for each column.",
                   true}},
      .make = [](const Options& options) { return std::make_unique<ForeignKey>(options); },
  });
}

}  // namespace tallymill
