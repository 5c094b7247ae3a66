#include "core/time/cron_field.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>

#include "core/text.h"

namespace tallymill {

namespace {

using Mask = std::uint64_t;

/// One of the six fields, as people name it.
struct FieldSpec {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> words = {};  ///< words[i] means least + i
};

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays{"SUN", "MON", "TUE", "WED",
                                                    "THU", "FRI", "SAT"};
const std::array<FieldSpec, 6> kFields{{{"second", 0, 59},
                                        {"minute", 0, 59},
                                        {"hour", 0, 23},
                                        {"day", 1, 31},
                                        {"month", 1, 12, kMonths},
                                        {"weekday", 0, 7, kWeekdays}}};
constexpr int kSunday = 7;  ///< as the end of a range; else it is 0

constexpr Mask bit(int n) { return Mask{1} << n; }

std::optional<int> number(std::string_view text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  if (text.empty() || problem != std::errc() || rest != end || value < 0) return std::nullopt;
  return value;
}

bool is_word(std::string_view text, std::string_view word) {
  return text.size() == word.size() &&
         std::equal(text.begin(), text.end(), word.begin(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; });
}

/// Reads one field into its mask; the special forms of the day fields go to `fields`.
class FieldReader {
 public:
  FieldReader(CronField field, CronFields& fields, std::vector<TextProblem>& problems)
      : field_(field),
        spec_(kFields[static_cast<std::size_t>(field)]),
        fields_(fields),
        problems_(problems) {}

  Mask read(CronWord text) {
    Mask mask = 0;
    for (std::size_t begin = 0; begin <= text.text.size();) {
      const std::size_t end = std::min(text.text.find(',', begin), text.text.size());
      mask |= read_item(text.part(begin, end - begin));
      begin = end + 1;
    }
    return mask;
  }

 private:
  bool is_day_field() const { return field_ == CronField::day || field_ == CronField::weekday; }

  Mask fail(CronWord where, std::string message, std::string hint = {}) {
    problems_.push_back({where.offset, std::max<std::size_t>(1, where.text.size()),
                         std::move(message), std::move(hint)});
    return 0;
  }
  std::string quoted(CronWord word) const { return "'" + std::string(word.text) + "'"; }
  std::string subject() const { return std::string(spec_.name); }
  std::string range_text() const {
    std::string text = "from " + std::to_string(spec_.least) + " to " + std::to_string(spec_.most);
    if (spec_.words.empty()) return text;
    return text + ", or " + std::string(spec_.words.front()) + " to " +
           std::string(spec_.words.back());
  }

  Mask read_item(CronWord item) {
    if (item.empty())
      return fail(item, subject() + " has nothing where a value is expected",
                  "a list is values with ',' between them");
    if (item.text == "?")
      return is_day_field()
                 ? fail(item, "'?' must stand alone in " + subject())
                 : fail(item, subject() + " cannot be '?', only day and weekday can", "write '*'");
    if (field_ == CronField::day && read_special_day(item)) return 0;
    if (field_ == CronField::weekday && read_special_weekday(item)) return 0;
    return read_range(item);
  }

  /// `*`, `5`, `1-5`, each with an optional `/step`.
  Mask read_range(CronWord item) {
    const std::size_t slash = item.text.find('/');
    const bool has_step = slash != std::string_view::npos;
    std::optional<int> step = 1;
    if (has_step) step = read_step(item.part(slash + 1));
    const CronWord range = item.part(0, slash);
    const std::size_t dash = range.text.find('-');
    int first = spec_.least;
    int last = field_ == CronField::weekday ? 6 : spec_.most;
    if (range.text != "*") {
      const auto begin = read_value(range.part(0, dash), item);
      if (!begin) return 0;
      first = *begin;
      if (dash != std::string_view::npos) {
        const auto end = read_value(range.part(dash + 1), item);
        if (!end) return 0;
        last = *end;
        if (last == 0 && field_ == CronField::weekday && first > 0) last = kSunday;
      } else if (!has_step) {
        last = first;
      } else if (first == kSunday && field_ == CronField::weekday) {
        first = 0;
      }
      if (first > last) return backwards(range);
    }
    if (!step) return 0;
    Mask mask = 0;
    for (int value = first; value <= last; value += *step)
      mask |= bit(field_ == CronField::weekday ? value % 7 : value);
    return mask;
  }

