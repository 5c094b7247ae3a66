#include "scheduler/store/copy.h"

#include <map>

#include "core/digest.h"
#include "core/error.h"
#include "scheduler/store/dialect.h"
#include "scheduler/store/migrations.h"

namespace tallymill {
namespace {

/// Rows in whatever order: their number, and the sum of their hashes.
struct TableSum {
  std::int64_t rows = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const TableSum&, const TableSum&) = default;
};

TableSum sum_of(Database& database, const std::string& table) {
  const std::vector<TableColumn> columns = database.dialect().columns(database, table);
  std::string names;
  std::string types;
  for (const auto& [name, type] : columns) {
    names += (names.empty() ? "" : ", ") + name;
    types += type;
  }
  TableSum sum;
  std::string bytes;
  database.each("select " + names + " from " + table, types, {}, [&](SqlRow& row) {
    bytes.clear();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string value = types[i] == 't' ? row.text(i) : std::to_string(row.integer(i));
      bytes += columns[i].first + '=' + std::to_string(value.size()) + ':' + value;
    }
    const Hash128 hash = xxh3_128(bytes);
    ++sum.rows;
    sum.low += hash.low;
    sum.high += hash.high;
  });
  return sum;
}

/// Ends the transaction of a copy that did not come to its end.
struct RollbackUnlessDone {
  Database& database;
  ~RollbackUnlessDone() { database.rollback(); }
};

Error copy_problem(Database& source, const std::string& problem) {
  return Error(ErrorClass::transient, source.address().text() + " cannot be copied: " + problem);
}

}  // namespace

std::string different_table(Database& one, Database& other) {
  const std::vector<std::string> tables = one.dialect().tables(one);
  if (tables != other.dialect().tables(other)) return "(the list of tables)";
  for (const std::string& table : tables)
    if (table != "event" && sum_of(one, table) != sum_of(other, table)) return table;
  return {};
}

ChainHead copy_store(Database& source, Database& target) {
  migrate(target);
  if (target.select("select count(*) from event", "i").at(0).integer(0) != 0)
    throw Error(ErrorClass::config, target.address().text() +
                                        " is not empty: a store is copied only into an empty one");
  target.begin();
  const RollbackUnlessDone guard{target};
  const ChainReport report = walk_chain(source, [&](const StoredEvent& event) {
    insert_event(target, event);
    apply_event(target, event);
  });
  if (report.broken_at != 0) throw copy_problem(source, report.problem);
  const std::string table = different_table(source, target);
  if (!table.empty())
    throw copy_problem(source, "its table '" + table + "' is not what its events say");
  target.commit();
  return report.head;
}

}  // namespace tallymill
