#include "verify/key_sums.h"

#include <map>

#include "core/error.h"
#include "core/text.h"
#include "verify/hash_index.h"
#include "verify/sides.h"

namespace tallymill::verify {
namespace {

struct Totals {
  std::string name;
  std::vector<Int128> sums;  ///< by part: left ones, then right ones
};

class KeySumCheck {
 public:
  KeySumCheck(Engine& engine, const RecordedJob& job, const KeyIdentity& identity, Proof& proof)
      : engine_(engine), job_(job), identity_(identity), proof_(proof) {
    parts_ = identity.left;
    parts_.insert(parts_.end(), identity.right.begin(), identity.right.end());
  }

  void check() {
    for (std::size_t part = 0; part < parts_.size(); ++part) add(part);
    for (const UInt128 key : order_) judge(totals_.at(key));
    proof_.looked_at(identity_.name, static_cast<std::int64_t>(order_.size()));
  }

 private:
  void add(std::size_t number) {
    const KeySum& part = parts_[number];
    std::vector<std::string> names = part.key;
    names.push_back(part.amount);
    const std::vector<std::size_t> key_places = places(0, part.key.size());
    for (const RecordedVersion& version : part.versions) {
      const std::vector<Column> columns =
          columns_named(row_shape(version.folder).schema, names, version.dataset);
      const Type& type = columns.back().type;
      scale_ = type.is_decimal() ? type.scale : 0;
      read_rows(engine_, version, columns, part.where, [&](const Row& row) {
        const UInt128 key = key_hash(row, columns, part.key.size());
        const auto [entry, is_new] = totals_.try_emplace(key);
        if (is_new) {
          entry->second = {name_of(row, columns, key_places), std::vector<Int128>(parts_.size())};
          order_.push_back(key);
        }
        if (!row.is_null(part.key.size())) entry->second.sums[number] += row.units(part.key.size());
      });
    }
  }

  std::string text(const Totals& totals, std::size_t from, std::size_t to) const {
    std::vector<std::string> terms;
    for (std::size_t i = from; i < to; ++i)
      terms.push_back(parts_[i].label + " " + format_decimal(totals.sums[i], scale_));
    return terms.empty() ? format_decimal(0, scale_) : join(terms, " + ");
  }

  void judge(const Totals& totals) {
    const std::size_t left = identity_.left.size();
    Int128 difference = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      difference += i < left ? totals.sums[i] : -totals.sums[i];
    if (difference != 0)
      proof_.fails({.dataset = job_.job,
                    .identity = identity_.name,
                    .expected = totals.name + ": " + text(totals, 0, left),
                    .found = text(totals, left, parts_.size())});
    if (identity_.certified_as.empty()) return;
    json::object line{{"pool", totals.name}};
    for (std::size_t i = 0; i < parts_.size(); ++i)
      line[parts_[i].label] = format_decimal(totals.sums[i], scale_);
    proof_.certify(identity_.certified_as, std::move(line));
  }

  Engine& engine_;
  const RecordedJob& job_;
  const KeyIdentity& identity_;
  Proof& proof_;
  std::vector<KeySum> parts_;
  ByHash<Totals> totals_;
  std::vector<UInt128> order_;  ///< of first sight, so that what is told has an order
  int scale_ = 0;
};

}  // namespace

void check_key_sums(Engine& engine, const RecordedJob& job, const KeyIdentity& identity,
                    Proof& proof) {
  KeySumCheck(engine, job, identity, proof).check();
}

std::vector<std::string> key_of(const RecordedVersion& version) {
  return row_shape(version.folder).schema.key;
}

}  // namespace tallymill::verify
