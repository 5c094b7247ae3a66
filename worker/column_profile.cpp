#include "worker/column_profile.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/text.h"
#include "datasets/sql_text.h"
#include "jobs/parse_functions.h"
#include "rules/check_columns.h"
#include "worker/column_formats.h"

namespace tallymill {
namespace {

constexpr int kTopValues = 20;
constexpr int kTopShapes = 5;
constexpr std::size_t kOrderedTogether = 64;  ///< columns
constexpr std::array<int, 7> kPercents{1, 5, 25, 50, 75, 95, 99};

/// What is wrong with a text that looks right, as an RE2 pattern over it.
struct Trap {
  const char* name;
  const char* pattern;
};
constexpr std::array<Trap, 9> kTraps{{
    {"blank at an end", R"(^[\s\x{00A0}\x{3000}]|[\s\x{00A0}\x{3000}]$)"},
    {"blanks in a row", R"(\S[\s\x{00A0}\x{3000}]{2,}\S)"},
    {"full-width ASCII", R"([\x{FF01}-\x{FF5E}])"},
    {"invisible character", R"([\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}\x{FEFF}\x{00AD}])"},
    {"control character", R"([\x00-\x08\x0B\x0C\x0E-\x1F\x7F])"},
    {"replacement character", R"(\x{FFFD})"},
    {"decoded with the wrong encoding",
     R"([\x{00C2}\x{00C3}][\x{0080}-\x{00BF}]|锟斤拷|烫烫|\x{00E2}\x{20AC})"},
    {"zero in front of a number", R"(^[-+]?0[0-9]+([.][0-9]+)?$)"},
    {"word for nothing", R"(^(?i:null|nil|none|n/a|na|nan|-|--|\?|无|空|未知|暂无|不详)$)"},
}};

/// A type that texts may have been meant as, from the narrowest to the widest.
struct Reading {
  const char* name;
  Type type;
  const char* format = "";
};

std::vector<Reading> readings(int currency_scale) {
  return {{"integer", Type::integer()},
          {"money", Type::money(currency_scale)},
          {"decimal(38,9)", Type::decimal(38, 9)},
          {"date", Type::date()},
          {"date, format %Y/%m/%d", Type::date(), "%Y/%m/%d"},
          {"date, format %Y%m%d", Type::date(), "%Y%m%d"},
          {"date, format %d/%m/%Y", Type::date(), "%d/%m/%Y"},
          {"date, format %m/%d/%Y", Type::date(), "%m/%d/%Y"},
          {"timestamp", Type::timestamp()},
          {"boolean", Type::boolean()}};
}

/// A list of aggregates over the groups that is read back by name.
class Questions {
 public:
  void ask(std::string name, const std::string& sql) {
    names_.push_back(std::move(name));
    sql_.push_back(sql);
  }
  /// Rows of groups that meet `condition`.
  void count(std::string name, const std::string& condition) {
    ask(std::move(name), "coalesce(sum(n) filter (" + condition + "), 0)::bigint");
  }
  void answer(Engine& engine, const std::string& from) {
    if (!sql_.empty()) rows_ = engine.query("select " + join(sql_, ", ") + " from " + from);
  }
  std::int64_t integer(const std::string& name) const { return rows_.integer(0, place(name)); }
  json::value text(const std::string& name) const {
    const auto& cell = rows_.cells[0][place(name)];
    return cell ? json::value(*cell) : json::value(nullptr);
  }

 private:
  std::size_t place(const std::string& name) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == name) return i;
    throw Error(ErrorClass::bug, "nobody asked for '" + name + "'");
  }
  std::vector<std::string> names_;
  std::vector<std::string> sql_;
  Rows rows_;
};

std::string percent_name(int percent) { return "p" + std::to_string(percent); }

