#include "core/time/day_rule.h"

#include <array>
#include <charconv>

#include "core/text.h"

namespace tallymill {

struct DayRule::Name {
  std::string_view text;
  Kind kind;
  int number = 0;  ///< with none given
  bool takes_nth = false;
  bool takes_unit = false;
  bool takes_day = false;
};

namespace {

constexpr int kMonthEnd = 31;  ///< moved to the last day of shorter months

/// A call taken apart: name(argument, ...), each with its place.
struct Part {
  std::string_view text;
  std::size_t offset = 0;
};
struct Call {
  Part name;
  std::vector<Part> arguments;
  bool is_sound = true;
};

Part trimmed(Part part) {
  const std::size_t begin = part.text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {part.text.substr(0, 0), part.offset};
  return {trim(part.text), part.offset + begin};
}

Call take_apart(std::string_view text) {
  const Part whole = trimmed({text, 0});
  const std::size_t open = whole.text.find('(');
  Call call{trimmed({whole.text.substr(0, open), whole.offset}), {}, true};
  if (open == std::string_view::npos) return call;
  call.is_sound = whole.text.ends_with(')');
  if (!call.is_sound) return call;
  const Part inside{whole.text.substr(open + 1, whole.text.size() - open - 2),
                    whole.offset + open + 1};
  for (std::size_t begin = 0; begin <= inside.text.size();) {
    const std::size_t end = std::min(inside.text.find(',', begin), inside.text.size());
    call.arguments.push_back(
        trimmed({inside.text.substr(begin, end - begin), inside.offset + begin}));
    begin = end + 1;
  }
  if (call.arguments.size() == 1 && call.arguments[0].text.empty()) call.arguments.clear();
  return call;
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  if (text.empty() || problem != std::errc() || rest != end) return std::nullopt;
  return value;
}

/// The most work days a unit can have.
int most_days(PeriodKind unit) {
  switch (unit) {
    case PeriodKind::week:
      return 7;
    case PeriodKind::month:
      return 31;
    case PeriodKind::quarter:
      return 92;
    default:
      return 366;
  }
}

std::string quoted(Part part) { return "'" + std::string(part.text) + "'"; }

}  // namespace

/// Reads one rule; every step says whether it found what it needs, and reports what it did not.
class DayRule::Reader {
 public:
  explicit Reader(std::vector<TextProblem>& problems) : problems_(problems) {}

  std::optional<DayRule> read(std::string_view text) {
    const Call call = take_apart(text);
    const Name* name = find(call.name);
    if (name == nullptr) return std::nullopt;
    rule_.kind_ = name->kind;
    rule_.number_ = name->number;
    const bool is_sound =
        (call.is_sound || fail({text, 0}, "'(' is not closed in " + quoted({text, 0}))) &&
        read_arguments(*name, call, {text, 0});
    return is_sound ? std::optional(rule_) : std::nullopt;
  }

 private:
  bool fail(Part where, std::string message, std::string hint = {}) {
    problems_.push_back({where.offset, std::max<std::size_t>(1, where.text.size()),
                         std::move(message), std::move(hint)});
    return false;
  }

  const Name* find(Part text) {
    static const std::array<Name, 8> kNames{{
        {.text = "every_day", .kind = Kind::every_day},
        {.text = "workdays", .kind = Kind::workdays},
        {.text = "days_off", .kind = Kind::days_off},
        {.text = "month_end", .kind = Kind::month_end},
        {.text = "nth_workday", .kind = Kind::nth_workday, .takes_nth = true, .takes_unit = true},
        {.text = "last_workday", .kind = Kind::nth_workday, .number = -1, .takes_unit = true},
        {.text = "roll_forward", .kind = Kind::roll_forward, .takes_day = true},
        {.text = "roll_back", .kind = Kind::roll_back, .takes_day = true},
    }};
    std::vector<std::string> names;
    for (const Name& name : kNames) {
      if (name.text == text.text) return &name;
      names.emplace_back(name.text);
    }
    const std::string meant = did_you_mean(text.text, names);
    fail(text, "unknown rule for days " + quoted(text),
         meant.empty() ? "the rules are " + join(names, ", ") : meant);
    return nullptr;
  }

