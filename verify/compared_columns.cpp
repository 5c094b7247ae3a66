#include "verify/compared_columns.h"

#include <algorithm>

#include "core/csv_table.h"
#include "core/time/calendar_file.h"

namespace tallymill::verify {
namespace {

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

using Meanings = std::map<std::string, std::string, std::less<>>;

std::size_t place_of(const std::vector<std::string>& columns, const std::string& name) {
  return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) -
                                  columns.begin());
}

/// The table of equivalent values, from the file the run pinned.
std::shared_ptr<const Meanings> read_meanings(const RecordedJob& job, const std::string& name) {
  const std::string path = "tables/" + name + ".csv";
  const auto text = job.files.find(path);
  if (text == job.files.end()) return nullptr;
  Diagnostics diagnostics;
  const CsvTable table = read_csv_table(path, text->second, diagnostics);
  const std::size_t left = place_of(table.columns, "left");
  const std::size_t right = place_of(table.columns, "right");
  if (diagnostics.has_errors() || std::max(left, right) >= table.columns.size()) return nullptr;
  Meanings meanings;
  for (const std::vector<std::string>& row : table.rows) meanings.emplace(row[left], row[right]);
  return std::make_shared<const Meanings>(std::move(meanings));
}

std::shared_ptr<const Calendar> read_pinned_calendar(const RecordedJob& job) {
  const std::string name = job.options.text("calendar");
  const std::string path = "calendars/" + name + ".yaml";
  const auto text = job.files.find(path);
  if (text == job.files.end()) return nullptr;
  Diagnostics diagnostics;
  const std::vector<CalendarText> files{{path, text->second}};
  auto calendar = read_calendar(name, files, diagnostics);
  return diagnostics.has_errors() ? nullptr : calendar;
}

ComparedColumn::Kind kind_of(const Type& type) {
  if (type.is_decimal() || type.kind == TypeKind::integer) return ComparedColumn::Kind::number;
  if (type.kind == TypeKind::date || type.kind == TypeKind::timestamp)
    return ComparedColumn::Kind::day;
  return ComparedColumn::Kind::other;
}

bool is_text(const Type& type) {
  return type.kind == TypeKind::text || type.kind == TypeKind::enumeration;
}

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

}  // namespace

void append_value(const ComparedValue& value, std::string& bytes) {
  bytes += value.is_missing ? 'n' : 'v';
  if (value.is_missing) return;
  bytes.append(reinterpret_cast<const char*>(&value.number), sizeof(value.number));
  const std::uint64_t size = value.text.size();
  bytes.append(reinterpret_cast<const char*>(&size), sizeof(size));
  bytes += value.text;
}

std::optional<ComparedColumn> ComparedColumn::read(const RecordedJob& job, const Options& entry,
                                                   const Schema& breaks, std::string& unknown) {
  ComparedColumn column;
  column.name_ = entry.text("column");
  column.columns_ = {column.name_, entry.text("right", column.name_)};
  const Column* shape = breaks.find("left_" + column.name_);
  if (shape == nullptr) {
    unknown = "breaks do not have what is compared, '" + column.name_ + "'";
    return std::nullopt;
  }
  column.type_ = shape->type;
  column.kind_ = kind_of(shape->type);
  column.is_sensitive_ = shape->sensitive;
  if (entry.has("days")) column.days_ = entry.integer("days");
  if (entry.has("working_days")) {
    column.days_ = entry.integer("working_days");
    column.calendar_ = read_pinned_calendar(job);
    if (!column.calendar_) unknown = "the run did not keep the calendar of '" + column.name_ + "'";
  }
  if (entry.has("map")) {
    column.meanings_ = read_meanings(job, entry.text("map"));
    if (!column.meanings_)
      unknown = "the run did not keep table '" + entry.text("map") + "' of '" + column.name_ + "'";
  }
  const auto factor = Factor::read(job, entry);
  const auto tolerance =
      Tolerance::read(job, entry.has("tolerance") ? entry.node("tolerance") : YamlNode(),
                      column.type_.is_decimal() ? column.type_.scale : 0);
  if (!factor || !tolerance) unknown = "a parameter of '" + column.name_ + "' that is not known";
  if (!unknown.empty()) return std::nullopt;
  column.factor_ = *factor;
  column.tolerance_ = *tolerance;
  return column;
}

std::string ComparedColumn::misfit(const Type& type, std::size_t side) const {
  if (kind_of(type) != kind_) return "'" + columns_[side] + "' is " + type.name();
  const int digits = side == 1 ? factor_.digits : 0;
  if (kind_ == Kind::number && type.scale + digits > type_.scale)
    return "'" + columns_[side] + "' has more digits than the breaks";
  return {};
}

ComparedValue ComparedColumn::value(const Row& row, std::size_t place, const Type& type,
                                    std::size_t side) const {
  ComparedValue value = told(row, place, type);
  if (value.is_missing) return value;
  if (kind_ == Kind::number) {
    const Factor factor = side == 1 ? factor_ : Factor();
    value.number *= factor.to_scale(type.scale, type_.scale);
  } else if (side == 0 && meanings_) {
    if (const auto meaning = meanings_->find(value.text); meaning != meanings_->end())
      value.text = meaning->second;
  }
  return value;
}

ComparedValue ComparedColumn::told(const Row& row, std::size_t place, const Type& type) {
  if (row.is_null(place)) return {};
  if (is_text(type)) return {.is_missing = false, .text = std::string(row.text(place))};
  return {.is_missing = false, .number = row.units(place)};
}

std::int64_t ComparedColumn::days_between(const ComparedValue& left,
                                          const ComparedValue& right) const {
  const auto day = [&](const ComparedValue& value) {
    auto number = static_cast<std::int64_t>(value.number);
    if (type_.kind == TypeKind::timestamp)
      number = number / kMicrosPerDay - (number % kMicrosPerDay < 0 ? 1 : 0);
    return Date{static_cast<std::int32_t>(number)};
  };
  const Date first = std::min(day(left), day(right));
  const Date last = std::max(day(left), day(right));
  if (calendar_) return calendar_->workdays_between(first, last);
  return std::int64_t{last.days} - first.days;
}

bool ComparedColumn::differs(const ComparedValue& left, const ComparedValue& right) const {
  if (left == right) return false;
  if (left.is_missing || right.is_missing) return true;
  switch (kind_) {
    case Kind::number:
      return magnitude(left.number - right.number) > tolerance_.allowed(left.number, right.number);
    case Kind::day:
      return !days_ || days_between(left, right) > *days_;
    case Kind::other:
      break;
  }
  return true;
}

std::string ComparedColumn::distance(const ComparedValue& left, const ComparedValue& right) const {
  if (is_sensitive_) return "differs";
  if (left.is_missing || right.is_missing) return "missing";
  switch (kind_) {
    case Kind::number:
      return format_decimal(magnitude(left.number - right.number), type_.scale);
    case Kind::day:
      return std::to_string(days_between(left, right)) + (calendar_ ? " work days" : " days");
    case Kind::other:
      break;
  }
  return "differs";
}

std::string ComparedColumn::shown(const ComparedValue& value) const {
  if (is_sensitive_) return std::string(kMaskedValue);
  if (value.is_missing) return "(none)";
  if (is_text(type_)) return value.text;
  return plain_text(value.number, type_);
}

}  // namespace tallymill::verify
