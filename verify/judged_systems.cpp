#include "verify/judged_systems.h"

#include "verify/break_facts.h"

namespace tallymill::verify {
namespace {

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

}  // namespace

JudgedSystems::JudgedSystems(const RecordedJob& job, const Schema& breaks, int scale)
    : job_(job),
      shape_(breaks),
      scale_(scale),
      leaves_open_(job.options.text("missing_key") == "break") {
  for (const YamlNode& node : job.options.list("systems")) {
    const Options options(node);
    const std::string name = options.text("name");
    systems_.push_back({.side = Side(job, name, options, scale_),
                        .name = name,
                        .role = options.text("role", "agrees")});
  }
  for (std::size_t i = 0; i < systems_.size(); ++i) {
    has_equation_ = has_equation_ || systems_[i].role != "agrees";
    if (systems_[i].role == "closing" && reference_ == 0) reference_ = i;
    if (systems_[i].role == "agrees") agreeing_.push_back(i);
  }
  if (has_equation_ && !agreeing_.empty()) agreeing_.push_back(reference_);
}

std::string JudgedSystems::plan() {
  if (systems_.empty()) return "there are no systems";
  tolerance_ = Tolerance::read(
      job_, job_.options.has("tolerance") ? job_.options.node("tolerance") : YamlNode(), scale_);
  if (!tolerance_) return "a tolerance of a parameter that is not known";
  const std::size_t key_size = systems_.front().side.key_size();
  if (shape_.columns.size() <= key_size) return "the breaks do not have its key";
  for (std::size_t i = 0; i < key_size; ++i) key_.push_back(shape_.columns[i + 1]);
  for (const System& system : systems_) {
    if (std::string unknown = system.side.unknown(); !unknown.empty()) return unknown;
    for (const RecordedVersion& version : system.side.versions())
      knows_ids_ =
          knows_ids_ && has_same_types(key_, row_shape(version.folder).schema, system.side.key());
  }
  return {};
}

void JudgedSystems::read(Engine& engine) {
  for (std::size_t i = 0; i < systems_.size(); ++i) read(engine, i);
}

void JudgedSystems::read(Engine& engine, std::size_t number) {
  System& system = systems_[number];
  system.side.read(engine, [&](const SideRow& row) {
    const auto [entry, is_new] = keys_.try_emplace(hash(row, number), hashes_.size());
    if (is_new) {
      hashes_.push_back(entry->first);
      currency_of_.push_back(currencies_.number_of(system.side.currency_of(row)));
      holdings_.resize(holdings_.size() + systems_.size());
    }
    Holding& own = holdings_[entry->second * systems_.size() + number];
    for (Holding* each : {&own, &system.total}) {
      ++each->rows;
      each->sum += row.amount.value_or(0);
      each->has_amount = each->has_amount || row.amount;
    }
  });
}

Int128 JudgedSystems::expected(std::size_t key) const {
  Int128 sum = 0;
  for (std::size_t i = 0; i < systems_.size(); ++i) {
    const std::string& role = systems_[i].role;
    if (role == "opening" || role == "in") sum += holding(key, i).sum;
    if (role == "out") sum -= holding(key, i).sum;
  }
  return sum;
}

/// Whether an agreeing system's amount is another one than the reference's, and too far from it.
bool JudgedSystems::is_off(std::size_t key, std::size_t system) const {
  const auto own = holding(key, system).amount();
  const auto other = holding(key, reference_).amount();
  if (own == other) return false;
  return !own || !other || magnitude(*own - *other) > tolerance_->allowed(*own, *other);
}

std::string JudgedSystems::class_of(std::size_t key) const {
  bool has = false;
  bool lacks = false;
  bool off = false;
  bool unequal = false;
  for (const std::size_t i : agreeing_) {
    has = has || holding(key, i).rows > 0;
    lacks = lacks || holding(key, i).rows == 0;
    if (i == reference_) continue;
    off = off || is_off(key, i);
    unequal = unequal || holding(key, i).amount() != holding(key, reference_).amount();
  }
  if (has && lacks) return "missing";
  for (std::size_t i = 0; i < systems_.size(); ++i)
    if (!systems_[i].side.is_aggregated() && holding(key, i).rows > 1) return "duplicate";
  const Int128 closing = holding(key, reference_).sum;
  const Int128 gap = has_equation_ ? magnitude(expected(key) - closing) : 0;
  if (gap > 0 && gap > tolerance_->allowed(expected(key), closing)) return "residual";
  if (off) return "amount";
  return unequal || gap > 0 ? "within_tolerance" : "matched";
}

/// Of the agreeing systems' amounts the one farthest from the reference; the first of equals.
std::optional<Int128> JudgedSystems::worst_amount(std::size_t key) const {
  std::optional<Int128> worst;
  Int128 widest = -1;
  for (const std::size_t i : agreeing_) {
    if (i == reference_) continue;
    const Int128 gap = magnitude(holding(key, i).sum - holding(key, reference_).sum);
    if (gap <= widest) continue;
    widest = gap;
    worst = holding(key, i).amount();
  }
  return worst;
}

std::string JudgedSystems::gap_text(Int128 a, Int128 b) const {
  return format_decimal(magnitude(a - b), scale_);
}

KeyVerdict JudgedSystems::verdict(std::size_t key) const {
  KeyVerdict told{.what = class_of(key)};
  const bool is_residual = told.what == "residual";
  const Holding& reference = holding(key, reference_);
  told.left = is_residual ? std::optional(expected(key)) : reference.amount();
  told.right = is_residual ? std::optional(reference.sum) : worst_amount(key);
  const auto add = [&](const std::string& name, const std::string& distance) {
    told.failed += (told.failed.empty() ? "" : ", ") + name;
    told.distance += (told.distance.empty() ? "" : ", ") + distance;
  };
  if (is_residual) add(systems_[reference_].name, gap_text(expected(key), reference.sum));
  for (std::size_t i = 0; i < systems_.size(); ++i)
    if (!systems_[i].side.is_aggregated() && holding(key, i).rows > 1)
      add(systems_[i].name, std::to_string(holding(key, i).rows) + " rows");
  for (const std::size_t i : agreeing_) {
    const Holding& own = holding(key, i);
    if (told.what == "missing" && own.rows == 0)
      add(systems_[i].name, "missing");
    else if (i != reference_ && reference.rows > 0 && is_off(key, i))
      add(systems_[i].name,
          own.has_amount && reference.has_amount ? gap_text(own.sum, reference.sum) : "missing");
  }
  return told;
}

std::int64_t JudgedSystems::other_rows(std::size_t key) const {
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < systems_.size(); ++i)
    if (i != reference_) rows += holding(key, i).rows;
  return rows;
}

