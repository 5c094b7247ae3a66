#include "rules/rule_kind.h"

#include <array>

namespace tallymill {
namespace {

constexpr std::array<RuleKindShape, 9> kShapes = {
    {{RuleKind::check, "check", "check", "", "Says whether one row is as it should be.",
      "nothing if the row is well, else t.fail(code, message, row), t.warn(code, message, row) or "
      "t.not_applicable()."},
     {RuleKind::transform, "transform", "transform", "", "Gives values for columns of one row.",
      "a table of columns, or nothing; what is not given is null."},
     {RuleKind::classify, "classify", "classify", "labels", "Gives one row a label.",
      "the label, a text, or nothing."},
     {RuleKind::driver, "driver", "driver", "drivers",
      "Names the column by which one pool is allocated.", "the column's name, or nothing."},
     {RuleKind::threshold, "threshold", "band", "bands",
      "Names the band an indicator's value is in.",
      "t.band(name, message, row), a name, or nothing."},
     {RuleKind::score, "score", "score", "reasons",
      "Gives one row a number, and how much each reason adds to it.",
      "a table of points by reason, { late = 30 }, or nothing; {} is a score of 0."},
     {RuleKind::match, "match", "match", "labels",
      "Says which two amounts of one key mean the same although they differ.",
      "why, a text, or nothing: then they do not match."},
     {RuleKind::break_cause, "break", "cause", "causes",
      "Names the cause of a difference that a reconcile job found.",
      "the cause, a text, or nothing."},
     {RuleKind::group, "group", "check", "",
      "Says whether the rows of one key are as they should be together, seen in order.",
      "nothing if they are well, else t.fail(code, message, row) or t.warn(...) about one of the "
      "rows, or a list of them."}}};

}  // namespace

std::span<const RuleKindShape> rule_kinds() { return kShapes; }

std::vector<OptionSpec> rule_fields(const RuleKindShape& shape) {
  const OptionSpec type{.name = "type", .kind = OptionKind::text};
  std::vector<OptionSpec> fields{
      {.name = "name", .kind = OptionKind::name, .summary = "The file's stem.", .required = true},
      {.name = "doc", .kind = OptionKind::text, .summary = "The policy the rule implements."},
      {.name = "needs",
       .kind = OptionKind::map,
       .summary = "Columns it reads, with their types; \"text?\" takes a missing value, too.",
       .required = true,
       .fields = {type}},
      {.name = "params",
       .kind = OptionKind::map,
       .summary = "Defaults that a job may override: t.money \"0.50\", or t.param { type =, "
                  "default =, doc = }.",
       .fields = {{.name = "default", .kind = OptionKind::any}}},
      {.name = std::string(shape.function),
       .kind = OptionKind::any,
       .summary =
           std::string(shape.kind == RuleKind::group ? "function(rows, p)" : "function(row, p)") +
           ", which gives back " + std::string(shape.answer),
       .required = true}};
  if (shape.kind == RuleKind::transform)
    fields.push_back({.name = "returns",
                      .kind = OptionKind::map,
                      .summary = "Columns it gives, with their types.",
                      .required = true,
                      .fields = {type}});
  if (shape.kind == RuleKind::group) {
    fields.push_back({.name = "key",
                      .kind = OptionKind::list,
                      .summary = "Columns of needs: rows that agree in them are one group.",
                      .required = true,
                      .fields = {{.name = "column", .kind = OptionKind::text}}});
    fields.push_back({.name = "order",
                      .kind = OptionKind::list,
                      .summary = "Columns of needs that order a group; no two rows of it may tie.",
                      .required = true,
                      .fields = {{.name = "column", .kind = OptionKind::text}}});
  }
  if (shape.kind == RuleKind::score)
    fields.push_back({.name = "points",
                      .kind = OptionKind::text,
                      .summary = "The type of points: integer, money or decimal(p,s).",
                      .default_text = "integer"});
  if (shape.kind == RuleKind::classify)
    fields.push_back({.name = "many",
                      .kind = OptionKind::boolean,
                      .summary = "A row may have several labels: the function gives a list.",
                      .default_text = "false"});
  if (!shape.allowed.empty())
    fields.push_back({.name = std::string(shape.allowed),
                      .kind = OptionKind::list,
                      .summary = "What it may answer; anything else is a rule error.",
                      .fields = {{.name = "text", .kind = OptionKind::text}}});
  fields.push_back({.name = "tests",
                    .kind = OptionKind::list,
                    .summary = "{ given = { ... }, expect = ... }, and name, params, message if "
                               "wanted; 'tallymill rules test' runs them.",
                    .fields = {{.name = "test", .kind = OptionKind::any}}});
  return fields;
}

const RuleKindShape& shape_of(RuleKind kind) { return kShapes.at(static_cast<std::size_t>(kind)); }

const RuleKindShape* find_rule_kind(std::string_view name) {
  for (const RuleKindShape& shape : kShapes)
    if (shape.name == name) return &shape;
  return nullptr;
}

std::string_view to_string(RuleKind kind) { return shape_of(kind).name; }

}  // namespace tallymill