json::array counted(const Rows& rows, const char* name) {
  json::array list;
  for (std::size_t i = 0; i < rows.cells.size(); ++i)
    list.push_back(
        json::object{{name, rows.cells[i][0].value_or("")}, {"rows", rows.integer(i, 1)}});
  return list;
}

class ColumnProfile {
 public:
  ColumnProfile(JobContext& context, const ProfileSubject& subject, const Column& column)
      : context_(context),
        engine_(context.engine()),
        subject_(subject),
        column_(column),
        may_show_(subject.reveal || !column.sensitive) {}

  json::object make(ColumnFacts& facts) {
    engine_.execute("create or replace temp table tm_values as select " +
                    quote_identifier(column_.name) + " as v, count(*) as n from " +
                    subject_.relation + " group by 1");
    ask();
    questions_.answer(engine_, "tm_values");
    facts = {.name = column_.name,
             .nulls = questions_.integer("nulls"),
             .distinct = questions_.integer("distinct"),
             .most_frequent = questions_.integer("most frequent")};
    profile_ = {{"name", column_.name},           {"type", column_.type.name()},
                {"sensitive", column_.sensitive}, {"nulls", facts.nulls},
                {"distinct", facts.distinct},     {"once", questions_.integer("once")}};
    add_counts();
    if (may_show_) add_values();
    return std::move(profile_);
  }

 private:
  void ask() {
    questions_.count("nulls", "v is null");
    questions_.ask("distinct", "count(v)");
    questions_.ask("most frequent", "coalesce(max(n) filter (v is not null), 0)");
    questions_.ask("once", "count(*) filter (v is not null and n = 1)");
    if (has_order(column_.type) || is_text(column_.type)) {
      questions_.ask("min", "min(v)::varchar");
      questions_.ask("max", "max(v)::varchar");
    }
    if (is_number(column_.type)) {
      questions_.count("zero", "v = 0");
      questions_.count("negative", "v < 0");
    }
    if (!is_text(column_.type)) return;
    questions_.count("blank", R"(regexp_full_match(v, '[\s\x{00A0}\x{3000}]*'))");
    questions_.ask("shortest", "min(length(v))");
    questions_.ask("longest", "max(length(v))");
    for (const Trap& trap : kTraps)
      questions_.count(trap.name, "regexp_matches(v, " + quote_literal(trap.pattern) + ")");
    readings_ = readings(context_.task().currency_scale);
    for (const Reading& reading : readings_) {
      const std::string read = "(" + parse_sql(engine_, reading.type, reading.format, "v") + ")";
      const std::string fits = "v <> '' and " + read + ".problem is null";
      questions_.count(reading.name, fits);
      for (const char* end : {"min", "max"})
        questions_.ask(reading.name + std::string(end),
                       std::string(end) + "(" + read + ".value) filter (" + fits + ")::varchar");
    }
  }

  void add_counts() {
    if (is_number(column_.type)) {
      profile_["zero"] = questions_.integer("zero");
      profile_["negative"] = questions_.integer("negative");
    }
    if (!is_text(column_.type)) return;
    profile_["blank"] = questions_.integer("blank");
    profile_["length"] = json::object{{"min", questions_.integer("shortest")},
                                      {"max", questions_.integer("longest")}};
    json::array traps;
    for (const Trap& trap : kTraps)
      if (const std::int64_t rows = questions_.integer(trap.name); rows > 0)
        traps.push_back(json::object{{"trap", trap.name}, {"rows", rows}});
    profile_["traps"] = std::move(traps);
    json::array reads_as;
    for (const Reading& reading : readings_)
      if (const std::int64_t rows = questions_.integer(reading.name); rows > 0)
        reads_as.push_back(reading_json(reading, rows));
    profile_["reads_as"] = std::move(reads_as);
    profile_["formats"] = column_formats(engine_, "tm_values");
  }

  json::object reading_json(const Reading& reading, std::int64_t rows) const {
    json::object object{{"type", reading.name}, {"rows", rows}};
    for (const char* end : {"min", "max"})
      if (may_show_) object[end] = questions_.text(reading.name + std::string(end));
    return object;
  }