std::vector<std::size_t> JudgedSystems::keys_of(UInt128 hash, bool has_missing_key) const {
  std::vector<std::size_t> found;
  const auto add = [&](UInt128 wanted) {
    if (const auto key = keys_.find(wanted); key != keys_.end()) found.push_back(key->second);
  };
  if (!leaves_open_ || !has_missing_key) add(hash);
  for (std::size_t i = 0; leaves_open_ && has_missing_key && i < systems_.size(); ++i)
    add(open_key(hash, i));
  return found;
}

std::map<std::string, ClassSums> JudgedSystems::classes() const {
  std::map<std::string, ClassSums> classes;
  for (std::size_t key = 0; key < size(); ++key) {
    ClassSums& into = classes[class_of(key)];
    for (std::size_t i = 0; i < systems_.size(); ++i)
      into.add(currencies_.name(currency_of_[key]), i, systems_.size(), holding(key, i).rows,
               holding(key, i).sum);
  }
  return classes;
}

std::map<std::string, std::map<std::string, Int128>> JudgedSystems::equation() const {
  std::map<std::string, std::map<std::string, Int128>> all;
  if (!tells_currencies()) all[""];
  for (std::size_t key = 0; key < size(); ++key) {
    std::map<std::string, Int128>& sums = all[currencies_.name(currency_of_[key])];
    for (std::size_t i = 0; i < systems_.size(); ++i)
      if (systems_[i].role != "agrees") sums[systems_[i].role] += holding(key, i).sum;
  }
  for (auto& [currency, sums] : all)
    sums["residual"] = sums["opening"] + sums["in"] - sums["out"] - sums["closing"];
  return all;
}

}  // namespace tallymill::verify