  bool read_arguments(const Name& name, const Call& call, Part whole) {
    const std::size_t least = name.takes_nth || name.takes_day ? 1 : 0;
    const std::size_t most = least + (name.takes_unit ? 1 : 0);
    const std::size_t count = call.arguments.size();
    if (count < least || count > most)
      return fail(whole,
                  std::string(name.text) + " takes " +
                      (least == most ? std::to_string(most)
                                     : std::to_string(least) + " or " + std::to_string(most)) +
                      " in brackets, got " + std::to_string(count),
                  name.takes_nth   ? "write e.g. nth_workday(3)"
                  : name.takes_day ? "write e.g. " + std::string(name.text) + "(15)"
                                   : "");
    if (count > least && !read_unit(call.arguments.back())) return false;
    if (name.takes_nth) return read_nth(call.arguments[0]);
    return !name.takes_day || read_day(call.arguments[0]);
  }

  bool read_unit(Part text) {
    const auto unit = period_kind_from(text.text);
    if (!unit || *unit == PeriodKind::day)
      return fail(text, "the unit must be one of week, month, quarter, year, got " + quoted(text));
    rule_.unit_ = *unit;
    return true;
  }

  bool read_nth(Part text) {
    const auto number = whole_number(text.text);
    const int most = most_days(rule_.unit_);
    const std::string limit = std::to_string(most);
    if (!number || *number == 0 || *number < -most || *number > most)
      return fail(text, "which work day of the " + std::string(to_string(rule_.unit_)) +
                            " must be from 1 to " + limit + ", or from -1 to -" + limit +
                            " counted from its end, got " + quoted(text));
    rule_.number_ = *number;
    return true;
  }

  bool read_day(Part text) {
    const auto number = text.text == "month_end" ? kMonthEnd : whole_number(text.text);
    if (!number || *number < 1 || *number > kMonthEnd)
      return fail(text, "the day must be from 1 to 31, or month_end, got " + quoted(text));
    rule_.number_ = *number;
    return true;
  }

  DayRule rule_;
  std::vector<TextProblem>& problems_;
};

std::optional<DayRule> DayRule::parse(std::string_view text, std::vector<TextProblem>& problems) {
  return Reader(problems).read(text);
}

bool DayRule::needs_calendar() const {
  return kind_ != Kind::every_day && kind_ != Kind::month_end;
}

std::optional<Date> DayRule::day_in(const Period& unit, const Calendar* calendar) const {
  if (kind_ == Kind::month_end) return unit.last_day();
  if (kind_ == Kind::nth_workday)
    return calendar->nth_workday(unit.first_day(), unit.last_day(), number_);
  const Date day{std::min(unit.first_day().days + number_ - 1, unit.last_day().days)};
  return kind_ == Kind::roll_forward ? calendar->roll_forward(day) : calendar->roll_back(day);
}

std::optional<Date> DayRule::next(Date day, const Calendar* calendar) const {
  if (kind_ == Kind::every_day) return day;
  const Date end{day.days + kPatienceYears * 366};
  if (kind_ == Kind::workdays || kind_ == Kind::days_off) {
    for (; day < end; ++day.days)
      if (calendar->is_workday(day) == (kind_ == Kind::workdays)) return day;
    return std::nullopt;
  }
  Period unit = Period::containing(unit_, day);
  // A late day rolled forward may lie in the month after: the search begins a month early.
  if (kind_ == Kind::roll_forward && number_ > kMonthEnd / 2) unit = unit.next(-1);
  for (; unit.first_day() < end; unit = unit.next())
    if (const auto found = day_in(unit, calendar); found && *found >= day) return found;
  return std::nullopt;
}

}  // namespace tallymill
