#include "verify/break_facts.h"

#include <algorithm>

#include "core/digest.h"

namespace tallymill::verify {
namespace {

constexpr std::size_t kIdDigits = 32;

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

/// a * n = b; a product beyond 128 bits is no amount.
bool is_multiple(Int128 a, Int128 n, Int128 b) {
  Int128 product = 0;
  return !__builtin_mul_overflow(a, n, &product) && product == b;
}

/// Both amounts are there and differ: why, as far as numbers tell.
std::string cause_of_amounts(const BreakFacts& facts) {
  const Int128 left = *facts.left;
  const Int128 right = *facts.right;
  if (left == -right) return "sign";
  const std::int64_t more = std::max(facts.left_rows, facts.right_rows);
  const std::int64_t fewer = std::min(facts.left_rows, facts.right_rows);
  if (left != 0 && more != fewer && fewer > 0 && more % fewer == 0) {
    const bool is_repeated = facts.left_rows == more ? is_multiple(right, more / fewer, left)
                                                     : is_multiple(left, more / fewer, right);
    if (is_repeated) return "duplicate";
  }
  for (const int factor : {10, 100, 1000})
    if (left != 0 && (is_multiple(left, factor, right) || is_multiple(right, factor, left)))
      return "unit";
  return magnitude(left - right) <= std::max<std::int64_t>(more, 1) ? "rounding" : "amount";
}

}  // namespace

std::string break_id(const RecordedJob& job, std::span<const std::optional<std::string>> parts) {
  std::string text = job.graph + "/" + job.job;
  if (!job.partition.empty()) text += "/" + job.partition;
  for (const std::optional<std::string>& part : parts)
    text += part ? "|" + std::to_string(part->size()) + ":" + *part : std::string("|-");
  return sha256_hex(text).substr(0, kIdDigits);
}

bool has_same_types(std::span<const Column> key, const Schema& schema,
                    std::span<const std::string> names) {
  for (std::size_t i = 0; i < key.size(); ++i) {
    const Column* column = schema.find(names[i]);
    if (column == nullptr || column->type.sql() != key[i].type.sql()) return false;
  }
  return true;
}

std::string cause_of(const BreakFacts& facts) {
  if (!facts.has_whole_key) return "missing_key";
  if (facts.class_name == "right_only") return "missing_left";
  if (facts.class_name == "left_only") return "missing_right";
  if (facts.class_name != "amount") return std::string(facts.class_name);
  return facts.left && facts.right ? cause_of_amounts(facts) : "no_amount";
}

void ToldFields::expect(std::size_t column, const std::optional<std::string>& value) {
  const bool is_sensitive = columns_[column].sensitive;
  expect(column, is_sensitive ? std::string(kMaskedValue) : value.value_or("(none)"),
         row_.printed(column) == value);
}

void ToldFields::expect(std::size_t column, const std::string& value, bool is_equal) {
  if (is_equal) return;
  expected_ += ", " + columns_[column].name + " " + value;
  found_ += ", " + columns_[column].name + " " + row_.shown(column);
}

void leave_out_rules(const RecordedJob& job, Proof& proof) {
  const auto rule = [&](const char* option) {
    const YamlNode node = job.options.node(option);
    return "'" + (node.is_mapping() ? Options(node).text("rule") : std::string(node.text())) + "'";
  };
  if (job.options.has("classify"))
    proof.leaves_out("the causes of breaks: rule " + rule("classify") + " gives them");
  if (job.options.has("accept"))
    proof.leaves_out("which breaks are accepted: rule " + rule("accept") + " says so");
}

}  // namespace tallymill::verify
