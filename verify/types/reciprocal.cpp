#include "core/text.h"
#include "verify/key_sums.h"
#include "verify/published_rows.h"
#include "verify/service_ends.h"
#include "verify/verifier.h"

namespace tallymill::verify {
namespace {

const std::string kParts = "every part is its receiver's share, exact to the unit";
const std::string kReceivers = "every centre has one part for each receiver its cost ends at";
const std::string kParked = "a centre is parked if its cost goes round and never ends";

constexpr int kUnitDigits = 38;

int scale_of(const Column& column) { return column.type.is_decimal() ? column.type.scale : 0; }

class ReciprocalCheck {
 public:
  ReciprocalCheck(Engine& engine, const RecordedJob& job, Proof& proof)
      : engine_(engine),
        job_(job),
        pool_(job.options.object("pool")),
        into_(made_version(job, job.options.text("into"))),
        parked_(made_version(job, job.job + ".parked")),
        proof_(proof),
        ends_(read_services()) {}

  void check() {
    read_pool();
    read_parts();
    read_parked();
    for (const auto& [centre, amount] : pools_) judge_centre(centre);
  }

 private:
  Services read_services() {
    const Options given = job_.options.object("services");
    const std::vector<std::string> names{given.text("from"), given.text("to"), given.text("units")};
    Services services;
    for (const RecordedVersion& version : input_versions(job_, "services")) {
      const std::vector<Column> columns =
          columns_named(row_shape(version.folder).schema, names, version.dataset);
      const Whole unit = pow(Whole(10), static_cast<unsigned>(kUnitDigits - scale_of(columns[2])));
      read_rows(engine_, version, columns, {}, [&](const Row& row) {
        if (!row.is_null(0) && !row.is_null(1) && !row.is_null(2))
          services[std::string(row.text(0))][std::string(row.text(1))] += row.units(2) * unit;
      });
    }
    return services;
  }

  void read_pool() {
    const std::vector<std::string> names{pool_.text("centre"), pool_.text("amount")};
    for (const RecordedVersion& version : input_versions(job_, "pool")) {
      const std::vector<Column> columns =
          columns_named(row_shape(version.folder).schema, names, version.dataset);
      scale_ = scale_of(columns[1]);
      read_rows(engine_, version, columns, {}, [&](const Row& row) {
        if (!row.is_null(0) && !row.is_null(1)) pools_[std::string(row.text(0))] += row.units(1);
      });
    }
  }

  void fail(const RecordedVersion& version, const Row& row, const std::string& identity,
            std::string expected, std::string found) {
    proof_.fails({.dataset = version.dataset,
                  .file = std::string(row.file()),
                  .line = row.line(),
                  .identity = identity,
                  .expected = std::move(expected),
                  .found = std::move(found)});
  }

  /// What each receiver shall have of a centre's cost; worked out once.
  const std::map<std::string, Int128>& shares_of(const std::string& centre) {
    const auto [entry, is_new] = shares_.try_emplace(centre);
    if (const auto pool = pools_.find(centre);
        is_new && pool != pools_.end() && !ends_.is_closed(centre))
      entry->second = parts_by(ends_.of(centre), pool->second);
    return entry->second;
  }

  void read_parts() {
    const std::vector<std::string> names{pool_.text("centre"), "receiver", "amount"};
    const std::vector<Column> columns =
        columns_named(row_shape(into_.folder).schema, names, into_.dataset);
    std::int64_t parts = 0;
    read_rows(engine_, into_, columns, {}, [&](const Row& row) {
      ++parts;
      const std::string centre = row.printed(0).value_or("");
      const std::string receiver = row.printed(1).value_or("");
      const auto& shares = shares_of(centre);
      const auto share = shares.find(receiver);
      if (share == shares.end())
        return fail(into_, row, kReceivers, "a receiver that the cost of " + centre + " ends at",
                    receiver);
      if (!told_[centre].insert(receiver).second)
        return fail(into_, row, kReceivers, receiver + " of centre " + centre + " once", "again");
      const std::string expected = format_decimal(share->second, scale_);
      if (row.printed(2) != expected)
        fail(into_, row, kParts, expected + " for " + receiver + " of centre " + centre,
             row.shown(2));
    });
    proof_.looked_at(kParts, parts);
  }

  void read_parked() {
    const std::vector<std::string> names{pool_.text("centre"), "reason", "loop"};
    const std::vector<Column> columns =
        columns_named(row_shape(parked_.folder).schema, names, parked_.dataset);
    read_rows(engine_, parked_, columns, {}, [&](const Row& row) {
      const std::string centre = row.printed(0).value_or("");
      const std::string loop = row.printed(2).value_or("");
      if (!is_parked_.insert(centre).second)
        return fail(parked_, row, kParked, "centre " + centre + " once", "again");
      if (!ends_.is_closed(centre) || !pools_.contains(centre))
        return fail(parked_, row, kParked, "centre " + centre + " not parked, its cost ends",
                    "parked");
      if (row.printed(1) != "closed_loop" || !ends_.keeps(loop, centre))
        fail(parked_, row, kParked, "closed_loop, a way round that keeps the cost of " + centre,
             row.shown(1) + ", " + loop);
    });
  }

  void judge_centre(const std::string& centre) {
    const auto miss = [&](const std::string& identity, std::string expected) {
      proof_.fails({.dataset = job_.job,
                    .identity = identity,
                    .expected = std::move(expected),
                    .found = "none"});
    };
    proof_.looked_at(kParked, 1);
    proof_.looked_at(kReceivers, 1);
    if (ends_.is_closed(centre)) {
      if (!is_parked_.contains(centre)) miss(kParked, "centre " + centre + " parked");
      return;
    }
    for (const auto& [receiver, amount] : shares_of(centre))
      if (!told_[centre].contains(receiver))
        miss(kReceivers, "a part of centre " + centre + " for " + receiver + ": " +
                             format_decimal(amount, scale_));
  }

  Engine& engine_;
  const RecordedJob& job_;
  Options pool_;
  const RecordedVersion& into_;
  const RecordedVersion& parked_;
  Proof& proof_;
  ServiceEnds ends_;
  int scale_ = 0;
  std::map<std::string, Int128> pools_ = {};
  std::map<std::string, std::map<std::string, Int128>> shares_ = {};
  std::map<std::string, std::set<std::string>> told_ = {};
  std::set<std::string> is_parked_ = {};
};

void verify_reciprocal(Engine& engine, const RecordedJob& job, Proof& proof) {
  const Options pool = job.options.object("pool");
  const std::vector<std::string> centre{pool.text("centre")};
  const std::string into = job.options.text("into");
  check_key_sums(engine, job,
                 {.name = "of every centre: in = allocated + parked",
                  .left = {{"in", input_versions(job, "pool"), centre, pool.text("amount")}},
                  .right = {{"allocated", {made_version(job, into)}, centre, "amount"},
                            {"parked", {made_version(job, job.job + ".parked")}, centre, "amount"}},
                  .certified_as = "pools"},
                 proof);
  ReciprocalCheck(engine, job, proof).check();
}

}  // namespace
}  // namespace tallymill::verify

namespace tallymill {

void register_reciprocal(Registry<JobVerifier>& verifiers) {
  verifiers.add({.name = "reciprocal",
                 .summary = "What every centre costs reaches receivers by their shares, or is "
                            "parked.",
                 .verify = verify::verify_reciprocal});
}

}  // namespace tallymill
