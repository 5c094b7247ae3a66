#include "verify/sides.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "verify/hash_index.h"

namespace tallymill::verify {
namespace {

constexpr int kRatioScale = 9;
constexpr int kWidestScale = 18;
constexpr int kMostFactorDigits = 9;

Int128 power_of_ten(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// A decimal without zeros at its end.
std::string shortest(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

std::optional<Int128> number_of_text(const RecordedJob& job, const std::string& text, int scale) {
  std::string value = text;
  if (text.starts_with("param(") && text.ends_with(")")) {
    const std::string name(trim(std::string_view(text).substr(6, text.size() - 7)));
    const auto param = job.params.find(name);
    if (param == job.params.end()) return std::nullopt;
    value = param->second.value;
  }
  const auto parsed = parse_decimal(value, 38, scale, true);
  return parsed ? std::optional(parsed.value) : std::nullopt;
}

std::optional<Factor> Factor::read(const RecordedJob& job, const Options& options) {
  Factor factor;
  if (options.has("factor")) {
    // Of a parameter the digits are those of its value.
    for (factor.digits = 0; factor.digits <= kMostFactorDigits; ++factor.digits)
      if (const auto units = number_of_text(job, options.text("factor"), factor.digits)) {
        factor.units = *units;
        break;
      }
    if (factor.digits > kMostFactorDigits) return std::nullopt;
  }
  if (options.boolean("negate")) factor.units = -factor.units;
  return factor;
}

Int128 Factor::to_scale(int from, int to) const { return units * power_of_ten(to - from - digits); }

UInt128 key_hash(const Row& row, const std::vector<Column>& columns, std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const Type& type = columns[i].type;
    const bool is_number = type.is_decimal() || type.kind == TypeKind::integer;
    if (row.is_null(i) || !is_number || type.scale > kWidestScale) {
      row.encode(i, bytes);
      continue;
    }
    Int128 value = 0;
    // Whether it fits depends on the value alone, so the other side's does not fit either.
    if (__builtin_mul_overflow(row.units(i), power_of_ten(kWidestScale - type.scale), &value)) {
      bytes += 'w' + shortest(format_decimal(row.units(i), type.scale));
      continue;
    }
    bytes += 'v';
    for (int byte = 0; byte < 16; ++byte)
      bytes +=
          static_cast<char>(static_cast<std::uint8_t>(static_cast<UInt128>(value) >> (8 * byte)));
  }
  return number_of(xxh3_128(bytes));
}

Side::Side(const RecordedJob& job, std::string which, Options options, int scale)
    : job_(job), which_(std::move(which)), options_(std::move(options)), scale_(scale) {
  key_ = options_.columns("key");
  is_grand_total_ = key_.empty();
  if (tells_currency()) key_.push_back(options_.text("currency"));
  if (options_.has("id")) id_ = options_.columns("id");
  counts_rows_ = options_.text("aggregate") == "count" || !options_.has("amount");
  factor_ = counts_rows_ ? Factor() : Factor::read(job, options_);
}

std::string Side::unknown() const {
  if (!factor_) return "a factor that is not known";
  for (const RecordedVersion& version : versions()) {
    const RowShape shape = row_shape(version.folder);
    const Column* amount = counts_rows_ ? nullptr : shape.schema.find(options_.text("amount"));
    if (amount != nullptr && amount->type.scale + factor_->digits > scale_)
      return "amounts of dataset '" + version.dataset + "' have more digits than the breaks";
  }
  return {};
}

std::vector<RecordedVersion> Side::versions() const {
  std::vector<RecordedVersion> all;
  for (const std::string& dataset : datasets()) {
    const auto versions = job_.inputs.find(dataset);
    if (versions == job_.inputs.end())
      throw Error(ErrorClass::data, "the run has no version of '" + dataset + "' on record");
    all.insert(all.end(), versions->second.begin(), versions->second.end());
  }
  return all;
}

std::string Side::condition() const {
  const auto found = job_.expressions.find(which_ + " where");
  return found == job_.expressions.end() ? std::string() : found->second;
}

std::vector<std::string> Side::datasets() const {
  if (!options_.has("dataset")) return options_.texts("datasets");
  return {input_name(options_)};
}

std::vector<std::size_t> Side::id_places() const {
  return places(also_place() + also_.size(), std::max<std::size_t>(id_.size(), 1));
}

std::string Side::name_of_key(const SideRow& row) const {
  return key_.empty() ? "all rows" : name_of(*row.row, *row.columns, places(0, key_.size()));
}

void Side::read(Engine& engine, const std::function<void(const SideRow&)>& take) const {
  const std::string where = condition();
  for (const RecordedVersion& version : versions()) {
    const Schema schema = row_shape(version.folder).schema;
    std::vector<std::string> names = key_;
    if (!counts_rows_) names.push_back(options_.text("amount"));
    names.insert(names.end(), also_.begin(), also_.end());
    if (id_.empty() && schema.key.size() == 1) names.push_back(schema.key.front());
    names.insert(names.end(), id_.begin(), id_.end());
    const std::vector<Column> columns = columns_named(schema, names, version.dataset);
    const std::size_t amount = key_.size();
    const Int128 one =
        counts_rows_ ? power_of_ten(scale_)
                     : factor_.value_or(Factor()).to_scale(columns[amount].type.scale, scale_);
    read_rows(engine, version, columns, where, [&](const Row& row) {
      SideRow side{.key = key_hash(row, columns, key_.size()), .row = &row, .columns = &columns};
      for (std::size_t i = 0; i < key_.size(); ++i)
        side.has_missing_key = side.has_missing_key || row.is_null(i);
      if (counts_rows_)
        side.amount = one;
      else if (!row.is_null(amount))
        side.amount = row.units(amount) * one;
      take(side);
    });
  }
}

bool Tolerance::read_limit(const RecordedJob& job, YamlNode node, int scale, Limit& limit) {
  const auto number = [&](const char* key, int digits, std::optional<Int128>& into) {
    const YamlNode value = node.find(key);
    if (value) into = number_of_text(job, std::string(value.text()), digits);
    return !value || into;
  };
  return number("up_to", scale, limit.up_to) && number("abs", scale, limit.abs) &&
         number("rel", kRatioScale, limit.rel);
}

std::optional<Tolerance> Tolerance::read(const RecordedJob& job, YamlNode node, int scale) {
  Tolerance tolerance;
  Limit otherwise;
  if (node && !read_limit(job, node, scale, otherwise)) return std::nullopt;
  if (const YamlNode bands = node ? node.find("bands") : YamlNode())
    for (std::size_t i = 0; i < bands.size(); ++i)
      if (!read_limit(job, bands[i], scale, tolerance.limits_.emplace_back())) return std::nullopt;
  tolerance.limits_.push_back(otherwise);
  return tolerance;
}

Tolerance Tolerance::none() {
  Tolerance tolerance;
  tolerance.limits_.emplace_back();
  return tolerance;
}

std::optional<Tolerance> Tolerance::of_share(const RecordedJob& job, const std::string& share,
                                             std::optional<Int128> most) {
  const auto rel = number_of_text(job, share, kRatioScale);
  if (!rel) return std::nullopt;
  Tolerance tolerance;
  tolerance.limits_.push_back({.up_to = {}, .abs = most, .rel = rel});
  return tolerance;
}

Int128 Tolerance::allowed(Int128 left, Int128 right) const {
  const Int128 larger = std::max(left < 0 ? -left : left, right < 0 ? -right : right);
  const auto limit = std::find_if(limits_.begin(), limits_.end(), [&](const Limit& each) {
    return !each.up_to || larger <= *each.up_to;
  });
  if (!limit->rel) return limit->abs.value_or(0);
  const Int128 whole = power_of_ten(kRatioScale);
  // Whole units and the rest apart, so that no sum of 38 digits overflows.
  const Int128 share = larger / whole * *limit->rel + larger % whole * *limit->rel / whole;
  return limit->abs ? std::min(*limit->abs, share) : share;
}

std::optional<Int128> Tolerance::allowed(std::optional<Int128> left,
                                         std::optional<Int128> right) const {
  if (limits_.size() == 1 && !limits_.front().rel) return limits_.front().abs.value_or(0);
  if (!left || !right) return std::nullopt;
  return allowed(*left, *right);
}

}  // namespace tallymill::verify
