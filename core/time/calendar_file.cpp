#include "core/time/calendar_file.h"

#include <algorithm>

#include "core/text.h"
#include "core/yaml.h"

namespace tallymill {

namespace {

constexpr std::array<std::string_view, 7> kWeekdays{"monday", "tuesday",  "wednesday", "thursday",
                                                    "friday", "saturday", "sunday"};
constexpr std::string_view kNoHolidays = "no_holidays";
constexpr int kMostDaysOfRange = 366;

OptionSpec days_option(const std::string& name, const std::string& summary) {
  return {.name = name,
          .kind = OptionKind::either,
          .summary = summary,
          .fields = {{.name = name, .kind = OptionKind::map, .fields = {{.name = ""}}},
                     {.name = name, .kind = OptionKind::list, .fields = {{.name = ""}}}}};
}

/// `2019-01-01`, or `2019-02-04..2019-02-10`.
struct Days {
  Date first;
  Date last;
};

std::optional<Days> parse_days(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto first = parse_date(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_date(text.substr(dots + 2));
  if (!first || !last) return std::nullopt;
  return Days{first.value, last.value};
}

std::string words(Calendar::DayKind kind) {
  return kind == Calendar::DayKind::holiday ? "a holiday" : "a work day";
}

/// Fills one calendar from its files, in the order given.
class CalendarReader {
 public:
  CalendarReader(Calendar& calendar, Diagnostics& diagnostics)
      : calendar_(calendar), diagnostics_(diagnostics) {}

  void read(const CalendarText& source, bool is_main) {
    const auto document = YamlDocument::parse(source.file, source.text, diagnostics_);
    if (!document) return;
    const YamlNode root = document->root();
    if (!root.is_mapping()) {
      diagnostics_.error(root.is_null() ? SourcePosition{source.file, 1, 1} : root.position(),
                         "a calendar must be a mapping, got " + std::string(root.kind_name()),
                         "start with 'calendar: " + calendar_.name() + "'");
      return;
    }
    validate_options(root, calendar_options(), "calendar", diagnostics_);
    read_name(root.find("calendar"));
    read_week(root, is_main);
    if (const YamlNode years = root.find("years"); years.is_mapping()) {
      if (years_.line == 0) years_ = years.position();
      for (std::size_t i = 0; i < years.size(); ++i) read_year(years.key(i), years[i]);
    }
  }

  void check_years() {
    const std::set<int>& years = calendar_.years();
    if (calendar_.knows_every_year() || years.empty()) return;
    for (int year = *years.begin(); year < *years.rbegin(); ++year)
      if (!years.contains(year))
        diagnostics_.warning(years_,
                             "calendar '" + calendar_.name() + "' has no data for " +
                                 std::to_string(year) + " (it has " + calendar_.years_text() + ")",
                             "asking for a work day of that year will be an error");
  }

 private:
  void read_name(YamlNode node) {
    if (node.is_scalar() && node.text() != calendar_.name())
      diagnostics_.error(node.position(),
                         "calendar '" + std::string(node.text()) + "' stands in a file of '" +
                             calendar_.name() + "'",
                         "write 'calendar: " + calendar_.name() + "', or rename the file");
  }

  void read_week(YamlNode root, bool is_main) {
    if (!is_main) {
      for (const char* key : {"weekend", "unlisted_years"})
        if (const YamlNode node = root.find(key))
          diagnostics_.error(node.position(),
                             "option '" + std::string(key) + "' is for the whole calendar",
                             "move it to calendars/" + calendar_.name() + ".yaml");
      return;
    }
    if (root.find("unlisted_years").text() == kNoHolidays) calendar_.know_every_year();
    const YamlNode weekend = root.find("weekend");
    if (!weekend.is_sequence()) return;
    std::array<bool, 7> is_weekend{};
    for (std::size_t i = 0; i < weekend.size(); ++i) {
      const auto* const found = std::find(kWeekdays.begin(), kWeekdays.end(), weekend[i].text());
      if (found != kWeekdays.end())
        is_weekend[static_cast<std::size_t>(found - kWeekdays.begin())] = true;
    }
    calendar_.set_weekend(is_weekend);
  }

  void read_year(YamlNode key, YamlNode body) {
    const auto year = key.as_integer();
    if (!year || *year < 1 || *year > 9999) {
      diagnostics_.error(key.position(),
                         "a year must be from 1 to 9999, got '" + std::string(key.text()) + "'");
      return;
    }
    const int number = static_cast<int>(*year);
    if (calendar_.years().contains(number)) {
      diagnostics_.error(key.position(), "the year " + std::to_string(number) + " stands twice",
                         "keep its days in one place");
      return;
    }
    calendar_.add_year(number);
    read_kind(number, body.find("holidays"), Calendar::DayKind::holiday);
    read_kind(number, body.find("workdays"), Calendar::DayKind::workday);
  }

  void read_kind(int year, YamlNode days, Calendar::DayKind kind) {
    for (std::size_t i = 0; i < days.size(); ++i) {
      if (days.is_mapping())
        read_days(year, days.key(i), {kind, std::string(days[i].text())});
      else if (days.is_sequence())
        read_days(year, days[i], {kind, {}});
    }
  }

  void read_days(int year, YamlNode node, const Calendar::SpecialDay& special) {
    const auto days = parse_days(node.text());
    if (!days || days->last < days->first ||
        days->last.days - days->first.days >= kMostDaysOfRange) {
      diagnostics_.error(node.position(),
                         "a day must be a date or two with '..' between them, got '" +
                             std::string(node.text()) + "'",
                         "write 2019-01-01 or 2019-02-04..2019-02-10");
      return;
    }
    if (days->first.year() < year - 1 || days->last.year() > year + 1) {
      diagnostics_.error(node.position(), "'" + std::string(node.text()) +
                                              "' is far from the year " + std::to_string(year) +
                                              " it stands under");
      return;
    }
    for (Date day = days->first; day <= days->last; ++day.days) add(node, day, special);
  }

  void add(YamlNode node, Date day, const Calendar::SpecialDay& special) {
    const Calendar::SpecialDay* known = calendar_.special(day);
    if (known && known->kind != special.kind)
      diagnostics_.error(node.position(),
                         day.text() + " is called " + words(special.kind) + " here and " +
                             words(known->kind) + " elsewhere",
                         "keep the one that holds");
    if (special.kind == Calendar::DayKind::workday && !known && !calendar_.is_weekend(day))
      diagnostics_.warning(node.position(),
                           day.text() + " is no day of the weekend, so it is worked anyway");
    calendar_.add(day, special);
  }

  Calendar& calendar_;
  Diagnostics& diagnostics_;
  SourcePosition years_;
};

}  // namespace

std::string calendar_name(const std::string& file_name) {
  constexpr std::string_view kEnding = ".yaml";
  if (!file_name.ends_with(kEnding)) return {};
  std::vector<std::string> parts =
      split(std::string_view(file_name).substr(0, file_name.size() - kEnding.size()), '.');
  if (parts.size() > 2 || parts.back().empty()) return {};
  return is_identifier(parts[0]) ? parts[0] : std::string();
}

const std::vector<OptionSpec>& calendar_options() {
  static const std::vector<OptionSpec> options = [] {
    const std::vector<std::string> weekdays(kWeekdays.begin(), kWeekdays.end());
    std::vector<OptionSpec> all{
        {.name = "calendar",
         .kind = OptionKind::name,
         .summary = "The calendar's name, equal to the file's.",
         .required = true},
        {.name = "description", .summary = "Whose days these are, and where they come from."},
        {.name = "weekend",
         .kind = OptionKind::list,
         .summary = "The weekdays off.",
         .default_text = "[saturday, sunday]",
         .fields = {{.name = "", .kind = OptionKind::choice, .choices = weekdays}}},
        {.name = "unlisted_years",
         .kind = OptionKind::choice,
         .summary = "What a year without data is: an error, or weekends without holidays.",
         .default_text = "unknown",
         .choices = {"unknown", std::string(kNoHolidays)}},
        {.name = "years",
         .kind = OptionKind::map,
         .summary = "The days that differ from the week, by year.",
         .fields = {{.name = "", .kind = OptionKind::object, .fields = calendar_year_options()}}},
    };
    return all;
  }();
  return options;
}

const std::vector<OptionSpec>& calendar_year_options() {
  static const std::vector<OptionSpec> options{
      {.name = "source",
       .kind = OptionKind::either,
       .summary = "Where these days were announced.",
       .fields = {{.name = "source"},
                  {.name = "source", .kind = OptionKind::list, .fields = {{.name = ""}}}}},
      days_option("holidays", "Days off: `2019-02-04..2019-02-10: name`, or a list of days."),
      days_option("workdays", "Days of a weekend that are worked, in the same form."),
  };
  return options;
}

std::shared_ptr<const Calendar> read_calendar(const std::string& name,
                                              std::span<const CalendarText> files,
                                              Diagnostics& diagnostics) {
  auto calendar = std::make_shared<Calendar>(name);
  CalendarReader reader(*calendar, diagnostics);
  for (const CalendarText& file : files)
    reader.read(file, file.file.ends_with("/" + name + ".yaml") || file.file == name + ".yaml");
  reader.check_years();
  return calendar;
}

}  // namespace tallymill
