#include "rules/other_dataset.h"

#include <algorithm>

#include "core/text.h"
#include "rules/check_columns.h"

namespace tallymill {

std::optional<ColumnPairs> pair_columns(CheckContext& context, const Options& options,
                                        const std::string& dataset_option) {
  const SourcePosition where = options.position(dataset_option);
  const std::vector<std::string> ignored = options.columns("ignore");
  if (!check_columns(context, ignored, options.position("ignore"))) return std::nullopt;
  std::vector<std::string> names = options.columns("columns");
  const SourcePosition at = names.empty() ? where : options.position("columns");
  if (names.empty()) names = context.schema().names();
  std::erase_if(names, [&](const std::string& name) {
    return std::find(ignored.begin(), ignored.end(), name) != ignored.end();
  });
  const auto reference = context.reference(options.text(dataset_option), where);
  if (!reference) return std::nullopt;
  ColumnPairs pairs{*reference, names, {}, {}, {}};
  bool is_sound = true;
  for (const std::string& name : names) {
    const Column* mine = context.column(name, at);
    const Column* theirs = context.column(*reference, name, at);
    if (mine == nullptr || theirs == nullptr) {
      is_sound = false;
      continue;
    }
    const std::string cell = quote_identifier(name);
    if (reference->is_table) {
      pairs.mine.push_back(cell + "::VARCHAR");
      pairs.theirs.push_back(cell);
      pairs.fits.push_back(mine->type.sql() == "VARCHAR");
      continue;
    }
    if (!are_comparable(mine->type, theirs->type)) {
      context.diagnostics().error(at,
                                  "column '" + name + "' is " + mine->type.name() + " but '" +
                                      reference->name + "." + name + "' is " + theirs->type.name() +
                                      "; they cannot be compared",
                                  "cast one of them where it is cleansed, or leave it out");
      is_sound = false;
      continue;
    }
    const int scale = std::max(mine->type.scale, theirs->type.scale);
    const bool is_same = mine->type.sql() == theirs->type.sql();
    pairs.mine.push_back(is_same ? cell : as_exact(cell, scale));
    pairs.theirs.push_back(is_same ? cell : as_exact(cell, scale));
    pairs.fits.push_back(is_same);
  }
  if (!is_sound) return std::nullopt;
  return pairs;
}

std::string rows_beside(const ColumnPairs& pairs, const std::string& rows,
                        const std::string& joined) {
  const std::vector<std::string> cells = quoted(pairs.names);
  const std::vector<std::string> keys = key_names(cells.size());
  std::vector<std::string> same;
  for (std::size_t i = 0; i < keys.size(); ++i)
    same.push_back("o." + keys[i] + " is not distinct from " + pairs.mine[i]);
  return "select " + as_keys(cells) + ", \"tm:n\" as n, true as fails from (select " +
         join(cells, ", ") + ", count(*) as \"tm:n\" from " + rows + " group by " +
         join(cells, ", ") + ") " + joined + " o on " + join(same, " and ");
}

std::vector<FileUse> table_file(const std::string& name, const SourcePosition& where) {
  return {{"tables/" + name + ".csv", where}};
}

std::vector<OptionSpec> pair_options(const std::string& dataset_summary) {
  return {{"dataset", OptionKind::name, dataset_summary, true},
          {"columns", OptionKind::columns, "Columns to compare, of the same names in both.", false,
           "all of this dataset"},
          {"ignore", OptionKind::columns, "Columns to leave out."}};
}

}  // namespace tallymill
