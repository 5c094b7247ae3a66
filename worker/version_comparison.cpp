#include "worker/version_comparison.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "core/text.h"
#include "datasets/sql_text.h"
#include "jobs/cleanse_changes.h"

namespace tallymill {
namespace {

/// A column both versions have.
struct SharedColumn {
  std::string name;
  bool keeps_type;
  bool is_sensitive;

  std::string of(const std::string& alias) const {
    const std::string cell = alias + "." + quote_identifier(name);
    return keeps_type ? cell : "CAST(" + cell + " AS VARCHAR)";
  }
  std::string differs() const { return "(" + of("n") + " IS DISTINCT FROM " + of("o") + ")"; }
  std::string shown(const std::string& alias) const {
    const std::string cell = alias + "." + quote_identifier(name);
    if (!is_sensitive) return "CAST(" + cell + " AS VARCHAR)";
    return "CASE WHEN " + cell + " IS NOT NULL THEN " + quote_literal(kMaskedValue) + " END";
  }
};

json::value text_or_null(const std::optional<std::string>& cell) {
  return cell ? json::value(*cell) : json::value(nullptr);
}

class Comparison {
 public:
  Comparison(Engine& engine, const ComparedRows& fresh, const ComparedRows& visible)
      : engine_(engine), fresh_(fresh), visible_(visible) {
    for (const Column& column : fresh.schema.columns)
      if (const Column* old = visible.schema.find(column.name))
        shared_.push_back({column.name, column.type.sql() == old->type.sql(),
                           column.sensitive || old->sensitive});
  }

  json::object compare(std::int64_t samples) {
    json::object told;
    told["new_columns"] = columns_beside(fresh_.schema, visible_.schema);
    told["gone_columns"] = columns_beside(visible_.schema, fresh_.schema);
    if (!has_key())
      count_rows(samples, told);
    else
      match_rows(samples, told);
    return told;
  }

 private:
  static json::array columns_beside(const Schema& schema, const Schema& other) {
    json::array names;
    for (const Column& column : schema.columns)
      if (other.find(column.name) == nullptr) names.emplace_back(column.name);
    return names;
  }

  /// Whether the key of the fresh rows tells the visible ones apart, too.
  bool has_key() {
    const std::vector<std::string>& key = fresh_.schema.key;
    const auto is_there = [&](const std::string& name) {
      return visible_.schema.find(name) != nullptr ||
             (visible_.schema.has_provenance && is_provenance(name));
    };
    if (key.empty() || !std::all_of(key.begin(), key.end(), is_there)) return false;
    if (visible_.schema.key == key) return true;
    return engine_
        .query("SELECT 1 FROM " + visible_.relation + " GROUP BY " + join(quoted(key), ", ") +
               " HAVING count(*) > 1 LIMIT 1")
        .cells.empty();
  }

  void match_rows(std::int64_t samples, json::object& told) {
    make_table();
    told["matched_by"] = json::array(fresh_.schema.key.begin(), fresh_.schema.key.end());
    const auto rows_where = [&](const std::string& what) {
      return engine_
          .query("SELECT count(*) FROM tm_compared WHERE tm_what = " + quote_literal(what))
          .integer(0, 0);
    };
    const std::int64_t added = rows_where("added");
    const std::int64_t changed = rows_where("changed");
    told["equal"] = rows_of(fresh_) - added - changed;
    told["added"] = added;
    told["removed"] = rows_where("removed");
    told["changed"] = changed;
    told["columns"] = changed_columns();
    told["samples"] = row_samples(samples);
  }

  std::int64_t rows_of(const ComparedRows& rows) {
    return engine_.query("SELECT count(*) FROM " + rows.relation).integer(0, 0);
  }

  /// A line for each row that is not the same in both: what it is, what it is known by, and of each
  /// shared column whether it differs, and both values as they may be shown.
  void make_table() {
    std::vector<std::string> conditions;
    for (const std::string& name : fresh_.schema.key) {
      const SharedColumn* column = shared(name);
      const std::string quoted = quote_identifier(name);
      conditions.push_back(column == nullptr
                               ? "n." + quoted + " IS NOT DISTINCT FROM o." + quoted
                               : column->of("n") + " IS NOT DISTINCT FROM " + column->of("o"));
    }
    std::vector<std::string> differences;
    std::string columns;
    for (std::size_t i = 0; i < shared_.size(); ++i) {
      const std::string number = std::to_string(i);
      differences.push_back(shared_[i].differs());
      columns += ", " + shared_[i].differs() + " AS tm_d" + number + ", " + shared_[i].shown("o") +
                 " AS tm_o" + number + ", " + shared_[i].shown("n") + " AS tm_n" + number;
    }
    const std::string row = row_text_sql(fresh_.schema);
    const auto side = [&](const ComparedRows& rows) {
      return "(SELECT *, true AS tm_there, " + row + " AS tm_row FROM " + rows.relation + ")";
    };
    engine_.execute(
        "CREATE OR REPLACE TEMP TABLE tm_compared AS SELECT * FROM (SELECT CASE WHEN o.tm_there IS "
        "NULL THEN 'added' WHEN n.tm_there IS "
        "NULL THEN 'removed' WHEN " +
        join(differences, " OR ") +
        " THEN 'changed' END AS tm_what, coalesce(n.tm_row, o.tm_row) AS tm_row" + columns +
        " FROM " + side(fresh_) + " n FULL OUTER JOIN " + side(visible_) + " o ON " +
        join(conditions, " AND ") + ") WHERE tm_what IS NOT NULL");
  }

