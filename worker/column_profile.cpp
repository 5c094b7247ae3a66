#include "worker/column_profile.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/text.h"
#include "datasets/sql_text.h"
#include "jobs/parse_functions.h"
#include "rules/check_columns.h"
#include "worker/column_formats.h"
#include "worker/column_values.h"

namespace tallymill {
namespace {

constexpr std::size_t kTopValues = 20;
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

/// Rows of several columns, the first cell of each saying which column it is about.
class RowsOfColumns {
 public:
  RowsOfColumns() = default;
  RowsOfColumns(Rows rows, std::size_t columns) : rows_(std::move(rows)), places_(columns) {
    for (std::size_t i = 0; i < rows_.cells.size(); ++i)
      places_[static_cast<std::size_t>(rows_.integer(i, 0))].push_back(i);
  }
  const Rows& rows() const { return rows_; }
  /// Of one column, as places in rows(), in their order.
  const std::vector<std::size_t>& of(std::size_t column) const { return places_.at(column); }

 private:
  Rows rows_;
  std::vector<std::vector<std::size_t>> places_;
};

/// A list of aggregates over the groups that is read back by name. Of a column without groups
/// (nothing has rows then) numbers are 0 and texts null.
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
  void answer(Engine& engine, const ColumnValues& values) {
    answers_ = {values.aggregate(engine, join(sql_, ", "), values.relation()), values.columns()};
  }
  std::int64_t integer(std::size_t column, const std::string& name) const {
    const std::vector<std::size_t>& rows = answers_.of(column);
    return rows.empty() ? 0 : answers_.rows().integer(rows.front(), place(name));
  }
  json::value text(std::size_t column, const std::string& name) const {
    const std::vector<std::size_t>& rows = answers_.of(column);
    if (rows.empty()) return nullptr;
    const auto& cell = answers_.rows().cells[rows.front()][place(name)];
    return cell ? json::value(*cell) : json::value(nullptr);
  }

 private:
  std::size_t place(const std::string& name) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == name) return i + 1;
    throw Error(ErrorClass::bug, "nobody asked for '" + name + "'");
  }
  std::vector<std::string> names_;
  std::vector<std::string> sql_;
  RowsOfColumns answers_;
};

std::string percent_name(int percent) { return "p" + std::to_string(percent); }

json::array counted(const RowsOfColumns& found, std::size_t column, const char* name) {
  json::array list;
  for (const std::size_t row : found.of(column))
    list.push_back(json::object{{name, found.rows().cells[row][1].value_or("")},
                                {"rows", found.rows().integer(row, 2)}});
  return list;
}

/// The columns that are asked together; they are of one type and show their values or do not.
class ColumnProfiles {
 public:
  ColumnProfiles(JobContext& context, const ProfileSubject& subject,
                 const std::vector<std::size_t>& columns)
      : context_(context),
        engine_(context.engine()),
        subject_(subject),
        columns_(columns),
        type_(column(0).type),
        may_show_(subject.shows(column(0))),
        values_(engine_, subject, columns),
        profiles_(columns.size()) {}

  void make(std::vector<ColumnFacts>& facts, json::array& profiles) {
    ask();
    questions_.answer(engine_, values_);
    for (std::size_t i = 0; i < columns_.size(); ++i) facts[columns_[i]] = begin(i);
    if (is_text(type_)) add_formats();
    if (may_show_) add_values();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      profiles[columns_[i]] = std::move(profiles_[i]);
  }

 private:
  const Column& column(std::size_t i) const { return subject_.schema.columns[columns_[i]]; }

