#include "rules/param_table.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

#include "core/csv_table.h"
#include "core/text.h"
#include "rules/table_text.h"

namespace tallymill {
namespace {

constexpr std::int32_t kAlways = std::numeric_limits<std::int32_t>::max() / 2;
constexpr const char* kKeyColumn = "org";
constexpr const char* kFromColumn = "from";
constexpr const char* kToColumn = "to";

struct Days {
  std::int32_t from = -kAlways;
  std::int32_t to = kAlways;
};

Days days_of(const ParamRow& row) { return {row.from.days, row.to.days}; }

/// "from 2025-01-01 to 2025-12-31", and shorter where there is no end.
std::string days_text(const Days& days) {
  std::string text;
  if (days.from > -kAlways) text = "from " + Date{days.from}.text();
  if (days.to < kAlways) text += (text.empty() ? "to " : " to ") + Date{days.to}.text();
  return text.empty() ? "ever" : text;
}

/// What of `span` none of `parts` covers, in order.
std::vector<Days> holes_in(const Days& span, std::vector<Days> parts) {
  std::sort(parts.begin(), parts.end(),
            [](const Days& a, const Days& b) { return a.from < b.from; });
  std::vector<Days> holes;
  std::int32_t next = span.from;
  for (const Days& part : parts) {
    if (part.from > next) holes.push_back({next, std::min(part.from - 1, span.to)});
    if (part.to >= span.to) return holes;
    next = std::max(next, part.to + 1);
  }
  if (next <= span.to) holes.push_back({next, span.to});
  return holes;
}

std::string table_path(std::string_view name) { return "tables/" + std::string(name) + ".csv"; }

}  // namespace

const std::vector<OptionSpec>& param_table_options() {
  static const std::vector<OptionSpec> options{
      {.name = "doc", .kind = OptionKind::text, .summary = "What the values are for."},
      {.name = "values",
       .kind = OptionKind::map,
       .summary = "The columns that hold values, with their types.",
       .required = true,
       .fields = {{.name = "type", .kind = OptionKind::text}}},
      {.name = "orgs",
       .kind = OptionKind::object,
       .summary = "Where all orgs stand: each must have a value, and one without a row takes its "
                  "parent's.",
       .fields = {{.name = "table",
                   .kind = OptionKind::name,
                   .summary = "tables/<name>.csv.",
                   .required = true},
                  {.name = "key",
                   .kind = OptionKind::column,
                   .summary = "Its column of orgs.",
                   .required = true},
                  {.name = "parent",
                   .kind = OptionKind::column,
                   .summary = "Its column of parents; empty cells have none."}}},
      {.name = "columns",
       .kind = OptionKind::list,
       .summary = "In YAML: the order of the cells, where rows are lists.",
       .fields = {{.name = "name", .kind = OptionKind::text}}},
      {.name = "rows",
       .kind = OptionKind::list,
       .summary = "In YAML: { org:, from:, to:, and a value per column }; org \"*\" is any other, "
                  "from and to are periods or days, both included, and may be left out.",
       .fields = {{.name = "row", .kind = OptionKind::any}}}};
  return options;
}

std::vector<std::string> param_table_files(const std::string& file, const std::string& text) {
  Diagnostics ignored;  // read() reports
  const auto table = read_table_text(file, text, ignored);
  if (!table || !table->head.is_mapping()) return {};
  const YamlNode name = table->head.find("orgs").find("table");
  if (!name.is_scalar() || !is_identifier(name.text())) return {};
  return {table_path(name.text())};
}

/// Reads one file into a ParamTable.
class ParamTableReader {
 public:
  ParamTableReader(ParamTable& table, int scale, Diagnostics& diagnostics)
      : table_(table), scale_(scale), diagnostics_(diagnostics) {}

  void read(const TableText& text, const FileTexts& files) {
    text_ = &text;
    Diagnostics found;
    validate_options(text.head, param_table_options(), "parameter table '" + table_.name_ + "'",
                     found);
    diagnostics_.add_all(found);
    if (found.has_errors()) return;
    read_columns();
    read_orgs(files);
    if (diagnostics_.has_errors()) return;
    for (const TextRow& row : text.rows) read_row(row);
    if (table_.rows_.empty() && !diagnostics_.has_errors())
      report({table_.file_, 1, 1, 1}, "the table has no rows", "give org \"*\" a value at least");
    if (diagnostics_.has_errors()) return;
    order_rows();
    check_overlaps();
    if (!diagnostics_.has_errors()) check_coverage();
  }

