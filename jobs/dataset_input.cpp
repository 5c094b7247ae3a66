#include "jobs/dataset_input.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::string_view kLast = "last(";
constexpr int kMostPeriods = 1000;

/// n of "last(n)".
std::optional<int> count_of(std::string_view text) {
  if (!text.starts_with(kLast) || !text.ends_with(')')) return std::nullopt;
  const std::string_view digits = text.substr(kLast.size(), text.size() - kLast.size() - 1);
  int count = 0;
  const auto [rest, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (problem != std::errc() || rest != digits.data() + digits.size()) return std::nullopt;
  if (count < 1 || count > kMostPeriods) return std::nullopt;
  return count;
}

WhenMissing missing_of(std::string_view word) {
  if (word == "fail") return WhenMissing::fail;
  return word == "empty" ? WhenMissing::empty : WhenMissing::wait;
}

bool means_the_same(const DatasetUse& a, const DatasetUse& b) {
  return a.dataset == b.dataset && a.period == b.period && a.periods == b.periods &&
         a.missing == b.missing;
}

OptionSpec described_input(std::string name, std::string summary) {
  OptionSpec described{
      .name = std::move(name), .kind = OptionKind::object, .summary = std::move(summary)};
  described.fields = {
      {.name = "dataset", .kind = OptionKind::name, .summary = "The dataset.", .required = true}};
  for (OptionSpec& option : period_options()) described.fields.push_back(std::move(option));
  return described;
}

}  // namespace

std::vector<OptionSpec> period_options() {
  return {{.name = "period",
           .kind = OptionKind::text,
           .summary = "Of which period, reckoned from the run's: add_months(period, -1).",
           .default_text = "the run's own"},
          {.name = "periods",
           .kind = OptionKind::text,
           .summary = "last(n): so many periods together, up to and including that one."},
          {.name = "missing",
           .kind = OptionKind::choice,
           .summary = "What a version that nobody has made means: wait for it, fail, or read no "
                      "rows in its place.",
           .default_text = "wait",
           .choices = {"wait", "fail", "empty"}},
          {.name = "as",
           .kind = OptionKind::name,
           .summary = "What the job calls it, where it reads a dataset of several periods.",
           .default_text = "the dataset's name"}};
}

OptionSpec into_option(const std::string& summary) {
  return {.name = "into", .kind = OptionKind::name, .summary = summary, .required = true};
}

OptionSpec input_option(const std::string& name, const std::string& summary, bool required) {
  OptionSpec option{
      .name = name, .kind = OptionKind::either, .summary = summary, .required = required};
  option.fields = {{.name = name, .kind = OptionKind::name, .summary = "A dataset."},
                   described_input(name, "A dataset and of which periods.")};
  return option;
}

OptionSpec input_element() { return input_option("dataset", "A dataset.", false); }

void read_periods(YamlNode node, DatasetUse& use, Diagnostics& diagnostics) {
  use.as = node.find("as").text();
  if (const YamlNode period = node.find("period"); period.is_scalar()) {
    use.period = period.text();
    use.period_where = period.position();
  }
  use.missing = missing_of(node.find("missing").text());
  const YamlNode periods = node.find("periods");
  if (!periods.is_scalar()) return;
  if (const auto count = count_of(periods.text()))
    use.periods = *count;
  else
    diagnostics.error(periods.position(),
                      "option 'periods' must be last(n), got '" + std::string(periods.text()) + "'",
                      "n is from 1 to 1000; last(6) is the run's period and the five before it");
}

DatasetUse read_input(YamlNode node, Diagnostics& diagnostics) {
  if (node.is_scalar()) return {std::string(node.text()), node.position()};
  const YamlNode dataset = node.find("dataset");
  DatasetUse use{std::string(dataset.text()), dataset ? dataset.position() : node.position()};
  read_periods(node, use, diagnostics);
  return use;
}

std::string input_name(YamlNode node) {
  if (node.is_scalar()) return std::string(node.text());
  const YamlNode as = node.find("as");
  return std::string(as ? as.text() : node.find("dataset").text());
}

void add_input(DatasetUse use, JobShape& shape, Diagnostics& diagnostics) {
  if (use.dataset.empty()) return;
  const auto same =
      std::find_if(shape.inputs.begin(), shape.inputs.end(),
                   [&](const DatasetUse& known) { return known.name() == use.name(); });
  if (same == shape.inputs.end()) {
    shape.inputs.push_back(std::move(use));
  } else if (!means_the_same(*same, use)) {
    diagnostics.error(use.where, "the job reads two inputs called '" + use.name() + "'",
                      "give one of them a name of its own with 'as:'");
  }
}

}  // namespace tallymill