  void add_values() {
    if (has_order(column_.type) || is_text(column_.type)) {
      profile_["min"] = questions_.text("min");
      profile_["max"] = questions_.text("max");
    }
    if (has_order(column_.type)) add_quantiles();
    profile_["top"] = counted(
        engine_.query("select v::varchar, n from tm_values where v is not null order by n desc, v "
                      "limit " +
                      std::to_string(kTopValues)),
        "value");
    if (is_text(column_.type))
      profile_["shapes"] = counted(
          engine_.query(R"(select left(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
              v, '[0-9]', '9', 'g'), '[A-Z]', 'A', 'g'), '[a-z]', 'a', 'g'), '\p{Han}', '字', 'g'), 60)
              as shape, sum(n)::bigint as n from tm_values where v is not null group by shape
              order by n desc, shape limit )" +
                        std::to_string(kTopShapes)),
          "shape");
  }

  /// The smallest value that so many of a hundred rows do not exceed; no interpolation, so money
  /// stays money.
  void add_quantiles() {
    std::vector<std::string> columns;
    for (const int percent : kPercents)
      columns.push_back("(min(v) filter (so_far * 100 >= total * " + std::to_string(percent) +
                        "))::varchar");
    const Rows rows = engine_.query("select " + join(columns, ", ") +
                                    " from (select v, sum(n) over (order by v) as so_far, sum(n) "
                                    "over () as total from tm_values "
                                    "where v is not null)");
    json::object quantiles;
    for (std::size_t i = 0; i < kPercents.size(); ++i)
      if (rows.cells[0][i]) quantiles[percent_name(kPercents[i])] = *rows.cells[0][i];
    profile_["quantiles"] = std::move(quantiles);
    if (!column_.type.is_summable()) return;
    const Rows sum =
        engine_.query("select sum(v * n)::varchar from (select v::decimal(38," +
                      std::to_string(column_.type.scale) + ") as v, n from tm_values)");
    if (sum.cells[0][0]) profile_["sum"] = *sum.cells[0][0];
  }

  JobContext& context_;
  Engine& engine_;
  const ProfileSubject& subject_;
  const Column& column_;
  bool may_show_;
  Questions questions_;
  std::vector<Reading> readings_;
  json::object profile_;
};

}  // namespace

json::object profile_column(JobContext& context, const ProfileSubject& subject,
                            const Column& column, ColumnFacts& facts) {
  return ColumnProfile(context, subject, column).make(facts);
}

void add_orders(JobContext& context, const ProfileSubject& subject, json::array& columns) {
  if (!subject.schema.has_provenance || columns.empty()) return;
  const std::vector<std::string> names = quoted(subject.schema.names());
  for (std::size_t from = 0; from < names.size(); from += kOrderedTogether) {
    const std::size_t end = std::min(from + kOrderedTogether, names.size());
    std::vector<std::string> row;
    std::vector<std::string> counts;
    for (std::size_t i = from; i < end; ++i) {
      const std::string field = "c" + std::to_string(i);
      row.push_back("'" + field + "': " + names[i]);
      for (const char* op : {" > ", " < "})
        counts.push_back("count(*) filter (r." + field + op + "p." + field + ")");
    }
    // One window over a row of the columns: each window keeps memory of its own.
    const Rows rows = context.engine().query(
        "select " + join(counts, ", ") +
        " from (select r, lag(r) over (order by _source, _line) as p from (select {" +
        join(row, ", ") + "} as r, _source, _line from " + subject.relation + "))");
    for (std::size_t i = from; i < end; ++i)
      columns[i].as_object()["order"] = json::object{{"up", rows.integer(0, 2 * (i - from))},
                                                     {"down", rows.integer(0, 2 * (i - from) + 1)}};
  }
}

}  // namespace tallymill