 private:
  void report(const SourcePosition& where, std::string message, std::string hint = {}) {
    diagnostics_.error(where, std::move(message), std::move(hint));
  }

  void read_columns() {
    const YamlNode values = text_->head.find("values");
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string name(values.key(i).text());
      const auto type = type_from_word(values[i].text(), scale_);
      if (!type || type->kind == TypeKind::enumeration || !has_typed_values(*type)) {
        report(values[i].position(),
               "'" + std::string(values[i].text()) + "' is no type of a value",
               "text, integer, money, decimal(p,s) of up to 18 digits, ratio, date, timestamp and "
               "boolean are");
        continue;
      }
      if (name == kKeyColumn || name == kFromColumn || name == kToColumn) {
        report(values.key(i).position(), "a value cannot be named '" + name + "'",
               "org, from and to say where and when it holds");
        continue;
      }
      table_.columns_.push_back({.name = name, .type = *type});
    }
    std::vector<std::string> known{kKeyColumn, kFromColumn, kToColumn};
    for (const Column& column : table_.columns_) known.push_back(column.name);
    for (const TextCell& column : text_->columns)
      if (std::find(known.begin(), known.end(), column.text) == known.end()) {
        const std::string meant = did_you_mean(column.text, known);
        report(column.where, "unknown column '" + column.text + "'",
               meant.empty() ? "its columns are " + join(known, ", ") : meant);
      }
    for (const std::string& name : known)
      if (!text_->column(name) && name != kFromColumn && name != kToColumn)
        report(text_->columns.empty() ? SourcePosition{table_.file_, 1, 1, 1}
                                      : text_->columns.front().where,
               "the table has no column '" + name + "'");
  }

  void read_orgs(const FileTexts& files) {
    const YamlNode orgs = text_->head.find("orgs");
    if (!orgs) return;
    const std::string path = table_path(orgs.find("table").text());
    const auto text = files.find(path);
    if (text == files.end()) {
      report(orgs.find("table").position(), "there is no file '" + path + "' in the workspace");
      return;
    }
    Diagnostics found;
    const CsvTable table = read_csv_table(path, text->second, found);
    diagnostics_.add_all(found);
    if (found.has_errors()) return;
    const auto key = csv_column(table, orgs.find("key"), path);
    const YamlNode parent = orgs.find("parent");
    const auto parents = parent ? csv_column(table, parent, path) : std::optional<std::size_t>{};
    if (!key || (parent && !parents)) return;
    for (const std::vector<std::string>& row : table.rows)
      table_.parents_[row[*key]] = parents ? row[*parents] : "";
    for (const auto& [org, above] : table_.parents_) check_ancestry(org, orgs);
  }

  std::optional<std::size_t> csv_column(const CsvTable& table, YamlNode name,
                                        const std::string& path) {
    const auto found = std::find(table.columns.begin(), table.columns.end(), name.text());
    if (found != table.columns.end())
      return static_cast<std::size_t>(found - table.columns.begin());
    const std::string meant = did_you_mean(name.text(), table.columns);
    report(name.position(), path + " has no column '" + std::string(name.text()) + "'",
           meant.empty() ? "its columns are " + join(table.columns, ", ") : meant);
    return std::nullopt;
  }

  void check_ancestry(const std::string& org, YamlNode orgs) {
    std::set<std::string> seen{org};
    for (std::string at = table_.parents_.at(org); !at.empty();) {
      const auto above = table_.parents_.find(at);
      if (above == table_.parents_.end() || !seen.insert(at).second) {
        report(orgs.find("parent").position(),
               above == table_.parents_.end()
                   ? "org '" + org + "' comes under '" + at + "', which is no org"
                   : "org '" + org + "' comes under itself");
        return;
      }
      at = above->second;
    }
  }

  const TextCell* cell(const TextRow& row, std::string_view column) const {
    const auto index = text_->column(column);
    const TextCell* found = index && *index < row.cells.size() ? &row.cells[*index] : nullptr;
    return found != nullptr && found->is_given ? found : nullptr;
  }

