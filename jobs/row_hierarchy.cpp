#include "jobs/row_hierarchy.h"

#include "core/text.h"

namespace tallymill {
namespace {

std::string shown(const Column& column, const std::string& value) {
  if (column.sensitive) return quote_literal(kMaskedValue);
  return "CAST(" + value + " AS VARCHAR)";
}

/// Whether `into` is free, or holds links already.
bool can_hold_links(CleanseFlow& flow, const RowHierarchy& hierarchy, const SourcePosition& where) {
  Diagnostics& diagnostics = flow.context().diagnostics();
  const std::string& into = hierarchy.into;
  if (into == hierarchy.id.name || into == hierarchy.differs.name) {
    diagnostics.error(where, "'hierarchy' cannot write into '" + into + "', a column it reads",
                      "name a column of its own, such as parent_id");
    return false;
  }
  const Column* old = flow.schema().find(into);
  if (old == nullptr) return flow.may_be_named(into, where);
  if (old->type == hierarchy.id.type) return true;
  diagnostics.error(where, "column '" + into + "' is " + old->type.name() + ", expected " +
                               hierarchy.id.type.name() + ", as '" + hierarchy.id.name + "' is");
  return false;
}

}  // namespace

std::optional<RowHierarchy> row_hierarchy(CleanseFlow& flow, const Options& options) {
  const auto differs = flow.column(options.text("differs"), options.position("differs"));
  const auto id = flow.column(options.text("id"), options.position("id"));
  if (!differs || !id) return std::nullopt;
  RowHierarchy hierarchy{*differs, *id, options.text("into")};
  if (!can_hold_links(flow, hierarchy, options.position("into"))) return std::nullopt;
  return hierarchy;
}

void tell_apart(CleanseFlow& flow, const RowHierarchy& hierarchy, RowGroups& groups) {
  const std::string name = quote_identifier(hierarchy.differs.name);
  groups.parts.push_back(flow.keep("coalesce(" + name + ", first_value(" + name +
                                   " IGNORE NULLS) " + groups.window(groups.keys) +
                                   kWholePartition + "))"));
}

RowLinks keep_links(CleanseFlow& flow, const RowHierarchy& hierarchy, const RowGroups& groups,
                    const std::string& survives) {
  const std::string all = " OVER (PARTITION BY " + join(groups.keys, ", ") + ")";
  const std::string names =
      flow.keep("CASE WHEN " + groups.comparable + " AND NOT " + groups.is_marked + " THEN " +
                quote_identifier(hierarchy.differs.name) + " END");
  RowLinks links;
  links.differs = flow.keep("coalesce(min(" + names + ")" + all + " <> max(" + names + ")" + all +
                            ", false) AND " + survives);
  links.parent = flow.keep("first_value(" + quote_identifier(hierarchy.id.name) + ") " +
                           groups.window(groups.keys) + kWholePartition + ")");
  return links;
}

void set_links(CleanseFlow& flow, const RowHierarchy& hierarchy, const RowLinks& links) {
  const std::string id = quote_identifier(hierarchy.id.name);
  Column column = hierarchy.id;
  column.name = hierarchy.into;
  column.required = false;
  flow.set(column, "CASE WHEN " + links.differs + " AND " + links.parent + " <> " + id + " THEN " +
                       links.parent + " END");
  flow.note({.evidence = "review",
             .condition = links.differs,
             .fields = {{"id", shown(hierarchy.id, id)},
                        {"parent", shown(hierarchy.id, links.parent)},
                        {"registered",
                         shown(hierarchy.differs, quote_identifier(hierarchy.differs.name))}}});
}

OptionSpec hierarchy_option() {
  return {.name = "hierarchy",
          .kind = OptionKind::object,
          .summary = "Rows of a group are linked, not merged, where a registered name differs.",
          .fields = {{.name = "differs",
                      .kind = OptionKind::column,
                      .summary = "The registered name.",
                      .required = true},
                     {.name = "id",
                      .kind = OptionKind::column,
                      .summary = "What a row is linked by.",
                      .required = true},
                     {.name = "into",
                      .kind = OptionKind::column,
                      .summary = "Column that gets the id of the group's first row.",
                      .required = true}}};
}

}  // namespace tallymill