  Mask backwards(CronWord range) {
    return fail(range, "range " + quoted(range) + " of " + subject() + " runs backwards",
                "write the smaller value first; for a range over the end write two, with ','");
  }

  std::optional<int> read_step(CronWord text) {
    const auto step = number(text.text);
    const int most = spec_.most - spec_.least;
    if (step && *step >= 1 && *step <= most) return step;
    fail(text,
         "step of " + subject() + " must be from 1 to " + std::to_string(most) + ", got " +
             quoted(text),
         step && *step > most ? "a longer step would only ever reach the first value" : "");
    return std::nullopt;
  }

  std::optional<int> read_value(CronWord text, CronWord item) {
    for (std::size_t i = 0; i < spec_.words.size(); ++i)
      if (is_word(text.text, spec_.words[i])) return spec_.least + static_cast<int>(i);
    const auto value = number(text.text);
    if (value && *value >= spec_.least && *value <= spec_.most) return value;
    std::vector<std::string> words(spec_.words.begin(), spec_.words.end());
    fail(text.empty() ? item : text,
         subject() + " must be " + range_text() + ", got " + quoted(text.empty() ? item : text),
         did_you_mean(text.text, words));
    return std::nullopt;
  }

  /// `L`, `L-3`, `LW`, `15W`. True if it is one of these, sound or not.
  bool read_special_day(CronWord item) {
    if (is_word(item.text, "L")) return fields_.days_before_last |= bit(0), true;
    if (is_word(item.text, "LW") || is_word(item.text, "WL"))
      return fields_.last_workday = true, true;
    if (item.text.size() > 2 && is_word(item.text.substr(0, 2), "L-")) {
      const auto back = number(item.text.substr(2));
      if (back && *back >= 1 && *back <= 30)
        fields_.days_before_last |= bit(*back);
      else
        fail(item,
             "'L-' takes the days before the month's last, from 1 to 30, got " + quoted(item));
      return true;
    }
    if (!is_word(item.text.substr(item.text.size() - 1), "W")) return false;
    const auto wanted = number(item.text.substr(0, item.text.size() - 1));
    if (wanted && *wanted >= 1 && *wanted <= 31)
      fields_.nearest_workdays |= bit(*wanted);
    else
      fail(item, "'W' takes one day from 1 to 31, as in 15W, got " + quoted(item));
    return true;
  }

  /// `5L`, `FRIL`, `6#3`, `SAT#3`. True if it is one of these, sound or not.
  bool read_special_weekday(CronWord item) {
    if (is_word(item.text, "L"))
      return fail(item, "weekday cannot be 'L' alone", "write 5L for the month's last Friday"),
             true;
    if (const std::size_t sign = item.text.find('#'); sign != std::string_view::npos) {
      const auto weekday = read_value(item.part(0, sign), item);
      const auto nth = number(item.text.substr(sign + 1));
      if (!nth || *nth < 1 || *nth > 5)
        fail(item.part(sign + 1),
             "'#' takes which one of the month, from 1 to 5, got " + quoted(item));
      else if (weekday)
        fields_.nth_weekdays[static_cast<std::size_t>(*weekday % 7)] |= bit(*nth);
      return true;
    }
    if (!is_word(item.text.substr(item.text.size() - 1), "L")) return false;
    if (const auto weekday = read_value(item.part(0, item.text.size() - 1), item))
      fields_.last_weekdays |= bit(*weekday % 7);
    return true;
  }

  CronField field_;
  const FieldSpec& spec_;
  CronFields& fields_;
  std::vector<TextProblem>& problems_;
};

}  // namespace

std::uint64_t read_cron_field(CronField field, CronWord text, CronFields& fields,
                              std::vector<TextProblem>& problems) {
  return FieldReader(field, fields, problems).read(text);
}

}  // namespace tallymill
