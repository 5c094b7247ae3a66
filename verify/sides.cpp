#include "verify/sides.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "verify/hash_index.h"

namespace tallymill::verify {
namespace {

constexpr int kRatioScale = 9;
constexpr int kWidestScale = 18;

Int128 power_of_ten(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// "0.05", or param(tolerance).
std::optional<Int128> number_of_text(const RecordedJob& job, std::string text, int scale) {
  if (text.starts_with("param(") && text.ends_with(")")) {
    const auto param = job.params.find(text.substr(6, text.size() - 7));
    if (param == job.params.end()) return std::nullopt;
    text = param->second.value;
  }
  const auto parsed = parse_decimal(text, 38, scale, true);
  return parsed ? std::optional(parsed.value) : std::nullopt;
}

}  // namespace

UInt128 key_hash(const Row& row, const std::vector<Column>& columns, std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const Type& type = columns[i].type;
    if (row.is_null(i) || !type.is_decimal() || type.scale > kWidestScale) {
      row.encode(i, bytes);
      continue;
    }
    const auto value = static_cast<UInt128>(row.units(i) * power_of_ten(kWidestScale - type.scale));
    bytes += 'v';
    for (int byte = 0; byte < 16; ++byte)
      bytes += static_cast<char>(static_cast<std::uint8_t>(value >> (8 * byte)));
  }
  return number_of(xxh3_128(bytes));
}

Side::Side(const RecordedJob& job, const std::string& which, int scale)
    : job_(job), which_(which), options_(job.options.object(which)), scale_(scale) {
  key_ = options_.columns("key");
  if (options_.has("id")) id_ = options_.columns("id");
  counts_rows_ = options_.text("aggregate") == "count";
}

std::vector<std::string> Side::datasets() const {
  if (!options_.has("dataset")) return options_.texts("datasets");
  return {input_name(options_)};
}

std::vector<std::size_t> Side::id_places() const {
  return places(key_.size() + (counts_rows_ ? 0 : 1), std::max<std::size_t>(id_.size(), 1));
}

std::string Side::name_of_key(const SideRow& row) const {
  return key_.empty() ? "all rows" : name_of(*row.row, *row.columns, places(0, key_.size()));
}

void Side::read(Engine& engine, const std::function<void(const SideRow&)>& take) const {
  const auto condition = job_.expressions.find(which_ + " where");
  for (const std::string& dataset : datasets()) {
    const auto versions = job_.inputs.find(dataset);
    if (versions == job_.inputs.end())
      throw Error(ErrorClass::data, "the run has no version of '" + dataset + "' on record");
    for (const RecordedVersion& version : versions->second) {
      const Schema schema = row_shape(version.folder).schema;
      std::vector<std::string> names = key_;
      if (!counts_rows_) names.push_back(options_.text("amount"));
      if (id_.empty() && schema.key.size() == 1) names.push_back(schema.key.front());
      names.insert(names.end(), id_.begin(), id_.end());
      const std::vector<Column> columns = columns_named(schema, names, version.dataset);
      const std::size_t amount = key_.size();
      read_rows(engine, version, columns,
                condition == job_.expressions.end() ? std::string() : condition->second,
                [&](const Row& row) {
                  SideRow side{
                      .key = key_hash(row, columns, key_.size()), .row = &row, .columns = &columns};
                  for (std::size_t i = 0; i < key_.size(); ++i)
                    side.has_missing_key = side.has_missing_key || row.is_null(i);
                  if (counts_rows_) {
                    side.amount = power_of_ten(scale_);
                  } else if (!row.is_null(amount)) {
                    const Type& type = columns[amount].type;
                    side.amount = row.units(amount) *
                                  power_of_ten(scale_ - (type.is_decimal() ? type.scale : 0));
                  }
                  take(side);
                });
    }
  }
}

std::optional<Tolerance> Tolerance::read(const RecordedJob& job, YamlNode node, int scale) {
  Tolerance tolerance;
  if (!node) return tolerance;
  if (node.find("bands")) return std::nullopt;
  if (const YamlNode abs = node.find("abs")) {
    tolerance.abs_ = number_of_text(job, std::string(abs.text()), scale);
    if (!tolerance.abs_) return std::nullopt;
  }
  if (const YamlNode rel = node.find("rel")) {
    tolerance.rel_ = number_of_text(job, std::string(rel.text()), kRatioScale);
    if (!tolerance.rel_) return std::nullopt;
  }
  return tolerance;
}

Int128 Tolerance::allowed(Int128 left, Int128 right) const {
  if (!rel_) return abs_.value_or(0);
  const Int128 larger = std::max(left < 0 ? -left : left, right < 0 ? -right : right);
  const Int128 whole = power_of_ten(kRatioScale);
  // Whole units and the rest apart, so that no sum of 38 digits overflows.
  const Int128 share = larger / whole * *rel_ + larger % whole * *rel_ / whole;
  return abs_ ? std::min(*abs_, share) : share;
}

}  // namespace tallymill::verify