  const SharedColumn* shared(const std::string& name) const {
    for (const SharedColumn& column : shared_)
      if (column.name == name) return &column;
    return nullptr;
  }

  json::array changed_columns() {
    std::vector<std::string> counts;
    for (std::size_t i = 0; i < shared_.size(); ++i)
      counts.push_back("count(*) FILTER (WHERE tm_d" + std::to_string(i) + ")");
    const Rows rows = engine_.query("SELECT " + join(counts, ", ") +
                                    " FROM tm_compared WHERE tm_what = 'changed'");
    json::array columns;
    for (std::size_t i = 0; i < shared_.size(); ++i)
      if (rows.integer(0, i) > 0)
        columns.push_back({{"column", shared_[i].name}, {"rows", rows.integer(0, i)}});
    return columns;
  }

  json::array row_samples(std::int64_t samples) {
    json::array told;
    std::string values;
    for (std::size_t i = 0; i < shared_.size(); ++i)
      for (const char* part : {"d", "o", "n"})
        values += std::string(", tm_") + part + std::to_string(i);
    for (const char* what : {"added", "removed", "changed"}) {
      const Rows rows = engine_.query("SELECT tm_row" + values +
                                      " FROM tm_compared WHERE tm_what = " + quote_literal(what) +
                                      " ORDER BY ALL LIMIT " + std::to_string(samples));
      for (std::size_t row = 0; row < rows.cells.size(); ++row) {
        if (std::string_view(what) != "changed") {
          told.push_back({{"what", what}, {"row", rows.text(row, 0)}});
          continue;
        }
        for (std::size_t i = 0; i < shared_.size(); ++i)
          if (rows.text(row, 1 + 3 * i) == "true")
            told.push_back({{"what", what},
                            {"row", rows.text(row, 0)},
                            {"column", shared_[i].name},
                            {"visible", text_or_null(rows.cells[row][2 + 3 * i])},
                            {"preview", text_or_null(rows.cells[row][3 + 3 * i])}});
      }
    }
    return told;
  }

  /// Rows that nothing is known by: as often as they come in one version more than in the other.
  void count_rows(std::int64_t samples, json::object& told) {
    told["matched_by"] = json::array();
    std::vector<std::string> n;
    std::vector<std::string> o;
    for (const SharedColumn& column : shared_) {
      n.push_back(column.of("n") + " AS " + quote_identifier(column.name));
      o.push_back(column.of("o") + " AS " + quote_identifier(column.name));
    }
    const std::string fresh = "SELECT " + join(n, ", ") + " FROM " + fresh_.relation + " n";
    const std::string visible = "SELECT " + join(o, ", ") + " FROM " + visible_.relation + " o";
    Schema shown;
    for (const SharedColumn& column : shared_)
      shown.columns.push_back({.name = column.name, .sensitive = column.is_sensitive});
    const std::string row = row_text_sql(shown);
    json::array told_samples;
    for (const auto& [what, more, less] :
         {std::tuple("added", fresh, visible), std::tuple("removed", visible, fresh)}) {
      const std::string difference = "(" + more + " EXCEPT ALL " + less + ")";
      told[what] = engine_.query("SELECT count(*) FROM " + difference).integer(0, 0);
      const Rows rows = engine_.query("SELECT " + row + " FROM " + difference +
                                      " ORDER BY 1 LIMIT " + std::to_string(samples));
      for (std::size_t i = 0; i < rows.cells.size(); ++i)
        told_samples.push_back({{"what", what}, {"row", rows.text(i, 0)}});
    }
    told["samples"] = std::move(told_samples);
  }

  Engine& engine_;
  const ComparedRows& fresh_;
  const ComparedRows& visible_;
  std::vector<SharedColumn> shared_;
};

}  // namespace

json::object compare_versions(Engine& engine, const ComparedRows& fresh,
                              const ComparedRows& visible, std::int64_t samples) {
  return Comparison(engine, fresh, visible).compare(samples);
}

}  // namespace tallymill
