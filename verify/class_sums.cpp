#include "verify/class_sums.h"

#include <set>

namespace tallymill::verify {

std::uint32_t Currencies::number_of(std::string_view name) {
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  names_.emplace_back(name);
  return numbers_.emplace(name, static_cast<std::uint32_t>(names_.size() - 1)).first->second;
}

void ClassSums::add(const std::string& currency, std::size_t side, std::size_t sides,
                    std::int64_t of_rows, Int128 amount) {
  std::vector<Int128>& of = sums[currency];
  of.resize(sides);
  rows += of_rows;
  of[side] += amount;
}

std::string ClassTexts::text(const std::string& name, std::int64_t rows, const auto& amount_of,
                             const std::vector<std::string>& currencies) const {
  std::string text = name + ": " + std::to_string(rows) + " rows";
  for (const std::string& currency : currencies)
    for (std::size_t side = 0; side < sides_.size(); ++side)
      text += ", " + sides_[side] + " " + (currency.empty() ? "" : currency + " ") +
              amount_of(currency, side);
  return text;
}

void ClassTexts::compare(const RecordedJob& job, const json::object& entry,
                         const ClassSums& counted, const std::string& identity,
                         Proof& proof) const {
  const std::string name = json_text(entry, "name");
  const json::object& amounts = entry.at("amounts").as_object();
  std::set<std::string> found;
  for (const auto& [currency, sums] : counted.sums) found.insert(currency);
  for (const auto& [key, amount] : amounts) {
    const std::string told(key);
    for (const std::string& side : sides_)
      if (told.starts_with(side + "_amount "))
        found.insert(told.substr(side.size() + std::string_view("_amount ").size()));
  }
  if (found.empty()) found.insert("");
  const std::vector<std::string> currencies(found.begin(), found.end());
  const std::string nothing = format_decimal(0, scale_);
  const auto counted_amount = [&](const std::string& currency, std::size_t side) {
    const auto sums = counted.sums.find(currency);
    return sums == counted.sums.end() ? nothing : format_decimal(sums->second[side], scale_);
  };
  const auto told_amount = [&](const std::string& currency, std::size_t side) {
    return json_text_or(
        amounts, sides_[side] + "_amount" + (currency.empty() ? "" : " ") + currency, nothing);
  };
  proof.looked_at(identity, 1);
  std::string expected = text(name, counted.rows, counted_amount, currencies);
  std::string told = text(name, json_integer(entry, "rows"), told_amount, currencies);
  if (expected != told)
    proof.fails({.dataset = job.job,
                 .identity = identity,
                 .expected = std::move(expected),
                 .found = std::move(told)});
}

void ClassTexts::compare(const RecordedJob& job, std::map<std::string, ClassSums> classes,
                         const std::string& identity, Proof& proof) const {
  if (!job.ledger.contains("out")) return;
  for (const json::value& value : job.ledger.at("out").as_array()) {
    const json::object& entry = value.as_object();
    const std::string name = json_text(entry, "name");
    compare(job, entry, classes[name], identity, proof);
    classes.erase(name);
  }
  for (const auto& [name, counted] : classes) {
    proof.looked_at(identity, 1);
    proof.fails({.dataset = job.job,
                 .identity = identity,
                 .expected = name + ": " + std::to_string(counted.rows) + " rows",
                 .found = "none"});
  }
}

}  // namespace tallymill::verify
