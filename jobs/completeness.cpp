#include "jobs/completeness.h"

#include "books/examples.h"
#include "core/text.h"
#include "jobs/job_books.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

/// "branches.code" as table and column.
std::pair<std::string, std::string> expected_of(const Options& entry) {
  const std::string text = entry.text("expected");
  const std::size_t point = text.find('.');
  return {text.substr(0, point), point == std::string::npos ? "" : text.substr(point + 1)};
}

std::string values_of(JobContext& context, const Options& entry) {
  const auto [table, column] = expected_of(entry);
  return "SELECT DISTINCT CAST(" + quote_identifier(column) + " AS VARCHAR) AS value FROM " +
         context.table(table, nullptr);
}

class Entry {
 public:
  Entry(JobContext& context, const Options& entry, const std::map<std::string, SideAtHand>& sides)
      : context_(context), entry_(entry) {
    const auto found = sides.find(entry.text("side"));
    if (found != sides.end()) side_ = &found->second;
  }

  void plan(const std::map<std::string, SideAtHand>& sides) {
    if (side_ == nullptr) {
      std::vector<std::string> names;
      for (const auto& each : sides) names.push_back(each.first);
      report("side", "there is no side '" + entry_.text("side") + "'",
             "sides are " + join(names, ", "));
      return;
    }
    for (const char* option : {"rows", "amount"}) control_total(option);
    if (side_->has_currencies && entry_.has("amount"))
      report("amount", "amounts of several currencies have no sum",
             "ask for each with 'condition': sum(amount) filter (currency = 'EUR') = 12.00");
    if (entry_.has("condition")) plan_condition();
    if (entry_.has("expected")) plan_expected();
    if (!entry_.has("rows") && !entry_.has("amount") && !entry_.has("condition") &&
        !entry_.has("expected"))
      report("side", "nothing is asked of this side",
             "give rows, amount, condition, or column and expected");
  }

  void check(std::vector<std::string>& lacks) {
    if (side_ == nullptr) return;
    const std::string name = "side '" + entry_.text("side") + "' ";
    if (const auto wanted = control_total("rows")) {
      const std::int64_t rows = count_of(context_, side_->relation);
      if (rows != *wanted)
        lacks.push_back(name + "has " + std::to_string(rows) + " rows, the control total says " +
                        format_decimal(*wanted, 0));
    }
    if (const auto wanted = control_total("amount")) {
      const Int128 amount = sum_of(context_, side_->amount, side_->relation, side_->scale);
      if (amount != *wanted)
        lacks.push_back(name + "has " + format_decimal(amount, side_->scale) +
                        ", the control total says " + format_decimal(*wanted, side_->scale));
    }
    if (entry_.has("condition")) {
      const Rows holds = context_.engine().query("SELECT coalesce((" + condition() +
                                                 "\n), false) FROM " + side_->relation);
      if (holds.text(0, 0) != "true")
        lacks.push_back(name + "does not hold " + entry_.text("condition"));
    }
    if (entry_.has("expected")) check_expected(name, lacks);
  }

 private:
  void report(const char* option, const std::string& what, const std::string& hint = {}) {
    context_.diagnostics().error(entry_.position(option), what, hint);
  }

  std::optional<Int128> control_total(const char* option) {
    if (!entry_.has(option)) return std::nullopt;
    const int scale = std::string_view(option) == "rows" ? 0 : side_->scale;
    const auto text = value_text(context_, entry_.text(option), entry_.position(option));
    if (!text) return std::nullopt;
    const Parsed<Int128> value = parse_decimal(*text, 38, scale, true);
    if (value) return value.value;
    report(option,
           "'" + *text + "' is no number with up to " + std::to_string(scale) + " fraction digits");
    return std::nullopt;
  }

  std::string condition() {
    return context_.bind_parameters(entry_.text("condition"), entry_.position("condition"));
  }

  void plan_condition() {
    const Type boolean = Type::boolean();
    context_.expression_type(entry_.text("condition"), side_->relation, &boolean,
                             entry_.position("condition"));
  }

  void plan_expected() {
    const auto [table, column] = expected_of(entry_);
    std::vector<std::string> columns;
    context_.table(table, &columns);
    if (!table_has(table, columns, column, entry_.position("expected"), context_.diagnostics()))
      return;
    const Schema& schema = context_.schema(side_->dataset);
    if (schema.find(entry_.text("column")) == nullptr)
      report(entry_.has("column") ? "column" : "expected",
             entry_.has("column")
                 ? "dataset '" + side_->dataset + "' has no column '" + entry_.text("column") + "'"
                 : std::string("'expected' needs the column that has the values"),
             did_you_mean(entry_.text("column"), schema.names()));
  }

  void check_expected(const std::string& name, std::vector<std::string>& lacks) {
    const std::string column = quote_identifier(entry_.text("column"));
    const std::string missing = "(SELECT value AS " + column + " FROM (" +
                                values_of(context_, entry_) + ") WHERE value NOT IN (SELECT CAST(" +
                                column + " AS VARCHAR) FROM " + side_->relation + " WHERE " +
                                column + " IS NOT NULL))";
    const books::Examples found =
        books::find_examples(context_.engine(), missing,
                             {{.name = entry_.text("column"), .type = Type::text()}}, "true");
    if (found.count > 0) lacks.push_back(name + "has nothing of " + found.summary());
  }

  JobContext& context_;
  const Options& entry_;
  const SideAtHand* side_ = nullptr;
};

}  // namespace

OptionSpec completeness_option() {
  return {
      .name = "complete_when",
      .kind = OptionKind::list,
      .summary =
          "What must hold before anything counts as compared; otherwise the verdict is "
          "incomplete, an error.",
      .fields = {{.name = "demand",
                  .kind = OptionKind::object,
                  .fields = {{.name = "side",
                              .kind = OptionKind::name,
                              .summary = "left, right, or a system's name.",
                              .required = true},
                             {.name = "rows",
                              .kind = OptionKind::text,
                              .summary = "Declared number of rows, or param(name)."},
                             {.name = "amount",
                              .kind = OptionKind::text,
                              .summary = "Declared sum of the amount, or param(name)."},
                             {.name = "condition",
                              .kind = OptionKind::expression,
                              .summary = "Aggregate condition over the side's rows."},
                             {.name = "column",
                              .kind = OptionKind::column,
                              .summary = "Column that has every expected value at least once."},
                             {.name = "expected",
                              .kind = OptionKind::name,
                              .summary = "<table>.<column> of tables/<table>.csv, the values."}}}}};
}

std::vector<FileUse> completeness_files(const Options& job) {
  std::vector<FileUse> files;
  if (!job.has("complete_when")) return files;
  for (const YamlNode& node : job.list("complete_when")) {
    const Options entry(node);
    if (entry.has("expected"))
      files.push_back({"tables/" + expected_of(entry).first + ".csv", entry.position("expected")});
  }
  return files;
}

void plan_completeness(JobContext& context, const Options& job,
                       const std::map<std::string, SideAtHand>& sides) {
  if (!job.has("complete_when")) return;
  for (const YamlNode& node : job.list("complete_when")) {
    const Options entry(node);
    Entry(context, entry, sides).plan(sides);
  }
}

std::vector<std::string> find_incomplete(JobContext& context, const Options& job,
                                         const std::map<std::string, SideAtHand>& sides) {
  std::vector<std::string> lacks;
  if (!job.has("complete_when")) return lacks;
  for (const YamlNode& node : job.list("complete_when")) {
    const Options entry(node);
    Entry(context, entry, sides).check(lacks);
  }
  return lacks;
}

}  // namespace tallymill