  void ask() {
    questions_.count("nulls", "v is null");
    questions_.ask("distinct", "count(v)");
    questions_.ask("most frequent", "coalesce(max(n) filter (v is not null), 0)");
    questions_.ask("once", "count(*) filter (v is not null and n = 1)");
    if (has_order(type_) || is_text(type_)) {
      questions_.ask("min", "min(v)::varchar");
      questions_.ask("max", "max(v)::varchar");
    }
    if (is_number(type_)) {
      questions_.count("zero", "v = 0");
      questions_.count("negative", "v < 0");
    }
    if (!is_text(type_)) return;
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

  /// What the questions tell of a column.
  ColumnFacts begin(std::size_t i) {
    ColumnFacts facts{.name = column(i).name,
                      .nulls = questions_.integer(i, "nulls"),
                      .distinct = questions_.integer(i, "distinct"),
                      .most_frequent = questions_.integer(i, "most frequent")};
    json::object& profile = profiles_[i];
    profile = {{"name", column(i).name},           {"type", column(i).type.name()},
               {"sensitive", column(i).sensitive}, {"nulls", facts.nulls},
               {"distinct", facts.distinct},       {"once", questions_.integer(i, "once")}};
    if (is_number(type_)) {
      profile["zero"] = questions_.integer(i, "zero");
      profile["negative"] = questions_.integer(i, "negative");
    }
    if (is_text(type_)) begin_text(i);
    return facts;
  }

  void begin_text(std::size_t i) {
    json::object& profile = profiles_[i];
    profile["blank"] = questions_.integer(i, "blank");
    profile["length"] = json::object{{"min", questions_.integer(i, "shortest")},
                                     {"max", questions_.integer(i, "longest")}};
    json::array traps;
    for (const Trap& trap : kTraps)
      if (const std::int64_t rows = questions_.integer(i, trap.name); rows > 0)
        traps.push_back(json::object{{"trap", trap.name}, {"rows", rows}});
    profile["traps"] = std::move(traps);
    json::array reads_as;
    for (const Reading& reading : readings_)
      if (const std::int64_t rows = questions_.integer(i, reading.name); rows > 0)
        reads_as.push_back(reading_json(i, reading, rows));
    profile["reads_as"] = std::move(reads_as);
  }

  json::object reading_json(std::size_t i, const Reading& reading, std::int64_t rows) const {
    json::object object{{"type", reading.name}, {"rows", rows}};
    for (const char* end : {"min", "max"})
      if (may_show_) object[end] = questions_.text(i, reading.name + std::string(end));
    return object;
  }

  void add_formats() {
    std::vector<json::array> formats = column_formats(engine_, values_);
    for (std::size_t i = 0; i < columns_.size(); ++i)
      profiles_[i]["formats"] = std::move(formats[i]);
  }

  void add_values() {
    if (has_order(type_) || is_text(type_))
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        profiles_[i]["min"] = questions_.text(i, "min");
        profiles_[i]["max"] = questions_.text(i, "max");
      }
    if (has_order(type_)) add_quantiles();
    if (type_.is_summable()) add_sums();
    const RowsOfColumns top = answer("select c, v::varchar, n from " +
                                     values_.most_frequent(kTopValues) + " order by c, n desc, v");
    for (std::size_t i = 0; i < columns_.size(); ++i)
      profiles_[i]["top"] = counted(top, i, "value");
    if (is_text(type_)) add_shapes();
  }

  void add_shapes() {
    const RowsOfColumns shapes = answer(
        R"(select c, t.shape, -t.minus_n from (select c, unnest(min({minus_n: -n, shape:
            shape}, )" +
        std::to_string(kTopShapes) +
        R"()) as t from (select c, left(regexp_replace(regexp_replace(regexp_replace(
            regexp_replace(v, '[0-9]', '9', 'g'), '[A-Z]', 'A', 'g'), '[a-z]', 'a', 'g'), '\p{Han}',
            '字', 'g'), 60) as shape, sum(n)::bigint as n from )" +
        values_.relation() + " where v is not null group by c, shape) group by c) order by c, t");
    for (std::size_t i = 0; i < columns_.size(); ++i)
      profiles_[i]["shapes"] = counted(shapes, i, "shape");
  }

  /// The smallest value that so many of a hundred rows do not exceed; no interpolation, so money
  /// stays money.
  void add_quantiles() {
    std::vector<std::string> ends;
    for (const int percent : kPercents)
      ends.push_back("(min(v) filter (so_far * 100 >= total * " + std::to_string(percent) +
                     "))::varchar");
    const RowsOfColumns found = aggregate(
        join(ends, ", "),
        "(select c, v, sum(n) over (partition by c order by v) as so_far, sum(n) over (partition "
        "by c) as total from " +
            values_.relation() + " where v is not null)");
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      json::object quantiles;
      for (const std::size_t row : found.of(i))
        for (std::size_t p = 0; p < kPercents.size(); ++p)
          if (const auto& cell = found.rows().cells[row][p + 1])
            quantiles[percent_name(kPercents[p])] = *cell;
      profiles_[i]["quantiles"] = std::move(quantiles);
    }
  }

  void add_sums() {
    const RowsOfColumns found =
        aggregate("sum(v * n)::varchar", "(select c, v::decimal(38," + std::to_string(type_.scale) +
                                             ") as v, n from " + values_.relation() + ")");
    for (std::size_t i = 0; i < columns_.size(); ++i)
      for (const std::size_t row : found.of(i))
        if (const auto& cell = found.rows().cells[row][1]) profiles_[i]["sum"] = *cell;
  }

  RowsOfColumns answer(const std::string& sql) { return {engine_.query(sql), columns_.size()}; }
  RowsOfColumns aggregate(const std::string& sql, const std::string& relation) {
    return {values_.aggregate(engine_, sql, relation), columns_.size()};
  }

  JobContext& context_;
  Engine& engine_;
  const ProfileSubject& subject_;
  const std::vector<std::size_t>& columns_;
  const Type& type_;
  bool may_show_;
  ColumnValues values_;
  Questions questions_;
  std::vector<Reading> readings_;
  std::vector<json::object> profiles_;
};

}  // namespace

void profile_columns(JobContext& context, const ProfileSubject& subject,
                     const std::vector<std::size_t>& columns, std::vector<ColumnFacts>& facts,
                     json::array& profiles) {
  ColumnProfiles(context, subject, columns).make(facts, profiles);
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
