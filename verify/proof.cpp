#include "verify/proof.h"

namespace tallymill::verify {

Proof::Identity& Proof::identity(const std::string& name) {
  for (Identity& each : identities_)
    if (each.name == name) return each;
  return identities_.emplace_back(Identity{.name = name});
}

void Proof::looked_at(const std::string& name, std::int64_t times) {
  identity(name).times += times;
}

void Proof::fails(Mismatch mismatch) {
  ++failures_;
  Identity& broken = identity(mismatch.identity);
  ++broken.failures;
  if (broken.failures <= kExamples) broken.examples.push_back(std::move(mismatch));
}

void Proof::certify(const std::string& list, json::object line) {
  if (!lists_.contains(list)) lists_[list] = json::array();
  lists_[list].as_array().push_back(std::move(line));
}

json::object Proof::to_json() const {
  json::array identities;
  json::array mismatches;
  for (const Identity& each : identities_) {
    identities.push_back(
        json::object{{"identity", each.name}, {"times", each.times}, {"failures", each.failures}});
    for (const Mismatch& mismatch : each.examples) {
      json::object line{{"dataset", mismatch.dataset}};
      if (!mismatch.file.empty()) line["file"] = mismatch.file;
      if (mismatch.line) line["line"] = *mismatch.line;
      line["identity"] = mismatch.identity;
      line["expected"] = mismatch.expected;
      line["found"] = mismatch.found;
      mismatches.push_back(std::move(line));
    }
  }
  json::array left_out;
  for (const std::string& what : left_out_) left_out.emplace_back(what);
  json::object proof{{"holds", holds()},
                     {"identities", std::move(identities)},
                     {"failures", failures_},
                     {"mismatches", std::move(mismatches)},
                     {"left_out", std::move(left_out)}};
  for (const auto& [name, list] : lists_) proof[name] = list;
  return proof;
}

}  // namespace tallymill::verify
