#include "rules/rule_kind.h"

#include <array>

namespace tallymill {
namespace {

constexpr std::array<RuleKindShape, 5> kShapes = {
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
      "t.band(name, message, row), a name, or nothing."}}};

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
       .summary = "function(row, p), which gives back " + std::string(shape.answer),
       .required = true}};
  if (shape.kind == RuleKind::transform)
    fields.push_back({.name = "returns",
                      .kind = OptionKind::map,
                      .summary = "Columns it gives, with their types.",
                      .required = true,
                      .fields = {type}});
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
