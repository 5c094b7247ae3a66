#pragma once

#include "cli/catalog.h"
#include "core/json.h"

namespace tallymill {

/// JSON Schema (draft 2020-12) of graphs/*.yaml, with one definition per job type, check and step,
/// for editors that complete and check YAML while it is typed. It says less than `validate` does.
json::object graph_schema(const UnitCatalog& catalog);
/// The same of tallymill.yaml, with one definition per connector type.
/// Of blocks/*.yaml, and of workspace files.
json::object block_schema(const UnitCatalog& catalog);
json::object workspace_schema(const UnitCatalog& catalog);
/// The same of rules/<name>.yaml and of params/<name>.yaml.
json::object decision_table_schema();
json::object param_table_schema();

}  // namespace tallymill