  void read_row(const TextRow& row) {
    ParamRow read;
    read.where = row.where;
    const TextCell* org = cell(row, kKeyColumn);
    if (org == nullptr)
      report(row.where, "the row names no org", "write \"*\" for any that has no row of its own");
    else if (const auto known = known_orgs();
             !known.empty() && org->text != kAnyOrg && !table_.parents_.contains(org->text))
      report(org->where, "there is no org '" + org->text + "'", did_you_mean(org->text, known));
    read.org = org == nullptr ? std::string(kAnyOrg) : org->text;
    read_time(row, read);
    for (const Column& column : table_.columns_) {
      const TextCell* value = cell(row, column.name);
      if (value == nullptr) {
        report(row.where, "org '" + read.org + "' has no " + column.name);
        continue;
      }
      const auto parsed = parse_typed(column.type, value->text);
      if (!parsed)
        report(value->where,
               column.name + " is " + column.type.name() + ", got '" + value->text + "' (" +
                   std::string(to_string(parsed.problem)) + ")",
               "write " + typed_example(column.type));
      read.values.push_back(parsed.value);
    }
    table_.rows_.push_back(std::move(read));
  }

  std::vector<std::string> known_orgs() const {
    std::vector<std::string> names;
    for (const auto& [org, parent] : table_.parents_) names.push_back(org);
    return names;
  }

  std::optional<Period> time(const TextRow& row, const char* column) {
    const TextCell* written = cell(row, column);
    if (written == nullptr) return std::nullopt;
    const auto period = Period::parse(written->text);
    if (!period)
      report(written->where, "'" + written->text + "' is no period",
             "write 2026, 2026-Q1, 2026-01, 2026-W05 or 2026-01-31");
    return period;
  }

  void read_time(const TextRow& row, ParamRow& read) {
    const auto from = time(row, kFromColumn);
    const auto to = time(row, kToColumn);
    read.from = from ? from->first_day() : Date{-kAlways};
    read.to = to ? to->last_day() : Date{kAlways};
    if (read.to < read.from)
      report(cell(row, kToColumn)->where,
             "the value ends with " + to->text() + ", before it begins with " + from->text());
    read.validity = from && to ? from->text() + " to " + to->text()
                    : from     ? "from " + from->text()
                    : to       ? "to " + to->text()
                               : "always";
  }

  void order_rows() {
    for (std::size_t i = 0; i < table_.rows_.size(); ++i)
      table_.by_org_[table_.rows_[i].org].push_back(i);
    for (auto& [org, rows] : table_.by_org_)
      std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(table_.rows_[a].from, a) < std::pair(table_.rows_[b].from, b);
      });
  }

  void check_overlaps() {
    for (const auto& [org, rows] : table_.by_org_)
      for (std::size_t i = 1; i < rows.size(); ++i) {
        const ParamRow& before = table_.rows_[rows[i - 1]];
        const ParamRow& row = table_.rows_[rows[i]];
        if (before.to < row.from) continue;
        const bool later = before.where.line <= row.where.line;
        const ParamRow& first = later ? before : row;
        const ParamRow& second = later ? row : before;
        report(second.where,
               "org '" + org + "' has two values " +
                   days_text({row.from.days, std::min(before.to.days, row.to.days)}) + ": line " +
                   std::to_string(first.where.line) + " holds " + first.validity + ", this one " +
                   second.validity,
               "end the one before the other begins");
      }
  }

  /// The rows that an org falls back on, its own included.
  std::vector<Days> covered(const std::string& org) const {
    std::vector<Days> days;
    for (const std::string& name : table_.chain(org))
      if (const auto rows = table_.by_org_.find(name); rows != table_.by_org_.end())
        for (const std::size_t row : rows->second) days.push_back(days_of(table_.rows_[row]));
    return days;
  }

  /// Without a table of orgs nobody knows when an org begins and ends: only holes between its rows
  /// count.
  Days span_of(const std::string& org) const {
    Days span{kAlways, -kAlways};
    const bool is_known = table_.parents_.contains(org);
    for (const ParamRow& row : table_.rows_) {
      if (!is_known && row.org != org) continue;
      span.from = std::min(span.from, row.from.days);
      span.to = std::max(span.to, row.to.days);
    }
    return span;
  }

  void check_coverage() {
    std::map<std::string, std::vector<std::string>> without_rows;  // by the hole
    for (const auto& [org, parent] : table_.parents_)
      if (!table_.by_org_.contains(org))
        for (const Days& hole : holes_in(span_of(org), covered(org)))
          without_rows[days_text(hole)].push_back(org);
    for (const auto& [hole, orgs] : without_rows)
      report(text_->head.find("orgs").position(), missing_orgs(orgs) + " no value " + hole,
             "give them, a parent or org \"*\" one");
    for (const auto& [org, rows] : table_.by_org_)
      for (const Days& hole : holes_in(span_of(org), covered(org)))
        report(row_beside(rows, hole).where, "org '" + org + "' has no value " + days_text(hole),
               "close the gap, or give a parent or org \"*\" a value");
  }

  static std::string missing_orgs(const std::vector<std::string>& orgs) {
    constexpr std::size_t kShown = 3;
    std::string text = orgs.size() == 1 ? "org " : "orgs ";
    for (std::size_t i = 0; i < std::min(orgs.size(), kShown); ++i)
      text += (i == 0 ? "'" : ", '") + orgs[i] + "'";
    if (orgs.size() > kShown) text += " and " + std::to_string(orgs.size() - kShown) + " more";
    return text + (orgs.size() == 1 ? " has" : " have");
  }

  /// The last row before the hole, else the first behind it.
  const ParamRow& row_beside(const std::vector<std::size_t>& rows, const Days& hole) const {
    const ParamRow* beside = &table_.rows_[rows.front()];
    for (const std::size_t row : rows)
      if (table_.rows_[row].from.days < hole.from) beside = &table_.rows_[row];
    return *beside;
  }

  ParamTable& table_;
  int scale_;
  Diagnostics& diagnostics_;
  const TableText* text_ = nullptr;
};

