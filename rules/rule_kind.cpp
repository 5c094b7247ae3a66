#include "rules/rule_kind.h"

#include <array>

namespace tallymill {
namespace {

/// In order of RuleKind.
constexpr std::array<RuleKindShape, 5> kShapes = {
    {{RuleKind::check, "check", "check", ""},
     {RuleKind::transform, "transform", "transform", ""},
     {RuleKind::classify, "classify", "classify", "labels"},
     {RuleKind::driver, "driver", "driver", "drivers"},
     {RuleKind::threshold, "threshold", "band", "bands"}}};

}  // namespace

const RuleKindShape& shape_of(RuleKind kind) { return kShapes.at(static_cast<std::size_t>(kind)); }

const RuleKindShape* find_rule_kind(std::string_view name) {
  for (const RuleKindShape& shape : kShapes)
    if (shape.name == name) return &shape;
  return nullptr;
}

std::string_view to_string(RuleKind kind) { return shape_of(kind).name; }

}  // namespace tallymill
