#include "jobs/reconcile_options.h"

#include "jobs/compared_columns.h"
#include "jobs/completeness.h"
#include "jobs/dataset_input.h"
#include "jobs/open_breaks.h"
#include "jobs/reconcile_currency.h"
#include "jobs/scaled_amount.h"
#include "jobs/stage_planner.h"
#include "jobs/system_reconcile.h"

namespace tallymill {
namespace {

OptionSpec rule_option(const char* name, const char* summary) {
  return {.name = name,
          .kind = OptionKind::object,
          .summary = summary,
          .fields = {{.name = "rule",
                      .kind = OptionKind::name,
                      .summary = "rules/<name>.lua.",
                      .required = true},
                     {.name = "params",
                      .kind = OptionKind::map,
                      .summary = "Values of the rule's parameters; param(name) for the run's.",
                      .fields = {{.name = "parameter", .kind = OptionKind::text}}}}};
}

std::vector<OptionSpec> side_fields() {
  std::vector<OptionSpec> fields{
      {.name = "dataset", .kind = OptionKind::name, .summary = "The dataset of this side."},
      {.name = "datasets",
       .kind = OptionKind::list,
       .summary = "Several datasets that are this side together.",
       .fields = {{.name = "dataset", .kind = OptionKind::name}}},
      {.name = "key",
       .kind = OptionKind::columns,
       .summary = "Columns to compare by, in the order of the other side's; [] "
                  "compares grand totals.",
       .required = true,
       .may_be_empty = true},
      {.name = "amount",
       .kind = OptionKind::column,
       .summary = "Column to compare; not needed with aggregate: count."},
      side_currency_option(),
      {.name = "aggregate",
       .kind = OptionKind::choice,
       .summary = "Several rows a key: their sum, or how many they are. Without it "
                  "a repeated key is an error.",
       .choices = {"sum", "count"}},
      {.name = "where",
       .kind = OptionKind::expression,
       .summary = "Condition; only rows it is true for take part."}};
  for (OptionSpec& option : staged_side_options()) fields.push_back(std::move(option));
  for (OptionSpec& option : scale_options("this side's amounts"))
    fields.push_back(std::move(option));
  for (OptionSpec& option : period_options()) fields.push_back(std::move(option));
  return fields;
}

OptionSpec side_option(const char* name, const char* summary) {
  return {.name = name, .kind = OptionKind::object, .summary = summary, .fields = side_fields()};
}

}  // namespace

std::vector<OptionSpec> reconcile_options() {
  return {side_option("left", "One side; left and right, or systems."),
          side_option("right", "The other side."),
          systems_option(side_fields()),
          minor_units_option(),
          {.name = "tolerance",
           .kind = OptionKind::object,
           .summary = "How far amounts may differ; of two tolerances the stricter one counts.",
           .default_text = "none: to the last unit",
           .fields = tolerance_options()},
          {.name = "compare",
           .kind = OptionKind::list,
           .summary = "Columns that rows of one key are compared by, beside the amount.",
           .fields = {compared_column_option()}},
          stages_option(),
          {.name = "calendar",
           .kind = OptionKind::name,
           .summary = "calendars/<name>.yaml, for working days."},
          {.name = "duplicates",
           .kind = OptionKind::choice,
           .summary = "A key that comes several times on a side that is not added up: an error, or "
                      "rows that pair off as multisets.",
           .default_text = "fail",
           .choices = {"fail", "pair"}},
          {.name = "missing_key",
           .kind = OptionKind::choice,
           .summary = "A missing part of a key meets missing ones, or nothing (each row is a "
                      "break), or is an error.",
           .default_text = "match",
           .choices = {"match", "break", "fail"}},
          completeness_option(),
          rule_option("accept", "A match rule: which differing amounts of one key are no finding."),
          rule_option("classify",
                      "A break rule: the cause of each break, where it has one; otherwise "
                      "the built-in cause stays."),
          life_option(),
          {.name = "pending",
           .kind = OptionKind::columns,
           .summary = "Causes that are no finding yet: such breaks are pending."},
          {.name = "gates",
           .kind = OptionKind::name,
           .summary = "Dataset that is kept from its consumers while there are breaks."},
          {.name = "on_fail",
           .kind = OptionKind::choice,
           .summary = "What breaks do: only tell, keep consumers from the gated dataset, or fail "
                      "the job as well.",
           .default_text = "block with gates, else warn",
           .choices = {"warn", "block", "fail"}},
          {.name = "severity",
           .kind = OptionKind::choice,
           .summary = "Whether breaks are findings of severity error or warn.",
           .default_text = "error",
           .choices = {"error", "warn"}},
          {.name = "empty",
           .kind = OptionKind::choice,
           .summary = "What it is when both sides have no rows: a warning or an error.",
           .default_text = "warn",
           .choices = {"warn", "fail"}}};
}

}  // namespace tallymill