std::shared_ptr<const ParamTable> ParamTable::read(const std::string& file, const std::string& text,
                                                   const FileTexts& files, int currency_scale,
                                                   Diagnostics& diagnostics) {
  auto table = std::make_shared<ParamTable>();
  table->file_ = file;
  table->text_ = text;
  table->name_ = std::filesystem::path(file).stem().string();
  Diagnostics found;
  found.add_source(file, std::make_shared<const std::string>(text));
  const auto read = read_table_text(file, text, found);
  if (read && !found.has_errors())
    ParamTableReader(*table, currency_scale, found).read(*read, files);
  diagnostics.add_all(found);
  return found.has_errors() ? nullptr : table;
}

std::vector<std::string> ParamTable::chain(std::string_view org) const {
  std::vector<std::string> names;
  for (std::string at(org); !at.empty();) {
    names.push_back(at);
    const auto above = parents_.find(at);
    at = above == parents_.end() ? "" : above->second;
  }
  names.emplace_back(kAnyOrg);
  return names;
}

/// Where a value changes on the way, neither is that of the period, and no fallback is meant.
const ParamRow* ParamTable::first_within(std::string_view org, const Period& period) const {
  for (const std::string& name : chain(org)) {
    const auto rows = by_org_.find(name);
    if (rows == by_org_.end()) continue;
    for (const std::size_t index : rows->second)
      if (rows_[index].from <= period.last_day() && period.first_day() <= rows_[index].to)
        return &rows_[index];
  }
  return nullptr;
}

const ParamRow* ParamTable::find(std::string_view org, const Period& period) const {
  const ParamRow* row = first_within(org, period);
  const bool holds =
      row != nullptr && row->from <= period.first_day() && period.last_day() <= row->to;
  return holds ? row : nullptr;
}

std::string ParamTable::missing(std::string_view org, const Period& period) const {
  std::string text = "no one value for org '" + std::string(org) + "' in " + period.text();
  if (const ParamRow* row = first_within(org, period))
    text += ": that of line " + std::to_string(row->where.line) + " holds " + row->validity;
  return text;
}

void ParamTable::check_period(const Period& period, Diagnostics& diagnostics) const {
  std::vector<std::string> orgs;
  for (const auto& [org, parent] : parents_) orgs.push_back(org);
  if (orgs.empty())
    for (const auto& [org, rows] : by_org_) orgs.push_back(org);
  std::vector<std::string> without;
  for (const std::string& org : orgs)
    if (find(org, period) == nullptr) without.push_back(org);
  // Which orgs there are is not known without their table: one that ended, say, is no fault.
  if (without.empty() || (parents_.empty() && without.size() < orgs.size())) return;
  diagnostics.error(
      {file_, 1, 1, 1}, "it has " + missing(without.front(), period),
      "give that org, a parent or org \"*\" a value that holds through all of " + period.text());
}

ParamTables read_param_tables(const FileTexts& files, int currency_scale,
                              Diagnostics& diagnostics) {
  ParamTables tables;
  for (const auto& [file, text] : files)
    if (file.starts_with("params/"))
      tables[std::filesystem::path(file).stem().string()] =
          ParamTable::read(file, text, files, currency_scale, diagnostics);
  return tables;
}

}  // namespace tallymill
