#include "books/receiver_tree.h"

#include <map>
#include <set>

#include "books/allocation_tables.h"
#include "books/examples.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

/// "K1 -> B2 -> K1" of the loop that `place` leads into.
std::string loop_from(const std::map<std::string, std::string>& parents, std::string place) {
  std::set<std::string> passed;
  while (passed.insert(place).second) place = parents.at(place);
  std::string loop = place;
  for (std::string above = parents.at(place); above != place; above = parents.at(above))
    loop += " -> " + above;
  return loop + " -> " + place;
}

/// All places that no root leads to, though each has a parent, stand in a loop or below one.
void require_no_loop(Engine& engine, const ReceiverTree& tree, const std::string& table) {
  const std::string key = quote_identifier(tree.key.name);
  const Rows lost = engine.query("SELECT CAST(" + key + " AS VARCHAR), CAST(" +
                                 quote_identifier(tree.parent.name) + " AS VARCHAR) FROM " +
                                 tree.relation + " WHERE " + key + " NOT IN (SELECT " + key +
                                 " FROM " + table + ") ORDER BY " + key);
  if (lost.cells.empty()) return;
  std::map<std::string, std::string> parents;
  for (std::size_t row = 0; row < lost.cells.size(); ++row)
    parents[lost.text(row, 0)] = lost.text(row, 1);
  throw Error(ErrorClass::data, "places of the hierarchy stand above themselves: " +
                                    loop_from(parents, lost.text(0, 0)));
}

}  // namespace

void make_tree_paths(Engine& engine, const ReceiverTree& tree, const std::string& table) {
  require_unique_key(engine, tree.relation, {tree.key}, "the hierarchy's key");
  const std::string key = quote_identifier(tree.key.name);
  const std::string parent = quote_identifier(tree.parent.name);
  const Examples orphans =
      find_examples(engine, tree.relation, {tree.key, tree.parent},
                    parent + " IS NOT NULL AND " + parent + " NOT IN (SELECT " + key + " FROM " +
                        tree.relation + ")");
  if (orphans.count > 0)
    throw Error(ErrorClass::data,
                "places of the hierarchy whose parent does not exist: " + orphans.summary());
  engine.execute(create_table(
      table, "WITH RECURSIVE tm_place AS (SELECT " + key + ", [" + key + "] AS tm_path FROM " +
                 tree.relation + " WHERE " + parent + " IS NULL UNION ALL SELECT t." + key +
                 ", list_append(p.tm_path, t." + key + ") FROM " + tree.relation +
                 " t JOIN tm_place p ON t." + parent + " = p." + key + ") SELECT * FROM tm_place"));
  require_no_loop(engine, tree, table);
}

}  // namespace tallymill::books
