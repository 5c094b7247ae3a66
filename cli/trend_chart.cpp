#include "cli/trend_chart.h"

#include <algorithm>
#include <array>
#include <set>

#include "cli/sheet.h"
#include "core/money.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::size_t kMostPeriods = 12;
constexpr int kMostRuns = 2'000;
constexpr int kHeight = 80;
constexpr int kBar = 34;
constexpr int kStep = 46;

/// What ledgers of all kinds of jobs call rows that failed; the last three are those of breaks.
constexpr std::array<std::string_view, 6> kFailedClasses{"failed", "rejected",  "parked",
                                                         "amount", "left_only", "right_only"};

std::int64_t failed_rows(const json::object& ledger) {
  std::int64_t failed = 0;
  const json::value* out = ledger.if_contains("out");
  if (out == nullptr) return 0;
  for (const json::value& entry : out->as_array()) {
    const std::string name = json_text(entry.as_object(), "name");
    if (std::find(kFailedClasses.begin(), kFailedClasses.end(), name) != kFailedClasses.end())
      failed += json_integer(entry.as_object(), "rows");
  }
  return failed;
}

/// The last periods of the graph before that of the run, ascending.
std::set<std::string> periods_before(StoreView& store, const RunRecord& run) {
  std::set<std::string> periods;
  for (const RunRecord& other : store.runs(run.graph, kMostRuns))
    if (other.period < run.period) periods.insert(other.period);
  while (periods.size() >= kMostPeriods) periods.erase(periods.begin());
  return periods;
}

std::string number(std::int64_t value) { return std::to_string(value); }

std::string rect(std::int64_t x, std::int64_t y, std::int64_t height, const char* color) {
  return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(kBar) +
         "\" height=\"" + number(height) + "\" fill=\"" + color + "\"/>";
}

/// At least a line where there is something.
std::int64_t height_of(std::int64_t rows, std::int64_t most) {
  if (rows == 0) return 0;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(Int128{rows} * kHeight / most));
}

}  // namespace

Trend::Trend(StoreView& store, const RunRecord& run) : period_(run.period) {
  for (const std::string& period : periods_before(store, run))
    for (const ResultRecord& result : store.results(run.graph, period))
      if (!result.ledger.empty())
        earlier_[result.job].push_back(
            {period, result.rows_in, failed_rows(parse_json(result.ledger, "ledger").as_object())});
}

std::vector<TrendPoint> Trend::points(const json::object& job) const {
  std::vector<TrendPoint> points;
  if (const auto earlier = earlier_.find(json_text(job, "job")); earlier != earlier_.end())
    points = earlier->second;
  const json::object* rows = json_at(job, "rows").if_object();
  const json::object* books = json_at(job, "books").if_object();
  if (rows != nullptr)
    points.push_back({period_, json_integer(*rows, "in"), books ? failed_rows(*books) : 0});
  return points;
}

std::string trend_chart(const std::vector<TrendPoint>& points) {
  std::int64_t most = 0;
  for (const TrendPoint& point : points) most = std::max(most, point.rows);
  if (points.size() < 2 || most == 0) return {};
  const auto width = static_cast<std::int64_t>(points.size()) * kStep;
  std::string svg = "<svg role=\"img\" aria-label=\"rows by period, failed ones in red\" width=\"" +
                    number(width) + "\" height=\"" + number(kHeight + 20) + "\" viewBox=\"0 0 " +
                    number(width) + " " + number(kHeight + 20) + "\">";
  for (std::size_t i = 0; i < points.size(); ++i) {
    const TrendPoint& point = points[i];
    const std::int64_t x = static_cast<std::int64_t>(i) * kStep;
    const std::int64_t height = height_of(point.rows, most);
    const std::int64_t failed = height_of(std::min(point.failed, point.rows), most);
    svg += "<g><title>" +
           html_escaped(point.period + ": " + group_digits(point.rows) + " rows, " +
                        group_digits(point.failed) + " failed") +
           "</title>" + rect(x, kHeight - height, height - failed, "#9db4c8") +
           rect(x, kHeight - failed, failed, "#a4161a") + "<text x=\"" + number(x + kBar / 2) +
           "\" y=\"" + number(kHeight + 14) + "\" font-size=\"9\" text-anchor=\"middle\">" +
           html_escaped(point.period) + "</text></g>";
  }
  return svg + "</svg>\n";
}

}  // namespace tallymill
